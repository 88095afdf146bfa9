#include "pap/shadow.h"

#include <gtest/gtest.h>

namespace wardlock::pap {
namespace {

ShadowCount count(std::uint64_t compared, std::uint64_t gained, std::uint64_t lost) {
  return {.compared = compared, .gained = gained, .lost = lost};
}

TEST(Shadow, StopsBeyondCountAndShare) {
  const DifferenceLimit limit{.count = 10, .permille = 5};
  EXPECT_FALSE(is_beyond(limit, count(100, 5, 5))) << "few are chance";
  EXPECT_TRUE(is_beyond(limit, count(100, 5, 6)));
  EXPECT_TRUE(is_beyond(limit, count(100, 11, 0))) << "what is gained is a difference, too";
  EXPECT_FALSE(is_beyond(limit, count(100'000, 0, 500))) << "of many, many may differ";
  EXPECT_TRUE(is_beyond(limit, count(100'000, 0, 501)));
  EXPECT_FALSE(is_beyond(limit, count(0, 0, 0)));
}

TEST(Shadow, StopsAtTheFirstDifferenceWhereNoneMayBe) {
  EXPECT_TRUE(is_beyond({}, count(1'000'000, 0, 1)));
  EXPECT_FALSE(is_beyond({}, count(1'000'000, 0, 0)));
}

TEST(Shadow, NeverStopsWhereAllMayDiffer) {
  EXPECT_FALSE(is_beyond({.count = 0, .permille = 1000}, count(7, 3, 4)));
}

TEST(Shadow, CountsAllNodesTogether) {
  ShadowCount here = count(10, 1, 2);
  here.examples.assign(15, "here");
  ShadowCount there = count(5, 0, 1);
  there.skipped = 4;
  there.examples.assign(15, "there");
  const ShadowCount sum = sum_of({here, there});
  EXPECT_EQ(sum.compared, 15U);
  EXPECT_EQ(sum.skipped, 4U);
  EXPECT_EQ(sum.differing(), 4U);
  EXPECT_EQ(sum.examples.size(), 20U);
  EXPECT_EQ(sum_of({}), ShadowCount());
}

}  // namespace
}  // namespace wardlock::pap
