#include "directory/model/moment.h"

#include <fmt/format.h>

#include <chrono>

namespace wardlock::directory {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_days;

/// Reads one piece after another; what fails stays failed.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool is_next(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!is_next(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { is_good_ = take(c) && is_good_; }
  void expect_either(char c, char d) { is_good_ = (take(c) || take(d)) && is_good_; }

  std::optional<int> digit() {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return std::nullopt;
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }
  int number(int digits, int least, int most) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      const std::optional<int> next = digit();
      if (!next) is_good_ = false;
      value = 10 * value + next.value_or(0);
    }
    if (value < least || value > most) is_good_ = false;
    return value;
  }
  /// Of a second, after its point.
  int fraction() {
    int value = 0, digits = 0;
    for (std::optional<int> next; (next = digit()); ++digits) {
      if (digits < 3) value = 10 * value + *next;
    }
    if (digits == 0) is_good_ = false;
    for (; digits < 3; ++digits) value *= 10;
    return value;
  }
  /// In minutes.
  int offset() {
    if (take('Z') || take('z')) return 0;
    const int sign = is_next('-') ? -1 : 1;
    expect_either('+', '-');
    const int hours = number(2, 0, 23);
    expect(':');
    return sign * (60 * hours + number(2, 0, 59));
  }
  bool is_good() const { return is_good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

/// The last digits of a number that has no more, in as many places: lists have many times.
void put_digits(std::int64_t number, int places, std::string::iterator at) {
  for (int i = places; i-- > 0; number /= 10) at[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  Reader reader(text);
  const int year = reader.number(4, 1970, 9999);
  reader.expect('-');
  const int month = reader.number(2, 1, 12);
  reader.expect('-');
  const int day = reader.number(2, 1, 31);
  reader.expect_either('T', 't');
  const int hour = reader.number(2, 0, 23);
  reader.expect(':');
  const int minute = reader.number(2, 0, 59);
  reader.expect(':');
  const int second = reader.number(2, 0, 59);
  const int fraction = reader.take('.') ? reader.fraction() : 0;
  const int offset = reader.offset();
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!reader.is_good() || !date.ok()) return std::nullopt;
  const auto days = sys_days(date).time_since_epoch();
  const std::int64_t time = milliseconds(days).count() + fraction +
                            std::int64_t{1000} * (3600 * hour + 60 * (minute - offset) + second);
  if (time < 0 || time >= kEndOfTime) return std::nullopt;
  return time;
}

std::string to_time_text(std::int64_t milliseconds) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{
      std::chrono::milliseconds(milliseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits(int(date.year()), 4, text.begin());
  put_digits(unsigned(date.month()), 2, text.begin() + 5);
  put_digits(unsigned(date.day()), 2, text.begin() + 8);
  put_digits(clock.hours().count(), 2, text.begin() + 11);
  put_digits(clock.minutes().count(), 2, text.begin() + 14);
  put_digits(clock.seconds().count(), 2, text.begin() + 17);
  put_digits(clock.subseconds().count(), 3, text.begin() + 20);
  return text;
}

}  // namespace wardlock::directory
