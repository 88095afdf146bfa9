#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wardlock::audit {

/// The text as HTML, in elements and in attributes with double quotes: nothing of it is markup, and
/// what would deceive (control and bidirectional characters, bytes that are not UTF-8) is made
/// visible.
std::string html(std::string_view text);

/// `<time>` with the milliseconds since the epoch as date and time of day, UTC.
std::string html_time(std::int64_t milliseconds);

/// `1 event`, `2 events`, with thin spaces between thousands.
std::string counted(std::uint64_t count, std::string_view noun);
std::string grouped(std::uint64_t number);

}  // namespace wardlock::audit
