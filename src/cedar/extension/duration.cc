#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cedar/extension/cursor.h"
#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};

constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

/// The number that `digits` write, made negative: that side reaches further.
std::optional<std::int64_t> negated_number(std::string_view digits) {
  std::int64_t number = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_sub_overflow(number, c - '0', &number)) {
      return std::nullopt;
    }
  }
  return number;
}

/// Adds `<n><unit>` to the negated total. Nothing where the text does not go on with it.
std::optional<std::int64_t> take_quantity(Cursor& cursor, std::size_t& next_unit) {
  const std::string_view digits = cursor.take_all_digits();
  if (digits.empty()) return std::nullopt;
  while (next_unit < kUnits.size()) {
    const Unit& unit = kUnits[next_unit++];
    // `5ms` is not five minutes and an `s`.
    if (unit.name == "m" && cursor.rest().starts_with("ms")) continue;
    if (!cursor.take(unit.name)) continue;
    const auto count = negated_number(digits);
    std::int64_t quantity = 0;
    if (!count || __builtin_mul_overflow(*count, unit.ms, &quantity)) return std::nullopt;
    return quantity;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  Cursor cursor(text);
  const bool is_negative = cursor.take("-");
  if (cursor.at_end()) return std::nullopt;
  std::int64_t negated = 0;
  for (std::size_t next_unit = 0; !cursor.at_end();) {
    const auto quantity = take_quantity(cursor, next_unit);
    if (!quantity || __builtin_add_overflow(negated, *quantity, &negated)) return std::nullopt;
  }
  std::int64_t total = negated;
  if (!is_negative && __builtin_sub_overflow(std::int64_t{0}, negated, &total)) return std::nullopt;
  return total;
}

}  // namespace wardlock::cedar
