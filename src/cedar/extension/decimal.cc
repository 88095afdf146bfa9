#include <cstdint>
#include <optional>
#include <string_view>

#include "cedar/extension/cursor.h"
#include "cedar/extension/extension.h"

namespace wardlock::cedar {

std::optional<std::int64_t> parse_decimal(std::string_view text) {
  constexpr std::size_t kFractionDigits = 4;
  Cursor cursor(text);
  const bool is_negative = cursor.take("-");
  const std::string_view whole = cursor.take_all_digits();
  if (whole.empty() || !cursor.take(".")) return std::nullopt;
  const std::string_view fraction = cursor.take_all_digits();
  if (fraction.empty() || fraction.size() > kFractionDigits || !cursor.at_end()) {
    return std::nullopt;
  }
  // Built with its sign, because the smallest number has no positive counterpart.
  std::int64_t ten_thousandths = 0;
  const auto append = [&](int digit) {
    return !__builtin_mul_overflow(ten_thousandths, 10, &ten_thousandths) &&
           !__builtin_add_overflow(ten_thousandths, is_negative ? -digit : digit, &ten_thousandths);
  };
  for (const char c : whole) {
    if (!append(c - '0')) return std::nullopt;
  }
  for (std::size_t i = 0; i < kFractionDigits; ++i) {
    if (!append(i < fraction.size() ? fraction[i] - '0' : 0)) return std::nullopt;
  }
  return ten_thousandths;
}

}  // namespace wardlock::cedar
