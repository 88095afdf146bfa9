#include "directory/model/fhir_time.h"

#include <chrono>
#include <cstddef>
#include <string>

#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kShortest = "2026";
constexpr std::size_t kMonth = std::string_view("2026-11").size();
constexpr std::size_t kDay = std::string_view("2026-11-23").size();
constexpr std::int64_t kSecond = 1000;

/// The first moment of the day.
std::optional<std::int64_t> midnight(std::string_view date) {
  return parse_time(std::string(date) + "T00:00:00Z");
}

/// The same, some months later.
std::int64_t months_later(std::int64_t first_of_month, int months) {
  using namespace std::chrono;
  const sys_days day = floor<days>(sys_time<milliseconds>(milliseconds(first_of_month)));
  const year_month_day later = year_month_day(day) + std::chrono::months(months);
  return duration_cast<milliseconds>(sys_days(later).time_since_epoch()).count();
}

}  // namespace

std::optional<FhirTime> parse_fhir_time(std::string_view text) {
  if (text.size() > kDay) {
    const auto time = parse_time(text);
    if (!time) return std::nullopt;
    return FhirTime{.first = *time, .end = *time + (text.contains('.') ? 1 : kSecond)};
  }
  if (text.size() == kDay) {
    const auto day = midnight(text);
    if (!day) return std::nullopt;
    constexpr std::int64_t kDayLong = 24 * 60 * 60 * kSecond;
    return FhirTime{.first = *day, .end = *day + kDayLong};
  }
  if (text.size() != kMonth && text.size() != kShortest.size()) return std::nullopt;
  const bool is_year = text.size() == kShortest.size();
  const auto first = midnight(std::string(text) + (is_year ? "-01-01" : "-01"));
  if (!first) return std::nullopt;
  return FhirTime{.first = *first, .end = months_later(*first, is_year ? 12 : 1)};
}

}  // namespace wardlock::directory
