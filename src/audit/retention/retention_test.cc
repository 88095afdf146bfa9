#include "audit/retention/retention.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "audit/inspect/event_reader.h"
#include "audit/inspect/inspected_log_for_test.h"
#include "audit/inspect/verify.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"

namespace wardlock::audit {
namespace {

using std::chrono::days;

constexpr std::int64_t kDay = 24LL * 60 * 60 * 1000;

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { rules_.otherwise = days(10); }

  /// So many decisions of the class `care`, a day apart.
  void fill(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      times_.push_back(time_);
      records_.push_back(seal(time_, "care"));
      time_ += kDay;
    }
  }
  std::string seal(std::int64_t time, std::string_view record_class,
                   std::string_view patient = "p-100") {
    event::Event event = event::decision_for_test();
    const std::string reason(4000, 'r');  // some 50 make a segment
    event.time = time;
    event.record_class = record_class;
    event.patient = patient;
    event.reason = reason;
    return log_.keys().seal(event);
  }
  void write() {
    log_.append_texts(records_);
    firsts_ = list_segments(files_, LogPaths(log_.folder()).segments()).value();
    ASSERT_GE(firsts_.size(), 4U);
  }

  ExpiredPart find(std::int64_t now) {
    auto part = find_expired(files_, log_.folder(), rules_, held_, now, {});
    EXPECT_TRUE(part) << part.error().message;
    return part.value_or(ExpiredPart());
  }
  std::int64_t time_of(std::uint64_t record) const { return times_[record]; }

  PosixFiles files_;
  InspectedLog log_;
  RetentionRules rules_;
  std::vector<event::KeyId> held_;
  std::vector<std::string> records_;
  std::vector<std::int64_t> times_;
  std::int64_t time_ = 1'795'330'000'123;
  std::vector<std::uint64_t> firsts_;
};

TEST_F(RetentionTest, ASegmentStaysUntilItsLastRecordIsOldEnough) {
  fill(250);
  write();
  const std::int64_t end = time_of(firsts_[1] - 1) + 10 * kDay;
  const ExpiredPart before = find(end - 1);
  EXPECT_TRUE(before.segments.empty());
  EXPECT_EQ(before.end, 0U);
  EXPECT_TRUE(before.next.contains("the shortest retention is 10 days")) << before.next;
  const ExpiredPart part = find(end);
  EXPECT_EQ(part.segments, std::vector<std::uint64_t>{0});
  EXPECT_EQ(part.begin, 0U);
  EXPECT_EQ(part.end, firsts_[1]);
  EXPECT_EQ(part.oldest, time_of(0));
  EXPECT_EQ(part.latest, time_of(firsts_[1] - 1));
}

TEST_F(RetentionTest, TheLastSegmentStays) {
  fill(250);
  write();
  const ExpiredPart part = find(time_ + 1000 * kDay);
  EXPECT_EQ(part.end, firsts_.back());
  EXPECT_EQ(part.segments.size(), firsts_.size() - 1);
  EXPECT_EQ(part.next, "the last segment is being written");
}

TEST_F(RetentionTest, OneRecordOfALongerClassKeepsWhatFollowsIt) {
  rules_.by_class.emplace("research", days(5000));
  fill(70);
  records_.push_back(seal(time_, "research"));
  times_.push_back(time_);
  fill(180);
  write();
  ASSERT_LT(firsts_[1], 70U);
  ASSERT_GT(firsts_[2], 70U);
  const ExpiredPart part = find(time_ + 1000 * kDay);
  EXPECT_EQ(part.end, firsts_[1]);
  EXPECT_TRUE(part.next.contains("record 70 is of ")) << part.next;
  EXPECT_TRUE(part.next.contains("of class research, which is kept for 5000 days")) << part.next;
  EXPECT_EQ(find(time_of(70) + 5000 * kDay).end, firsts_.back());
}

