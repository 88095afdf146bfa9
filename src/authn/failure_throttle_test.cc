#include "authn/failure_throttle.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::authn {
namespace {

constexpr Ticks kSecond = 1'000'000'000;
constexpr Ticks kStart = 9'000 * kSecond;

TEST(FailureThrottle, SendsAwayWhoFailsTooOften) {
  FailureThrottle throttle({.rate = 1, .burst = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(throttle.wait("192.0.2.1", kStart));
    throttle.note_failure("192.0.2.1", kStart);
  }
  EXPECT_EQ(throttle.wait("192.0.2.1", kStart), std::chrono::seconds(1));
  EXPECT_FALSE(throttle.wait("192.0.2.2", kStart));
  EXPECT_FALSE(throttle.wait("192.0.2.1", kStart + kSecond));
  throttle.note_failure("192.0.2.1", kStart + kSecond);
  EXPECT_TRUE(throttle.wait("192.0.2.1", kStart + kSecond));
}

TEST(FailureThrottle, ANetworkOfIpv6IsOneGuesser) {
  FailureThrottle throttle({.rate = 1, .burst = 1});
  throttle.note_failure("2001:db8:1:2:3::7", kStart);
  EXPECT_TRUE(throttle.wait("2001:db8:1:2:aaaa:bbbb:cccc:dddd", kStart));
  EXPECT_TRUE(throttle.wait("2001:db8:1:2::7", kStart));
  EXPECT_FALSE(throttle.wait("2001:db8:1:3:3::7", kStart));
  EXPECT_FALSE(throttle.wait("2001:db8:1::2", kStart));
}

TEST(FailureThrottle, ThisMachineIsNeverSentAway) {
  FailureThrottle throttle({.rate = 1, .burst = 1});
  for (const char* address : {"127.0.0.1", "::1", "127.3.2.1"}) {
    for (int i = 0; i < 10; ++i) throttle.note_failure(address, kStart);
    EXPECT_FALSE(throttle.wait(address, kStart)) << address;
  }
}

TEST(FailureThrottle, TellsOfTooManyThatItDoesNotSlowDown) {
  FailureThrottle throttle({.rate = 1, .burst = 3}, 1);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(throttle.note_failure("192.0.2.1", kStart));
  // Of this machine, and of who meets another in the table.
  EXPECT_TRUE(throttle.note_failure("127.0.0.1", kStart));
  EXPECT_TRUE(throttle.note_failure("192.0.2.2", kStart));
  EXPECT_TRUE(throttle.note_failure("192.0.2.3", kStart));
  for (const char* address : {"127.0.0.1", "::1", "192.0.2.2"}) {
    EXPECT_FALSE(throttle.note_failure(address, kStart)) << address;
    EXPECT_FALSE(throttle.wait(address, kStart)) << address;
  }
  EXPECT_TRUE(throttle.note_failure("127.0.0.1", kStart + kSecond));
}

TEST(FailureThrottle, ATakenPlaceIsNotGivenAwayBeforeItIsQuiet) {
  FailureThrottle throttle({.rate = 1, .burst = 2}, 1);
  throttle.note_failure("192.0.2.1", kStart);
  throttle.note_failure("192.0.2.1", kStart);
  for (int i = 0; i < 10; ++i) throttle.note_failure("192.0.2." + std::to_string(i + 2), kStart);
  EXPECT_TRUE(throttle.wait("192.0.2.1", kStart));
  EXPECT_FALSE(throttle.wait("192.0.2.2", kStart));
  throttle.note_failure("192.0.2.2", kStart + 3 * kSecond);
  throttle.note_failure("192.0.2.2", kStart + 3 * kSecond);
  EXPECT_TRUE(throttle.wait("192.0.2.2", kStart + 3 * kSecond));
  EXPECT_FALSE(throttle.wait("192.0.2.1", kStart + 3 * kSecond));
}

}  // namespace
}  // namespace wardlock::authn
