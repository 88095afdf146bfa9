#include "net/flood_guard.h"

#include <gtest/gtest.h>

namespace wardlock::net {
namespace {

using namespace std::chrono_literals;

const FloodGuard::Time kStart{1h};

TEST(Allowance, is_used_up_and_fills_again_up_to_its_burst) {
  Allowance allowance(3, 2);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowance.spend(kStart));
  EXPECT_FALSE(allowance.spend(kStart));
  EXPECT_FALSE(allowance.spend(kStart + 400ms));
  EXPECT_TRUE(allowance.spend(kStart + 600ms));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowance.spend(kStart + 1h));
  EXPECT_FALSE(allowance.spend(kStart + 1h));
}

TEST(FloodGuard, forgives_a_client_that_cancels_as_much_as_it_completes) {
  FloodGuard guard(1000);
  for (int i = 0; i < 100'000; ++i) {
    guard.on_answer_sent();
    guard.on_reset(kStart);
  }
  EXPECT_FALSE(guard.is_flooded());
}

TEST(FloodGuard, sees_streams_reset_one_after_the_other) {
  FloodGuard guard(1000);
  for (int i = 0; i < 100'000; ++i) guard.on_answer_sent();
  for (int i = 0; i < 1000; ++i) guard.on_reset(kStart);
  EXPECT_TRUE(guard.is_flooded()) << "what was good once is no licence";
}

TEST(FloodGuard, lets_a_quiet_connection_ping_for_a_year) {
  FloodGuard guard(1000);
  for (int hour = 0; hour < 24 * 365; ++hour)
    guard.on_idle_frame(kStart + std::chrono::hours(hour));
  EXPECT_FALSE(guard.is_flooded());
}

TEST(FloodGuard, sees_frames_that_bring_nothing) {
  FloodGuard guard(1000);
  for (int i = 0; i < 1000; ++i) guard.on_idle_frame(kStart);
  EXPECT_FALSE(guard.is_flooded());
  guard.on_idle_frame(kStart);
  EXPECT_TRUE(guard.is_flooded());
}

TEST(FloodGuard, sees_a_header_in_crumbs) {
  FloodGuard guard(1000);
  for (int header = 0; header < 50; ++header) {
    guard.on_header_begin();
    for (int i = 0; i < 6; ++i) guard.on_continuation(kStart);
  }
  EXPECT_FALSE(guard.is_flooded());
  guard.on_continuation(kStart);
  EXPECT_TRUE(guard.is_flooded());
}

TEST(FloodGuard, sees_a_header_that_unpacks_without_end) {
  FloodGuard guard(1000);
  for (int header = 0; header < 5; ++header) {
    guard.on_header_begin();
    for (int i = 0; i < 390; ++i) guard.on_field(9);
  }
  EXPECT_FALSE(guard.is_flooded());
  for (int i = 0; i < 100; ++i) guard.on_field(0);
  EXPECT_FALSE(guard.is_flooded());
  guard.on_field(0);
  EXPECT_TRUE(guard.is_flooded()) << "fields of no length count too";
}

}  // namespace
}  // namespace wardlock::net
