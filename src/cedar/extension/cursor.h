#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wardlock::cedar {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads a short text from its front. Every `take…` removes what it found, or removes nothing.
/// Borrows the text.
class Cursor {
 public:
  explicit constexpr Cursor(std::string_view text) : rest_(text) {}

  constexpr bool at_end() const { return rest_.empty(); }
  constexpr std::string_view rest() const { return rest_; }

  constexpr bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  /// Exactly `count` decimal digits, few enough for an int; more may follow them.
  constexpr std::optional<int> take_digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return std::nullopt;
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }

  /// All decimal digits in front; may be none.
  constexpr std::string_view take_all_digits() {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    const std::string_view digits = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return digits;
  }

 private:
  std::string_view rest_;
};

}  // namespace wardlock::cedar
