#include <gtest/gtest.h>

#include <limits>

#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

struct Case {
  std::string_view text;
  std::int64_t ms;
};

TEST(ParseDuration, ReadsEachUnit) {
  const Case cases[] = {
      {"1d", 86'400'000}, {"1h", 3'600'000}, {"1m", 60'000}, {"1s", 1000},
      {"1ms", 1},         {"0d", 0},         {"-0ms", 0},    {"-1d", -86'400'000},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_duration(c.text), c.ms) << c.text;
}

TEST(ParseDuration, AddsUnitsInOrder) {
  const Case cases[] = {
      {"1d2h3m4s5ms", 93'784'005},
      {"-1d2h3m4s5ms", -93'784'005},
      {"1m1s", 61'000},
      {"1m5ms", 60'005},
      {"1d1ms", 86'400'001},
      {"90m100s", 5'500'000},
      {"0000000000000000000000000000001d", 86'400'000},
      {"00000000000000000000d1ms", 1},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_duration(c.text), c.ms) << c.text;
}

TEST(ParseDuration, ReachesBothEndsOf64Bits) {
  EXPECT_EQ(parse_duration("9223372036854775807ms"), kMax);
  EXPECT_EQ(parse_duration("106751991167d7h12m55s807ms"), kMax);
  EXPECT_EQ(parse_duration("-9223372036854775808ms"), kMin);
  EXPECT_EQ(parse_duration("-106751991167d7h12m55s808ms"), kMin);
}

TEST(ParseDuration, RefusesWhatDoesNotFit) {
  for (const std::string_view text :
       {"9223372036854775808ms", "-9223372036854775809ms", "106751991167d7h12m55s808ms",
        "-106751991167d7h12m55s809ms", "106751991168d", "-106751991168d", "9223372036854775s808ms",
        "18446744073709551616ms", "99999999999999999999d", "-9223372036854775808d",
        "9223372036854775807d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseDuration, RefusesUnitsOutOfOrder) {
  for (const std::string_view text :
       {"1h1d", "1m1h", "1s1m", "1ms1s", "1ms1d", "1d1d", "1ms1ms", "1m1ms1s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseDuration, RefusesOtherSpellings) {
  for (const std::string_view text : {"",
                                      "-",
                                      "1",
                                      "-1",
                                      "d",
                                      "ms",
                                      "-d",
                                      "+1d",
                                      "--1d",
                                      "1d-1h",
                                      "1d 1h",
                                      " 1d",
                                      "1d ",
                                      "1d\n",
                                      "1D",
                                      "1MS",
                                      "1w",
                                      "1y",
                                      "1us",
                                      "1.5d",
                                      "1,5d",
                                      "1e3ms",
                                      "1d1",
                                      "1dh",
                                      "1hm",
                                      "1mm",
                                      "1mss",
                                      "1sms",
                                      "1second",
                                      "PT1H",
                                      "0x1d",
                                      "1d1h1",
                                      "d1",
                                      "\xD9\xA1"
                                      "d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace wardlock::cedar
