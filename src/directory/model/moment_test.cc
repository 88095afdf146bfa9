#include "directory/model/moment.h"

#include <gtest/gtest.h>

namespace wardlock::directory {
namespace {

TEST(Moment, IsReadAsRfc3339HasIt) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("2026-11-22T08:00:00.5+01:00"), 1795330800500);
  EXPECT_EQ(parse_time("1985-04-12t23:20:50.52z"), 482196050520);
  EXPECT_EQ(parse_time("1996-12-19T16:39:57-08:00"), 851042397000);
  EXPECT_EQ(parse_time("2024-02-29T00:00:00.1239Z"), 1709164800123);
  EXPECT_EQ(parse_time("9999-12-31T23:59:59.999Z"), 253402300799999);
}

TEST(Moment, ComesBackInUtc) {
  for (const std::string_view text :
       {"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "9999-12-31T00:00:00.001Z"}) {
    ASSERT_TRUE(parse_time(text)) << text;
    EXPECT_EQ(to_time_text(*parse_time(text)), text);
  }
  EXPECT_EQ(to_time_text(*parse_time("2026-11-22T08:00:00+01:00")), "2026-11-22T07:00:00.000Z");
}

TEST(Moment, IsNothingElse) {
  for (const std::string_view text : {"",
                                      "2026-11-22",
                                      "2026-11-22T08:00:00",
                                      "2026-11-22 08:00:00Z",
                                      "2026-11-22T08:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-11-31T00:00:00Z",
                                      "2026-11-22T24:00:00Z",
                                      "2026-11-22T23:60:00Z",
                                      "2026-11-22T23:59:60Z",
                                      "2026-11-22T08:00:00.Z",
                                      "2026-11-22T08:00:00+0100",
                                      "2026-11-22T08:00:00+24:00",
                                      "2026-11-22T08:00:00Zx",
                                      "1969-12-31T23:59:59Z",
                                      "1970-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59-00:01",
                                      "10000-01-01T00:00:00Z",
                                      "+2026-11-22T08:00:00Z",
                                      "2026-1-22T08:00:00Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace wardlock::directory
