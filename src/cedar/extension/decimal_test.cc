#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

struct Case {
  std::string_view text;
  std::int64_t ten_thousandths;
};

TEST(ParseDecimal, ReadsTenThousandths) {
  const Case cases[] = {
      {"0.0", 0},         {"1.0", 10'000},      {"1.5", 15'000},
      {"1.05", 10'500},   {"1.005", 10'050},    {"1.0005", 10'005},
      {"1.2345", 12'345}, {"12.3400", 123'400}, {"00000000000000000000000001.0", 10'000},
      {"-1.5", -15'000},  {"-0.0", 0},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(parse_decimal(c.text), c.ten_thousandths) << c.text;
  }
}

TEST(ParseDecimal, KeepsTheSignOfAZeroWholePart) { EXPECT_EQ(parse_decimal("-0.5"), -5000); }

TEST(ParseDecimal, ReachesBothEndsOf64Bits) {
  EXPECT_EQ(parse_decimal("922337203685477.5807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_decimal("-922337203685477.5808"), std::numeric_limits<std::int64_t>::min());
}

TEST(ParseDecimal, RefusesWhatDoesNotFit) {
  for (const std::string_view text :
       {"922337203685477.5808", "922337203685477.581", "922337203685478.0", "-922337203685477.5809",
        "-922337203685478.0", "9223372036854775807.0", "-9223372036854775808.0",
        "18446744073709551616.0", "99999999999999999999999999.0"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
}

TEST(ParseDecimal, RefusesOtherSpellings) {
  for (const std::string_view text :
       {"",      "-",     ".",       "1",          "-1",         "1.",    ".5",   "-.5",
        "+1.0",  "--1.0", "1.-5",    "1.+5",       "1..5",       "1.5.5", "1,5",  "1e1",
        "1.0e1", "0x1.0", "1.00000", "1.23456",    " 1.0",       "1.0 ",  "1 .0", "1.0\n",
        "NaN",   "inf",   "1_0.0",   "\xD9\xA3.5", "1.\xD9\xA3", "a.b",   "1.0f"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_decimal(std::string_view("1.0\0", 4)), std::nullopt);
}

}  // namespace
}  // namespace wardlock::cedar
