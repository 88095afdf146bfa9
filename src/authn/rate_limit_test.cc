#include "authn/rate_limit.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wardlock::authn {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
constexpr Ticks kMs = 1'000'000;
constexpr Ticks kStart = 5'000'000'000'000;

TEST(RateLimit, GivesTheBurstAtOnceAndThenTheRate) {
  RateLimit limit({.rate = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take(1, kStart));
  EXPECT_EQ(limit.take(1, kStart), milliseconds(100));
  EXPECT_EQ(limit.take(1, kStart + 60 * kMs), milliseconds(40));
  EXPECT_FALSE(limit.take(1, kStart + 100 * kMs));
  EXPECT_TRUE(limit.take(1, kStart + 100 * kMs));
  // A long silence earns the burst again, and no more.
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take(1, kStart + 60'000 * kMs));
  EXPECT_TRUE(limit.take(1, kStart + 60'000 * kMs));
}

TEST(RateLimit, ABatchCostsWhatItHoldsOrNothing) {
  RateLimit limit({.rate = 10, .burst = 5});
  EXPECT_FALSE(limit.take(4, kStart));
  EXPECT_EQ(limit.take(2, kStart), milliseconds(100));
  EXPECT_FALSE(limit.take(1, kStart));  // the refused one took nothing
  EXPECT_EQ(limit.take(6, kStart + 60'000 * kMs), nanoseconds::max());
  EXPECT_FALSE(limit.take(0, kStart));
}

TEST(RateLimit, WaitingTakesNothing) {
  RateLimit limit({.rate = 1, .burst = 1});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.wait(kStart));
  EXPECT_FALSE(limit.take(1, kStart));
  EXPECT_EQ(limit.wait(kStart + 400 * kMs), milliseconds(600));
}

TEST(RateLimit, ThreadsTogetherGetNoMoreThanTheQuota) {
  RateLimit limit({.rate = 1, .burst = 1000});
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) taken += limit.take(1, kStart) ? 0 : 1;
      });
    }
  }
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace wardlock::authn
