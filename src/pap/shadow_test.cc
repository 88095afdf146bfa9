#include "pap/shadow.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(Shadow, KeepsTheKindsThatAreMostFrequent) {
  ShadowCount many;
  for (std::uint64_t i = 1; i <= 2 * kMostShadowKinds; ++i) {
    many.kinds.push_back({.who = std::to_string(i), .action = {}, .resource_type = {}, .count = i});
  }
  const ShadowCount sum = sum_of({many});
  ASSERT_EQ(sum.kinds.size(), kMostShadowKinds);
  EXPECT_EQ(sum.kinds.front().count, 2 * kMostShadowKinds);
  EXPECT_EQ(sum.kinds.back().count, kMostShadowKinds + 1);
}

TEST(Shadow, CountsAllNodesTogether) {
  const ShadowDifference seen{
      .who = "Role::\"Nurse\"", .action = "view", .resource_type = "Ward", .count = 5};
  ShadowDifference lost = seen;
  lost.count = 1;
  lost.action = "edit";
  ShadowCount here = count(10, 1, 2);
  here.kinds = {seen, lost};
  here.kinds.front().decision_id = "here";
  ShadowCount there = count(5, 0, 1);
  there.skipped = 4;
  there.kinds = {seen, lost, lost};
  there.kinds.front().decision_id = "there";
  there.kinds.back().is_gain = true;
  const ShadowCount sum = sum_of({here, there});
  EXPECT_EQ(sum.compared, 15U);
  EXPECT_EQ(sum.skipped, 4U);
  EXPECT_EQ(sum.differing(), 4U);
  ASSERT_EQ(sum.kinds.size(), 3U) << "what is gained is another kind than what is lost";
  EXPECT_EQ(sum.kinds[0].count, 10U);
  EXPECT_EQ(sum.kinds[0].decision_id, "here");
  EXPECT_EQ(sum.kinds[1].count, 2U);
  EXPECT_EQ(sum.kinds[2].count, 1U);
  EXPECT_EQ(sum_of({}), ShadowCount());
}

}  // namespace
}  // namespace wardlock::pap
