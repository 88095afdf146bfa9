#include "audit/forward/progress.h"

#include <gtest/gtest.h>

#include "audit/forward/backoff.h"

namespace wardlock::audit {
namespace {

using namespace std::chrono_literals;

const Progress::Time kStart{};

TEST(Progress, without_an_overlap_begins_again_where_it_was) {
  Progress progress(7, 7, {});
  progress.advance(10, kStart);
  progress.advance(12, kStart);
  EXPECT_EQ(progress.position(), 12);
  EXPECT_EQ(progress.resend_from(), 12);
  progress.begin_again(0);
  EXPECT_EQ(progress.next(), 12);
  EXPECT_FALSE(progress.is_resending());
}

TEST(Progress, sends_so_many_records_again) {
  Progress progress(0, 0, {.records = 5});
  progress.advance(3, kStart);
  EXPECT_EQ(progress.resend_from(), 0);
  progress.advance(100, kStart);
  EXPECT_EQ(progress.resend_from(), 95);
  progress.begin_again(0);
  EXPECT_EQ(progress.next(), 95);
  EXPECT_EQ(progress.position(), 100);
  EXPECT_TRUE(progress.is_resending());
}

TEST(Progress, sends_again_what_was_sent_lately) {
  Progress progress(0, 0, {.time = 1s});
  progress.advance(10, kStart);
  progress.advance(20, kStart + 500ms);
  EXPECT_EQ(progress.resend_from(), 0) << "none of it is a second old";
  progress.advance(30, kStart + 1000ms);
  EXPECT_EQ(progress.resend_from(), 10);
  progress.advance(40, kStart + 1500ms);
  EXPECT_EQ(progress.resend_from(), 20);
  progress.stand(kStart + 2400ms);
  EXPECT_EQ(progress.resend_from(), 30);
  progress.stand(kStart + 2500ms);
  EXPECT_EQ(progress.resend_from(), 40);
}

TEST(Progress, what_was_sent_between_two_marks_ages_too) {
  Progress progress(0, 0, {.time = 16s});
  progress.advance(10, kStart);
  progress.advance(11, kStart + 10ms);  // too soon for a mark of its own
  progress.stand(kStart + 16s);
  EXPECT_EQ(progress.resend_from(), 10);
  progress.stand(kStart + 40s);
  EXPECT_EQ(progress.resend_from(), 11);
}

TEST(Progress, a_break_while_it_sends_again_sends_all_of_it_again) {
  Progress progress(0, 0, {.time = 1s});
  progress.advance(10, kStart);
  progress.advance(30, kStart + 1s);
  progress.begin_again(0);
  EXPECT_EQ(progress.next(), 10);
  progress.advance(20, kStart + 2s);
  progress.stand(kStart + 60s);
  EXPECT_EQ(progress.resend_from(), 10);
  progress.begin_again(0);
  EXPECT_EQ(progress.next(), 10);
  progress.advance(30, kStart + 61s);
  EXPECT_EQ(progress.resend_from(), 10) << "it has only just come";
  progress.stand(kStart + 62s);
  EXPECT_EQ(progress.resend_from(), 30);
}

TEST(Progress, what_was_kept_counts_after_a_restart) {
  Progress progress(100, 80, {.time = 1s});
  EXPECT_EQ(progress.next(), 100);
  progress.begin_again(0);
  EXPECT_EQ(progress.next(), 80);
}

TEST(Progress, never_begins_before_the_log_does) {
  Progress progress(100, 80, {.time = 1s, .records = 50});
  progress.begin_again(95);
  EXPECT_EQ(progress.next(), 95);
  progress.skip_to(120);
  EXPECT_EQ(progress.next(), 120);
  EXPECT_EQ(progress.position(), 120);
  progress.skip_to(110);
  EXPECT_EQ(progress.position(), 120);
}

TEST(Backoff, doubles_up_to_its_limit_and_is_never_the_same_for_all) {
  Backoff backoff(1s);
  EXPECT_EQ(backoff.next(0), 100ms);
  EXPECT_EQ(backoff.next(0), 200ms);
  EXPECT_EQ(backoff.next(0), 400ms);
  EXPECT_EQ(backoff.next(0), 500ms);
  EXPECT_EQ(backoff.next(0), 500ms);
  for (std::uint64_t random = 0; random < 5000; ++random) {
    const auto wait = backoff.next(random);
    ASSERT_GE(wait, 500ms);
    ASSERT_LE(wait, 1s);
  }
  EXPECT_EQ(backoff.next(500), 1s);
  backoff.reset();
  EXPECT_EQ(backoff.next(100), 200ms);
  Backoff short_one(10ms);
  EXPECT_LE(short_one.next(UINT64_MAX), 10ms);
}

}  // namespace
}  // namespace wardlock::audit
