#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardlock::directory {

/// Random bits for one UUID.
using UuidEntropy = std::array<std::uint8_t, 10>;

/// A UUID of version 7 (RFC 9562, 5.7): sorted as text, later milliseconds come later. `unix_ms`
/// before 1970 or after the year 10889 count as the nearest that fits.
std::string make_uuid7(std::int64_t unix_ms, const UuidEntropy& entropy);

/// The milliseconds in a UUID of version 7 in its normal form; nothing if it is none.
std::optional<std::int64_t> uuid7_time(std::string_view uuid);

}  // namespace wardlock::directory
