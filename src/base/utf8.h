#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardlock {

/// Whether the byte is not the first of a code point's.
bool is_continuation_byte(char c);

/// So many code points begin in the text. Bears invalid UTF-8.
std::uint32_t count_code_points(std::string_view text);

/// The offset of the first byte that is not part of valid UTF-8 (RFC 3629: no surrogates, nothing
/// above U+10FFFF, shortest forms only), or nothing.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// The offset of the first control character (C0, C1, DEL) or bidirectional control, which make an
/// identifier look like another one, or nothing. Requires valid UTF-8.
std::optional<std::size_t> find_deceptive_character(std::string_view text);

/// The text as it may be shown: deceptive characters other than newline and tab become `\u{…}`, and
/// bytes that are not UTF-8 become `\u{fffd}`. It cannot steer a terminal, and is valid UTF-8.
std::string printable(std::string_view text);

/// Appends a Unicode scalar value. Requires `code_point` to be one.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace wardlock
