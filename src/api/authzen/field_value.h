#pragma once

#include <cstddef>
#include <string_view>

namespace wardlock::authzen {

/// Without the white space around it.
std::string_view trim(std::string_view text);

/// A token, or what is between the quotes of a quoted string (RFC 9110 §5.6), trimmed.
std::string_view unquoted(std::string_view text);

/// Where the first `separator` is that is not inside a quoted string; the text's length without
/// one.
std::size_t find_unquoted(std::string_view text, char separator);

}  // namespace wardlock::authzen
