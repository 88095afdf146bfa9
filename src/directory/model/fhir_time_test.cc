#include "directory/model/fhir_time.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "directory/model/moment.h"

namespace wardlock::directory {
namespace {

TEST(FhirTimes, AreAllTheTimeThatTheyStandFor) {
  const auto span = [](std::string_view text) {
    const auto time = parse_fhir_time(text);
    return time ? time->end - time->first : 0;
  };
  constexpr std::int64_t kDay = 86'400'000;
  EXPECT_EQ(span("2026"), 365 * kDay);
  EXPECT_EQ(span("2028"), 366 * kDay);
  EXPECT_EQ(span("2026-02"), 28 * kDay);
  EXPECT_EQ(span("2026-02-28"), kDay);
  EXPECT_EQ(span("2026-02-28T10:00:00+01:00"), 1000);
  EXPECT_EQ(span("2026-02-28T10:00:00.123Z"), 1);
  for (const std::string_view text :
       {"", "26", "2026-2", "2026-02-30", "2026-13", "1969", "2026-02-28T10:00", "later"}) {
    EXPECT_FALSE(parse_fhir_time(text)) << text;
  }
}

}  // namespace
}  // namespace wardlock::directory
