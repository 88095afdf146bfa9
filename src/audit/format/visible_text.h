#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wardlock::audit {

// Texts as messages carry them: on one line, valid UTF-8, and unable to pass for the end of a
// message, a line or a field.

/// Appends the text with every character that cannot be seen, breaks a line or turns the order of
/// others made visible as `\u{…}`. Bytes that are not UTF-8 become `\u{fffd}`. What is visible
/// stays as it is, a backslash as well.
void append_visible(std::string_view text, std::string& out);
std::string visible(std::string_view text);

/// `2026-11-22T08:43:48.123Z` (RFC 3339). A time before 1970 or after 9999, which some readers take
/// for no time at all, becomes the nearest that is one.
std::string message_time(std::int64_t milliseconds);

}  // namespace wardlock::audit
