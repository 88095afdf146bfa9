#include "directory/identifier/check_character.h"

#include <cstddef>

namespace wardlock::directory {
namespace {

constexpr std::string_view kHibcCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

char digit_to_ten(int sum) { return static_cast<char>('0' + ((10 - (sum % 10)) % 10)); }

}  // namespace

char gs1_check_digit(std::string_view digits) {
  int sum = 0;
  int weight = 3;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    sum += (*digit - '0') * weight;
    weight = 4 - weight;
  }
  return digit_to_ten(sum);
}

char luhn_check_digit(std::string_view digits) {
  int sum = 0;
  bool is_doubled = true;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    const int value = (*digit - '0') * (is_doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    is_doubled = !is_doubled;
  }
  return digit_to_ten(sum);
}

std::optional<char> hibc_check_character(std::string_view text) {
  std::size_t sum = 0;
  for (const char c : text) {
    const std::size_t value = kHibcCharacters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    sum += value;
  }
  return kHibcCharacters[sum % kHibcCharacters.size()];
}

}  // namespace wardlock::directory
