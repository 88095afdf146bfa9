#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardlock::directory {

/// No time is as late: the first moment of the year 10000, in milliseconds since the epoch.
inline constexpr std::int64_t kEndOfTime = 253'402'300'800'000;

/// A time of RFC 3339 §5.6, e.g. `2026-11-22T08:00:00.5+01:00`, in milliseconds since the epoch, or
/// nothing. Years 1970 to 9999; digits beyond milliseconds are dropped; no leap seconds.
std::optional<std::int64_t> parse_time(std::string_view text);

/// `2026-11-22T07:00:00.500Z`. Requires what `parse_time` returns.
std::string to_time_text(std::int64_t milliseconds);

}  // namespace wardlock::directory
