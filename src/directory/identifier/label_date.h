#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace wardlock::directory {

/// A date as labels bear it: often without the day, sometimes with an hour.
struct LabelDate {
  std::int16_t year = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;  ///< 0: the label names the month only, and means its end
  std::optional<std::uint8_t> hour;
  std::optional<std::uint8_t> minute;

  friend bool operator==(const LabelDate&, const LabelDate&) = default;
};

/// `2015-07-07`, `2015-07`, `2015-07-07T14`, `2015-07-07T14:30`.
std::string to_string(const LabelDate& date);

/// What is wrong with the digits of a date, and where.
struct DateFault {
  std::uint32_t begin = 0;  ///< offset in the digits
  std::uint32_t end = 0;
  std::string message;  ///< `there is no month 13`
};

/// Reads a date laid out as `layout` says, a letter for each digit: `Y` year, `C` a century (0:
/// 2000, 9: 1900), `M` month, `D` day, `J` day of the year, `H` hour, `N` minute. Requires digits,
/// as many as the layout is long.
///
/// A year of two digits is the one that is at most 49 years before and 50 after `today`, as GS1's
/// General Specifications (7.12) determine it.
std::expected<LabelDate, DateFault> read_label_date(std::string_view digits,
                                                    std::string_view layout,
                                                    std::chrono::year today);

}  // namespace wardlock::directory
