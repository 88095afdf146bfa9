#pragma once

#include <optional>
#include <string_view>

namespace wardlock::directory {

/// The digit that GS1 puts behind `digits`: weights 3, 1, 3, … from the right, to a multiple of
/// ten. Requires digits only.
char gs1_check_digit(std::string_view digits);

/// The digit that Luhn's formula (ISO/IEC 7812-1) puts behind `digits`. Requires digits only.
char luhn_check_digit(std::string_view digits);

/// The character that HIBC puts behind `text`: the sum modulo 43 over `0-9A-Z-. $/+%`. Nothing when
/// the text holds a character that is not among these.
std::optional<char> hibc_check_character(std::string_view text);

}  // namespace wardlock::directory
