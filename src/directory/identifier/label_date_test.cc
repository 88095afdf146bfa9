#include "directory/identifier/label_date.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::directory {
namespace {

using std::chrono::year;

std::string read(std::string_view digits, std::string_view layout, int today = 2026) {
  const auto date = read_label_date(digits, layout, year(today));
  return date ? to_string(*date) : date.error().message;
}

TEST(LabelDate, ReadsEveryLayout) {
  EXPECT_EQ(read("150707", "YYMMDD"), "2015-07-07");
  EXPECT_EQ(read("150700", "YYMMDD"), "2015-07");
  EXPECT_EQ(read("0715", "MMYY"), "2015-07");
  EXPECT_EQ(read("070715", "MMDDYY"), "2015-07-07");
  EXPECT_EQ(read("20150707", "YYYYMMDD"), "2015-07-07");
  EXPECT_EQ(read("15188", "YYJJJ"), "2015-07-07");
  EXPECT_EQ(read("16366", "YYJJJ"), "2016-12-31");
  EXPECT_EQ(read("1518823", "YYJJJHH"), "2015-07-07T23");
  EXPECT_EQ(read("1507072359", "YYMMDDHHNN"), "2015-07-07T23:59");
  EXPECT_EQ(read("014032", "CYYJJJ"), "2014-02-01");
  EXPECT_EQ(read("999001", "CYYJJJ"), "1999-01-01");
}

TEST(LabelDate, TwoDigitsAreTheYearThatIsNear) {
  EXPECT_EQ(read("7601", "YYMM", 2026), "2076-01");
  EXPECT_EQ(read("7701", "YYMM", 2026), "1977-01");
  EXPECT_EQ(read("0001", "YYMM", 2049), "2000-01");
  EXPECT_EQ(read("0001", "YYMM", 2050), "2100-01");
  EXPECT_EQ(read("9901", "YYMM", 2026), "1999-01");
}

TEST(LabelDate, RefusesWhatNoCalendarHas) {
  EXPECT_EQ(read("150007", "YYMMDD"), "there is no month 00");
  EXPECT_EQ(read("151307", "YYMMDD"), "there is no month 13");
  EXPECT_EQ(read("150431", "YYMMDD"), "2015-04 has no day 31");
  EXPECT_EQ(read("150229", "YYMMDD"), "2015-02 has no day 29");
  EXPECT_EQ(read("160229", "YYMMDD"), "2016-02-29");
  EXPECT_EQ(read("000229", "YYMMDD", 2060), "2100-02 has no day 29");
  EXPECT_EQ(read("15366", "YYJJJ"), "2015 has no day 366");
  EXPECT_EQ(read("15000", "YYJJJ"), "2015 has no day 0");
  EXPECT_EQ(read("15070724", "YYMMDDHH"), "a day has no hour 24");
  EXPECT_EQ(read("1507072360", "YYMMDDHHNN"), "there is no minute 60");
  EXPECT_EQ(read("114032", "CYYJJJ"), "a century is `0` for 2000 or `9` for 1900, not `1`");
}

TEST(LabelDate, AFaultHasItsPlaceInTheDigits) {
  const auto date = read_label_date("151307", "YYMMDD", year(2026));
  ASSERT_FALSE(date);
  EXPECT_EQ(date.error().begin, 2U);
  EXPECT_EQ(date.error().end, 4U);
}

}  // namespace
}  // namespace wardlock::directory
