#include "prover/condition/order.h"

#include <gtest/gtest.h>

#include <limits>

namespace wardlock::prover {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

using Numbers = std::vector<std::int64_t>;

TEST(Order, FindsNumbersThatFit) {
  Order order(3);
  order.bound(0, 1, -1);  // a < b
  order.bound(1, 2, 0);   // b <= c
  order.at_least(0, 5);
  ASSERT_TRUE(order.close());
  EXPECT_EQ(order.range(2), std::pair(std::int64_t{6}, kMax));
  EXPECT_EQ(order.choose({0, 0, 0}), (Numbers{5, 6, 6}));
}

TEST(Order, SeesCircles) {
  Order order(3);
  order.bound(0, 1, -1);
  order.bound(1, 2, 0);
  order.bound(2, 0, 0);
  EXPECT_FALSE(order.close());
}

TEST(Order, MayBeACircleOfEquals) {
  Order order(2);
  order.bound(0, 1, 0);
  order.bound(1, 0, 0);
  EXPECT_TRUE(order.close());
  order.differ(0, 1);
  EXPECT_FALSE(order.close());
}

TEST(Order, KnowsThatNothingIsBetweenNeighbours) {
  Order order(1);
  order.at_least(0, 3);
  order.at_most(0, 4);
  order.differ_from(0, 3);
  ASSERT_TRUE(order.close());
  EXPECT_EQ(order.choose({0}), (Numbers{4}));
  order.at_most(0, 3);
  EXPECT_FALSE(order.close());
}

TEST(Order, EndsWithTheNumbersOfSixtyFourBits) {
  Order least(2);
  least.at_most(0, kMin);
  least.bound(1, 0, -1);
  EXPECT_FALSE(least.close());
  Order most(2);
  most.at_least(0, kMax);
  most.bound(0, 1, -1);
  EXPECT_FALSE(most.close());
  Order both(2);
  both.at_most(0, kMin);
  both.at_least(1, kMax);
  ASSERT_TRUE(both.close());
  EXPECT_EQ(both.choose({0, 0}), (Numbers{kMin, kMax}));
}

TEST(Order, TellsApartWhatMustDiffer) {
  Order order(2);
  order.differ(0, 1);
  ASSERT_TRUE(order.close());
  const auto chosen = order.choose({7, 7});
  ASSERT_TRUE(chosen);
  EXPECT_NE((*chosen)[0], (*chosen)[1]);
}

}  // namespace
}  // namespace wardlock::prover
