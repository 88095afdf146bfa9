#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cedar/extension/cursor.h"
#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// `count` digits that give a number of at most `max`.
std::optional<int> take_part(Cursor& cursor, std::size_t count, int max) {
  const auto number = cursor.take_digits(count);
  return number && *number <= max ? number : std::nullopt;
}

/// `YYYY-MM-DD`, a day of the proleptic Gregorian calendar.
std::optional<std::chrono::sys_days> take_date(Cursor& cursor) {
  const auto year = cursor.take_digits(4);
  if (!year || !cursor.take("-")) return std::nullopt;
  const auto month = cursor.take_digits(2);
  if (!month || !cursor.take("-")) return std::nullopt;
  const auto day = cursor.take_digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// `hh:mm:ss` with an optional `.SSS`. There are no leap seconds.
std::optional<milliseconds> take_time(Cursor& cursor) {
  const auto hour = take_part(cursor, 2, 23);
  if (!hour || !cursor.take(":")) return std::nullopt;
  const auto minute = take_part(cursor, 2, 59);
  if (!minute || !cursor.take(":")) return std::nullopt;
  const auto second = take_part(cursor, 2, 59);
  if (!second) return std::nullopt;
  const milliseconds time = hours(*hour) + minutes(*minute) + seconds(*second);
  if (!cursor.take(".")) return time;
  const auto fraction = cursor.take_digits(3);
  if (!fraction) return std::nullopt;
  return time + milliseconds(*fraction);
}

/// `Z` or `±hhmm`: how far local time is ahead of UTC.
std::optional<milliseconds> take_zone(Cursor& cursor) {
  if (cursor.take("Z")) return milliseconds(0);
  const bool is_behind = cursor.take("-");
  if (!is_behind && !cursor.take("+")) return std::nullopt;
  const auto hour = take_part(cursor, 2, 23);
  const auto minute = take_part(cursor, 2, 59);
  if (!hour || !minute) return std::nullopt;
  const milliseconds ahead = hours(*hour) + minutes(*minute);
  return is_behind ? -ahead : ahead;
}

}  // namespace

std::optional<std::int64_t> parse_datetime(std::string_view text) {
  Cursor cursor(text);
  const auto date = take_date(cursor);
  if (!date) return std::nullopt;
  milliseconds since_epoch = date->time_since_epoch();
  if (cursor.at_end()) return since_epoch.count();

  if (!cursor.take("T")) return std::nullopt;
  const auto time = take_time(cursor);
  if (!time) return std::nullopt;
  const auto ahead = take_zone(cursor);
  if (!ahead || !cursor.at_end()) return std::nullopt;
  since_epoch += *time - *ahead;
  return since_epoch.count();
}

}  // namespace wardlock::cedar
