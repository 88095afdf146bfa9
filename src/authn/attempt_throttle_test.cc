#include "authn/attempt_throttle.h"

#include <gtest/gtest.h>

#include <string>

#include "authn/failure_count.h"
#include "authn/familiar_device.h"

namespace wardlock::authn {
namespace {

using std::chrono::seconds;

constexpr Ticks kSecond = 1'000'000'000;
constexpr Ticks kStart = 9'000 * kSecond;

TEST(AttemptThrottle, WaitsGrowWithFailures) {
  AttemptThrottle throttle({});
  Ticks now = kStart;
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(throttle.begin("192.0.2.1", "grey", now));
  EXPECT_FALSE(throttle.begin("192.0.2.1", "grey", now));
  for (const int wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
    EXPECT_EQ(throttle.begin("192.0.2.1", "grey", now), seconds(wait));
    now += wait * kSecond;
    EXPECT_FALSE(throttle.begin("192.0.2.1", "grey", now)) << wait;
  }
}

TEST(AttemptThrottle, ManyAtOnceGainNothing) {
  AttemptThrottle throttle({});
  int begun = 0;
  for (int i = 0; i < 1000; ++i) begun += throttle.begin("192.0.2.1", "grey", kStart) ? 0 : 1;
  EXPECT_EQ(begun, 4);
}

TEST(AttemptThrottle, AStrangerKeepsNobodyOut) {
  AttemptThrottle throttle({});
  for (int i = 0; i < 1000; ++i) throttle.begin("192.0.2.66", "grey", kStart);
  EXPECT_TRUE(throttle.begin("192.0.2.66", "grey", kStart));
  EXPECT_FALSE(throttle.begin("192.0.2.1", "grey", kStart));
  EXPECT_FALSE(throttle.begin("192.0.2.66", "shepherd", kStart));
}

TEST(AttemptThrottle, OnePasswordTriedOnManyPeopleIsNoticed) {
  AttemptThrottle throttle({});
  int begun = 0;
  for (int i = 0; i < 1000; ++i) {
    begun += throttle.begin("192.0.2.66", "person " + std::to_string(i), kStart) ? 0 : 1;
  }
  EXPECT_EQ(begun, 51);
  EXPECT_FALSE(throttle.begin("192.0.2.1", "person 7", kStart));
}

TEST(AttemptThrottle, ASuccessClearsTheAuthenticatorAndNotTheSource) {
  AttemptThrottle throttle({.free_source_failures = 10});
  for (int i = 0; i < 3; ++i) throttle.begin("192.0.2.1", "grey", kStart);
  EXPECT_FALSE(throttle.begin("192.0.2.1", "grey", kStart));
  throttle.succeed("192.0.2.1", "grey", kStart);
  EXPECT_FALSE(throttle.begin("192.0.2.1", "grey", kStart));
  throttle.succeed("192.0.2.1", "grey", kStart);
  // Three failures of the source are left; somebody who signs in between is not without limit.
  int begun = 0;
  for (int i = 0; i < 100; ++i) {
    begun += throttle.begin("192.0.2.1", "person " + std::to_string(i), kStart) ? 0 : 1;
    if (!throttle.begin("192.0.2.1", "own account", kStart)) {
      throttle.succeed("192.0.2.1", "own account", kStart);
    }
  }
  EXPECT_EQ(begun, 8);
}

TEST(AttemptThrottle, ForgetsAfterADay) {
  AttemptThrottle throttle({});
  for (int i = 0; i < 4; ++i) throttle.begin("192.0.2.1", "grey", kStart);
  const Ticks later = kStart + 25 * 3600 * kSecond;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(throttle.begin("192.0.2.1", "grey", later));
  EXPECT_TRUE(throttle.begin("192.0.2.1", "grey", later));
}

TEST(AttemptThrottle, WhoFindsNoPlaceSharesAQuota) {
  AttemptThrottle throttle({.free_failures = 0}, 8);
  for (int i = 0; i < 8; ++i) {
    throttle.begin("source " + std::to_string(i), "grey", kStart);
  }
  int begun = 0;
  for (int i = 0; i < 1000; ++i) {
    begun += throttle.begin("other " + std::to_string(i), "grey", kStart) ? 0 : 1;
  }
  EXPECT_LE(begun, 210);
  // Those who wait are not forgotten for it.
  EXPECT_TRUE(throttle.begin("source 0", "grey", kStart));
}

TEST(FailureCount, AHundredFailuresDisableAndNoStranger) {
  FailureCount count;
  for (int i = 0; i < 1000 && count.may_try(Familiarity::kStranger); ++i) {
    count.fail(Familiarity::kStranger);
  }
  EXPECT_EQ(count.strange, 50U);
  EXPECT_FALSE(count.may_try(Familiarity::kStranger));
  EXPECT_TRUE(count.may_try(Familiarity::kFamiliar));
  EXPECT_FALSE(count.is_disabled());
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(count.may_try(Familiarity::kFamiliar));
    count.fail(Familiarity::kFamiliar);
  }
  EXPECT_TRUE(count.is_disabled());
  EXPECT_FALSE(count.may_try(Familiarity::kFamiliar));
  EXPECT_EQ(count.familiar + count.strange, 100U);
}

TEST(FailureCount, ASuccessBeginsAnew) {
  FailureCount count;
  for (int i = 0; i < 50; ++i) count.fail(Familiarity::kStranger);
  count.fail(Familiarity::kFamiliar);
  count.succeed();
  EXPECT_EQ(count, FailureCount());
  EXPECT_TRUE(count.may_try(Familiarity::kStranger));
}

TEST(FamiliarDevice, IsKnownByItsMark) {
  const FamiliarDevice devices{crypto::HmacKey("key")};
  const std::string mark = devices.new_mark("grey");
  const auto source = devices.source_of(mark, "grey");
  ASSERT_TRUE(source);
  EXPECT_TRUE(source->starts_with("device:"));
  EXPECT_NE(devices.source_of(devices.new_mark("grey"), "grey"), source);
}

TEST(FamiliarDevice, NobodyElsesMarkIsTaken) {
  const FamiliarDevice devices{crypto::HmacKey("key")};
  std::string mark = devices.new_mark("grey");
  EXPECT_FALSE(devices.source_of(mark, "shepherd"));
  EXPECT_FALSE(FamiliarDevice{crypto::HmacKey("other key")}.source_of(mark, "grey"));
  for (const std::string& wrong : {std::string(), std::string("."), mark.substr(0, 22),
                                   mark.substr(0, 23), mark + "A", std::string(1000, '.')}) {
    EXPECT_FALSE(devices.source_of(wrong, "grey")) << wrong;
  }
  mark[3] = mark[3] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(devices.source_of(mark, "grey"));
}

}  // namespace
}  // namespace wardlock::authn
