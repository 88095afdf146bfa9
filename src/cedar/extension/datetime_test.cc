#include <gtest/gtest.h>

#include <string>

#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

struct Case {
  std::string_view text;
  std::int64_t epoch_ms;
};

TEST(ParseDatetime, ReadsDates) {
  const Case cases[] = {
      {"1970-01-01", 0},
      {"1970-01-02", 86'400'000},
      {"1969-12-31", -86'400'000},
      {"2024-10-15", 1'728'950'400'000},
      {"9999-12-31", 253'402'214'400'000},
      {"0001-01-01", -62'135'596'800'000},
      {"0000-01-01", -62'167'219'200'000},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_datetime(c.text), c.epoch_ms) << c.text;
}

TEST(ParseDatetime, ReadsTimes) {
  const Case cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:00.001Z", 1},
      {"1970-01-01T23:59:59.999Z", 86'399'999},
      {"1970-01-01T01:02:03.045Z", 3'723'045},
      {"2024-10-15T11:35:02Z", 1'728'992'102'000},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_datetime(c.text), c.epoch_ms) << c.text;
}

TEST(ParseDatetime, TakesTheOffsetAway) {
  const Case cases[] = {
      {"1970-01-01T00:00:00+0000", 0},
      {"1970-01-01T00:00:00-0000", 0},
      {"1970-01-01T00:00:00-0130", 5'400'000},
      {"1970-01-01T00:00:00+0130", -5'400'000},
      {"1970-01-01T00:00:00.500+2359", -86'340'000 + 500},
      {"1970-01-01T00:00:00.500-2359", 86'340'000 + 500},
      {"0000-01-01T00:00:00+2359", -62'167'219'200'000 - 86'340'000},
      {"9999-12-31T23:59:59.999-2359", 253'402'214'400'000 + 86'399'999 + 86'340'000},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_datetime(c.text), c.epoch_ms) << c.text;
}

TEST(ParseDatetime, KnowsLeapYears) {
  for (const std::string_view text : {"0000-02-29", "0400-02-29", "2000-02-29", "2024-02-29"}) {
    EXPECT_TRUE(parse_datetime(text)) << text;
  }
  for (const std::string_view text : {"1900-02-29", "2100-02-29", "2023-02-29", "2024-02-30"}) {
    EXPECT_FALSE(parse_datetime(text)) << text;
  }
}

TEST(ParseDatetime, RefusesDaysThatDoNotExist) {
  for (const std::string_view text :
       {"2024-00-01", "2024-13-01", "2024-99-01", "2024-01-00", "2024-01-32", "2024-04-31",
        "2024-06-31", "2024-09-31", "2024-11-31", "2024-01-99"}) {
    EXPECT_FALSE(parse_datetime(text)) << text;
  }
}

TEST(ParseDatetime, RefusesTimesThatDoNotExist) {
  for (const std::string_view time :
       {"24:00:00", "25:00:00", "00:60:00", "00:00:60", "23:59:60", "99:99:99"}) {
    EXPECT_FALSE(parse_datetime("2016-12-31T" + std::string(time) + "Z")) << time;
  }
}

TEST(ParseDatetime, RefusesOffsetsThatDoNotExist) {
  for (const std::string_view zone : {"+2400", "-2400", "+0060", "+9999"}) {
    EXPECT_FALSE(parse_datetime("2024-01-01T00:00:00" + std::string(zone))) << zone;
  }
}

TEST(ParseDatetime, RefusesOtherDateSpellings) {
  for (const std::string_view text : {"",
                                      "2024",
                                      "2024-01",
                                      "2024-01-",
                                      "2024-1-01",
                                      "2024-01-1",
                                      "24-01-01",
                                      "12024-01-01",
                                      "-2024-01-01",
                                      "+2024-01-01",
                                      "2024/01/01",
                                      "20240101",
                                      "2024-01-01 ",
                                      " 2024-01-01",
                                      "2024-01-01\n",
                                      "2024-01-011",
                                      "2024-001",
                                      "2024-W01-1",
                                      "2024-+1-01",
                                      "\xD9\xA2"
                                      "024-01-01",
                                      "2024-01-01Z",
                                      "2024-01-01+0000"}) {
    EXPECT_FALSE(parse_datetime(text)) << text;
  }
}

TEST(ParseDatetime, RefusesOtherTimeSpellings) {
  for (const std::string_view rest :
       {"T", "TZ", "T00Z", "T00:00Z", "T00:00:00", "T0:00:00Z", "T00:0:00Z", "T00:00:0Z",
        "T000000Z", "T00-00-00Z", " 00:00:00Z", "t00:00:00Z", "T00:00:00z", "T00:00:00 Z",
        "T00:00:00Z ", "T00:00:00ZZ", "T-0:00:00Z", "T00:00:00UTC"}) {
    EXPECT_FALSE(parse_datetime("2024-01-01" + std::string(rest))) << rest;
  }
}

TEST(ParseDatetime, RefusesOtherFractions) {
  for (const std::string_view rest : {".Z", ".0Z", ".00Z", ".0000Z", ".000000Z", ",000Z", ".000",
                                      ".-00Z", ".00aZ", ".000.000Z"}) {
    EXPECT_FALSE(parse_datetime("2024-01-01T00:00:00" + std::string(rest))) << rest;
  }
}

TEST(ParseDatetime, RefusesOtherZoneSpellings) {
  for (const std::string_view zone : {"+", "-", "+0", "+00", "+000", "+00000", "+00:00", "+1",
                                      "0000", "+0a00", "+-100", "Z+0000", "+0000Z",
                                      "\xE2\x88\x92"
                                      "0000"}) {
    EXPECT_FALSE(parse_datetime("2024-01-01T00:00:00" + std::string(zone))) << zone;
  }
}

}  // namespace
}  // namespace wardlock::cedar