TEST_F(RetentionTest, AShorterClassIsRemovedWithTheOthersOnly) {
  rules_.by_class.emplace("care", days(1));
  records_.push_back(seal(time_, "other"));
  times_.push_back(time_);
  fill(250);
  write();
  rules_.otherwise = days(5000);
  EXPECT_TRUE(find(time_ + 1000 * kDay).segments.empty());
  rules_.otherwise = days(1);
  EXPECT_FALSE(find(time_ + 1000 * kDay).segments.empty());
}

TEST_F(RetentionTest, ALegalHoldKeepsTheRecordsOfItsSubject) {
  fill(70);
  records_.push_back(seal(time_, "care", "p-held"));
  times_.push_back(time_);
  fill(180);
  write();
  held_ = {event::key_for_test({.tenant = "st-mary", .type = "Patient", .id = "nobody"}).id,
           event::key_for_test(
               event::subject_of({.tenant = "st-mary", .patient = "p-held"}, event::Part::kPatient))
               .id};
  const ExpiredPart part = find(time_ + 1000 * kDay);
  EXPECT_EQ(part.end, firsts_[1]);
  EXPECT_EQ(part.next, "record 70 is about somebody with a legal hold");
  held_.pop_back();
  EXPECT_EQ(find(time_ + 1000 * kDay).end, firsts_.back());
}

TEST_F(RetentionTest, AClockThatWasSetBackMakesNothingOlder) {
  fill(20);
  const std::int64_t right = time_;
  time_ -= 3000 * kDay;
  fill(230);
  write();
  EXPECT_TRUE(find(right + 8 * kDay).segments.empty()) << "record 19 is not old enough";
  EXPECT_EQ(find(right + 9 * kDay).end, firsts_.back());
}

TEST_F(RetentionTest, ARecordThatCannotBeReadIsAnError) {
  fill(250);
  records_[3] = "no record";
  write();
  const auto part = find_expired(files_, log_.folder(), rules_, {}, time_ + 1000 * kDay, {});
  ASSERT_FALSE(part);
  EXPECT_TRUE(part.error().message.starts_with("record 3: ")) << part.error().message;
}

TEST_F(RetentionTest, WhatIsRemovedIsExcusedByItsRecord) {
  fill(250);
  write();
  const ExpiredPart part = find(time_of(firsts_[2] - 1) + 10 * kDay);
  ASSERT_EQ(part.segments.size(), 2U);
  log_.append_event({.id = "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a11",
                     .time = time_,
                     .kind = event::Kind::kRetentionRemoval,
                     .count = static_cast<std::int64_t>(part.end)});
  ASSERT_TRUE(remove_expired(files_, log_.folder(), part));
  EXPECT_EQ(list_segments(files_, LogPaths(log_.folder()).segments())->front(), firsts_[2]);

  const auto verified = verify_log(files_, {.folder = log_.folder()}, {});
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->is_whole());
  EXPECT_EQ(verified->head, log_.head());
  EventReader events(files_, log_.folder(), log_.keys());
  EXPECT_EQ(events.begin(), firsts_[2]);
  EXPECT_TRUE(events.event(firsts_[2]));
  const auto removed = events.event(firsts_[2] - 1);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(removed.error().message.contains("were removed after their retention"))
      << removed.error().message;

  // It goes on from there.
  log_.append(3);
  EXPECT_TRUE(verify_log(files_, {.folder = log_.folder()}, {})->is_whole());
  const ExpiredPart next = find(time_ + 1000 * kDay);
  EXPECT_EQ(next.begin, firsts_[2]);
  EXPECT_GT(next.end, firsts_[2]);
}

TEST_F(RetentionTest, WhatStoppedHalfwayIsFoundAgain) {
  fill(250);
  write();
  ExpiredPart part = find(time_ + 1000 * kDay);
  part.segments.push_back(999'999);
  EXPECT_FALSE(remove_expired(files_, log_.folder(), part));
  EXPECT_EQ(find(time_ + 1000 * kDay).begin, firsts_.back());
}

}  // namespace
}  // namespace wardlock::audit
