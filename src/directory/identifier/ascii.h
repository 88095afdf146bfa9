#pragma once

namespace wardlock::directory {

// Of ASCII alone, whatever the locale: other alphabets are no part of these identifiers.

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
constexpr char to_lower(char c) { return is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_capital_or_digit(char c) { return is_digit(c) || is_capital(c); }
constexpr bool is_letter_or_digit(char c) {
  return is_capital_or_digit(c) || (c >= 'a' && c <= 'z');
}
constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

}  // namespace wardlock::directory
