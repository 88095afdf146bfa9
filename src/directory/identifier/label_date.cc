#include "directory/identifier/label_date.h"

#include <fmt/format.h>

#include <cstddef>

namespace wardlock::directory {
namespace {

/// The digits that stand where the layout has `letter`.
struct Field {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  int number = 0;

  bool is_there() const { return end != begin; }
};

Field field(std::string_view digits, std::string_view layout, char letter) {
  const std::size_t begin = layout.find(letter);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = layout.find_last_of(letter) + 1;
  int number = 0;
  for (const char c : digits.substr(begin, end - begin)) number = 10 * number + (c - '0');
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), number};
}

std::unexpected<DateFault> fault(const Field& field, std::string message) {
  return std::unexpected(
      DateFault{.begin = field.begin, .end = field.end, .message = std::move(message)});
}

int full_year(int two_digits, std::chrono::year today) {
  const int now = static_cast<int>(today);
  const int century = now - now % 100;
  const int ahead = two_digits - now % 100;
  if (ahead > 50) return century - 100 + two_digits;
  if (ahead < -49) return century + 100 + two_digits;
  return century + two_digits;
}

std::expected<int, DateFault> read_year(std::string_view digits, std::string_view layout,
                                        std::chrono::year today) {
  const Field year = field(digits, layout, 'Y');
  if (year.end - year.begin == 4) return year.number;
  const Field century = field(digits, layout, 'C');
  if (!century.is_there()) return full_year(year.number, today);
  if (century.number == 0) return 2000 + year.number;
  if (century.number == 9) return 1900 + year.number;
  return fault(century,
               fmt::format("a century is `0` for 2000 or `9` for 1900, not `{}`", century.number));
}

std::expected<void, DateFault> read_day_of_year(const Field& day, LabelDate& date) {
  using namespace std::chrono;
  const sys_days first = year(date.year) / January / 1;
  const sys_days found = first + days(day.number - 1);
  const year_month_day date_found(found);
  if (day.number == 0 || date_found.year() != year(date.year)) {
    return fault(day, fmt::format("{} has no day {}", date.year, day.number));
  }
  date.month = static_cast<std::uint8_t>(unsigned{date_found.month()});
  date.day = static_cast<std::uint8_t>(unsigned{date_found.day()});
  return {};
}

std::expected<void, DateFault> read_month_and_day(const Field& month, const Field& day,
                                                  LabelDate& date) {
  using namespace std::chrono;
  if (month.number < 1 || month.number > 12) {
    return fault(month, fmt::format("there is no month {:02}", month.number));
  }
  date.month = static_cast<std::uint8_t>(month.number);
  const year_month_day_last last =
      year(date.year) / std::chrono::month(date.month) / std::chrono::last;
  if (day.number > static_cast<int>(unsigned{last.day()})) {
    return fault(day, fmt::format("{}-{:02} has no day {:02}", date.year, date.month, day.number));
  }
  date.day = static_cast<std::uint8_t>(day.number);
  return {};
}

}  // namespace

std::string to_string(const LabelDate& date) {
  std::string text = fmt::format("{:04}-{:02}", date.year, date.month);
  if (date.day != 0) text += fmt::format("-{:02}", date.day);
  if (date.hour) text += fmt::format("T{:02}", *date.hour);
  if (date.hour && date.minute) text += fmt::format(":{:02}", *date.minute);
  return text;
}

std::expected<LabelDate, DateFault> read_label_date(std::string_view digits,
                                                    std::string_view layout,
                                                    std::chrono::year today) {
  LabelDate date;
  const auto year = read_year(digits, layout, today);
  if (!year) return std::unexpected(year.error());
  date.year = static_cast<std::int16_t>(*year);

  const Field day_of_year = field(digits, layout, 'J');
  const auto day = day_of_year.is_there() ? read_day_of_year(day_of_year, date)
                                          : read_month_and_day(field(digits, layout, 'M'),
                                                               field(digits, layout, 'D'), date);
  if (!day) return std::unexpected(day.error());

  const Field hour = field(digits, layout, 'H');
  if (hour.number > 23) return fault(hour, fmt::format("a day has no hour {}", hour.number));
  if (hour.is_there()) date.hour = static_cast<std::uint8_t>(hour.number);
  const Field minute = field(digits, layout, 'N');
  if (minute.number > 59) return fault(minute, fmt::format("there is no minute {}", minute.number));
  if (minute.is_there()) date.minute = static_cast<std::uint8_t>(minute.number);
  return date;
}

}  // namespace wardlock::directory
