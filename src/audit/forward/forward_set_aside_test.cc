#include "audit/forward/forwarding_for_test.h"

#include <gtest/gtest.h>

namespace wardlock::audit {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using What = ForwardNotice::What;

TEST_F(Forwarding, an_event_that_is_refused_is_set_aside_after_some_tries) {
  receiver_.refused = {5};
  step_until_sent();
  EXPECT_EQ(receiver_.records, (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 6, 7, 8, 9}));
  EXPECT_EQ(work_->status().set_aside, 1);
  EXPECT_EQ(work_->status().failures, 2) << "and the third try is the last";
  ASSERT_EQ(set_aside().size(), 1);
  EXPECT_EQ(set_aside()[0].at("record"), 5);
  EXPECT_EQ(set_aside()[0].at("id"), "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a10");
  EXPECT_EQ(set_aside()[0].at("reason"), "the receiver answers 503");
  EXPECT_TRUE(std::ranges::count(notices_, What::kSetAside) == 1);
}

TEST_F(Forwarding, a_batch_that_is_refused_is_sent_one_by_one) {
  receiver_.answers = {{.error = not_now(), .is_refused = true}};
  receiver_.refused = {2};
  step_until_sent();
  EXPECT_EQ(receiver_.records, (std::vector<std::uint64_t>{0, 1, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(set_aside().size(), 1);
}

TEST_F(Forwarding, an_event_that_is_taken_at_the_second_try_is_not_set_aside) {
  receiver_.refused = {0};
  step(3);
  EXPECT_TRUE(receiver_.records.empty());
  receiver_.refused.clear();
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(0, 10));
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(Forwarding, a_receiver_that_refuses_everything_does_not_empty_the_log) {
  log_.append(10);
  receiver_.refuses_all = true;
  step(300);
  EXPECT_EQ(set_aside().size(), 10);
  EXPECT_EQ(work_->status().position, 10);
  EXPECT_NE(work_->status().why.find("one event after another"), std::string::npos);
  receiver_.refuses_all = false;
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(10, 20));
}

TEST_F(Forwarding, nothing_is_passed_that_cannot_be_listed) {
  receiver_.refused = {0};
  files_.stubborn = "set-aside";
  step(50);
  EXPECT_TRUE(receiver_.records.empty());
  EXPECT_EQ(work_->status().why, "no space left on device");
  files_.stubborn.clear();
  step_until_sent();
  EXPECT_EQ(receiver_.records, all(1, 10));
  EXPECT_EQ(set_aside().size(), 1);
}

TEST_F(Forwarding, a_place_that_cannot_be_written_stops_nothing) {
  step(1);
  files_.stubborn = "/place";
  log_.append(10);
  for (int i = 0; i < 10; ++i) {
    step(1);
    now_ += 1s;
  }
  EXPECT_EQ(receiver_.records, all(0, 20));
  EXPECT_EQ(std::ranges::count(notices_, What::kPlaceUnsaved), 1);
}

TEST_F(Forwarding, a_damaged_record_is_listed_and_spoils_no_other) {
  const auto [segment, at] = log_.place_of_record(4);
  log_.flip(segment, at + 40, 3);
  step_until_sent();
  EXPECT_EQ(receiver_.records, (std::vector<std::uint64_t>{0, 1, 2, 3, 5, 6, 7, 8, 9}));
  ASSERT_EQ(set_aside().size(), 1);
  EXPECT_EQ(set_aside()[0].at("record"), 4);
  EXPECT_EQ(work_->status().set_aside, 1);
}

TEST_F(Forwarding, records_that_were_removed_are_told_of) {
  log_.append(300);
  step(1);
  work_->save();
  ASSERT_GT(log_.segments().size(), 2);
  const std::string removed = log_.segments().at(0);
  fs::permissions(removed, fs::perms::owner_all);
  fs::remove(removed);
  restart();
  step_until_sent();
  ASSERT_EQ(set_aside().size(), 1);
  const auto first = set_aside()[0].at("record").to_number<std::uint64_t>();
  const auto last = set_aside()[0].at("last_record").to_number<std::uint64_t>();
  EXPECT_EQ(first, 4);
  EXPECT_EQ(work_->status().missing, last + 1 - first);
  auto expected = all(0, 4);
  std::ranges::copy(all(last + 1, 310), std::back_inserter(expected));
  EXPECT_EQ(receiver_.records, expected);
  EXPECT_EQ(std::ranges::count(notices_, What::kMissing), 1);
}

TEST_F(Forwarding, a_log_whose_beginning_is_gone_is_begun_where_it_begins) {
  log_.append(300);
  fs::permissions(log_.segments().at(0), fs::perms::owner_all);
  fs::remove(log_.segments().at(0));
  step_until_sent();
  EXPECT_GT(receiver_.records.front(), 0);
  EXPECT_TRUE(set_aside().empty());
}

}  // namespace
}  // namespace wardlock::audit
