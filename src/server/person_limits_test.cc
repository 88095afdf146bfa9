#include "server/person_limits.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::server {
namespace {

constexpr authn::Quota kQuota{.rate = 1, .burst = 2};

TEST(PersonLimits, AreEachPersonsOwn) {
  PersonLimits limits(kQuota);
  const auto grey = limits.of("main", "grey");
  EXPECT_FALSE(grey->take(1, 0));
  EXPECT_FALSE(grey->take(1, 0));
  EXPECT_TRUE(grey->take(1, 0)) << "used up";
  EXPECT_TRUE(limits.of("main", "grey")->take(1, 0)) << "whichever token of theirs it is";
  EXPECT_FALSE(limits.of("main", "ann")->take(1, 0));
  EXPECT_FALSE(limits.of("north", "grey")->take(1, 0)) << "another tenant's is somebody else";
}

TEST(PersonLimits, ForgetWhoAskedForNothingLately) {
  constexpr std::size_t kMost = 10;
  PersonLimits limits(kQuota, kMost);
  limits.of("main", "grey")->take(2, 0);
  for (std::size_t i = 0; i < 10 * kMost; ++i) {
    limits.of("main", "p" + std::to_string(i));
    EXPECT_TRUE(limits.of("main", "grey")->take(1, 0)) << "who goes on asking is not forgotten";
    EXPECT_LE(limits.size(), 2 * kMost);
  }
}

}  // namespace
}  // namespace wardlock::server
