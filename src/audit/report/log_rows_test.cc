#include "audit/report/log_rows.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "audit/report/reported_log_for_test.h"

namespace wardlock::audit {
namespace {

class LogRowsTest : public testing::Test {
 protected:
  /// The numbers of the records that a report has.
  std::vector<std::uint64_t> found(Heading asked) {
    const auto rows = LogRows::open(files_, log_.log.folder(), log_.log.keys()).value();
    const auto done = rows->find(asked, {});
    EXPECT_TRUE(done) << done.error().message;
    std::vector<std::uint64_t> records;
    EXPECT_TRUE(rows->each([&](const Row& row) -> Result<void> {
      records.push_back(row.record);
      return {};
    }));
    log_.made = asked;
    EXPECT_EQ(records.size(), asked.counts.events);
    return records;
  }
  std::string refusal(Heading asked) {
    const auto rows = LogRows::open(files_, log_.log.folder(), log_.log.keys()).value();
    const auto done = rows->find(asked, {});
    return done ? "" : done.error().message;
  }

  using Records = std::vector<std::uint64_t>;
  PosixFiles files_;
  ReportedLog log_;
};

TEST_F(LogRowsTest, EachReportHasItsEvents) {
  EXPECT_EQ(found(log_.ask("users")), Records({0, 1}));
  EXPECT_EQ(found(log_.ask("credentials")), Records({2}));
  EXPECT_EQ(found(log_.ask("patient", "p-100")), Records({3, 4, 6, 7, 8, 9}));
  EXPECT_EQ(found(log_.ask("overrides")), Records({6, 7, 8, 9, 10}));
  EXPECT_EQ(found(log_.ask("device", "", "pump-12")), Records({3, 5, 6, 7, 8, 9}));
  EXPECT_EQ(found(log_.ask("logins")), Records({11}));
  EXPECT_EQ(found(log_.ask("changes")), Records({}));
}

TEST_F(LogRowsTest, CountsThem) {
  found(log_.ask("patient", "p-100"));
  EXPECT_EQ(log_.made.counts.succeeded, 5U);
  EXPECT_EQ(log_.made.counts.refused, 1U);
  EXPECT_EQ(log_.made.gaps, Gaps());
}

TEST_F(LogRowsTest, OfItsPeriodAlone) {
  Heading asked = log_.ask("patient", "p-100");
  asked.request.from = kReportedFrom + 4000;
  asked.request.to = kReportedFrom + 7000;
  EXPECT_EQ(found(asked), Records({4, 6}));
}

TEST_F(LogRowsTest, OfItsTenantAlone) {
  event::Event other = reported_events_for_test()[3];
  other.tenant = "elsewhere";
  log_.log.append_event(other);
  EXPECT_EQ(found(log_.ask("patient", "p-100")), Records({3, 4, 6, 7, 8, 9}));
  Heading asked = log_.ask("patient", "p-100");
  asked.request.tenant = "elsewhere";
  EXPECT_EQ(found(asked), Records({12}));
}

TEST_F(LogRowsTest, WhoNamesNoTenantIsToldOfThem) {
  Heading asked = log_.ask("users");
  asked.request.tenant = "";
  EXPECT_TRUE(refusal(asked).contains("those of `st-mary`")) << refusal(asked);
}

TEST_F(LogRowsTest, AnErasedPatientIsNotFoundAndCounted) {
  log_.log.keys().set({"st-mary", "Patient", "p-100"}, event::KeyLookup::Answer::kErased);
  EXPECT_EQ(found(log_.ask("patient", "p-100")), Records({}));
  EXPECT_EQ(log_.made.gaps.erased, 6U);
  EXPECT_EQ(found(log_.ask("device", "", "pump-12")), Records({3, 5, 6, 7, 8, 9}));
  EXPECT_EQ(log_.made.counts.erased, 5U);
}

TEST_F(LogRowsTest, WithoutAKeyItSaysThatItMayLackSome) {
  log_.log.keys().set({"st-mary", "Patient", "p-200"}, event::KeyLookup::Answer::kMissing);
  EXPECT_EQ(found(log_.ask("patient", "p-100")).size(), 6U);
  EXPECT_EQ(log_.made.gaps.locked, 1U);
}

TEST_F(LogRowsTest, WhatTheLogDoesNotKeepAnyLongerIsCounted) {
  log_.log.append(600);  // so that there is a second segment
  const auto segments = log_.log.segments();
  ASSERT_GT(segments.size(), 1U);
  std::filesystem::remove(segments.front());
  EXPECT_EQ(found(log_.ask("users")), Records({}));
  EXPECT_GT(log_.made.gaps.removed, 11U);
  EXPECT_TRUE(log_.page(log_.ask("users")).contains("records were not kept any longer"));
}

TEST_F(LogRowsTest, ADamagedRecordIsCounted) {
  const auto [path, at] = log_.log.place_of_record(5);
  log_.log.flip(path, at + 40, 7);
  EXPECT_EQ(found(log_.ask("device", "", "pump-12")), Records({3, 6, 7, 8, 9}));
  EXPECT_EQ(log_.made.gaps.unreadable, 1U);
}

TEST_F(LogRowsTest, WhatTheLogDoesNotProveIsInNoReport) {
  const auto [path, at] = log_.log.place_of_record(3);
  const std::string record = log_.log.keys().seal(reported_events_for_test()[3]);
  log_.log.write_at(path, at + 2, record);  // as long as the one before, and as right by itself
  EXPECT_TRUE(log_.document(log_.ask("patient", "p-100")).contains("does not prove record 3"));
}

TEST_F(LogRowsTest, ARequestNamesWhatItNeeds) {
  EXPECT_TRUE(check_request(log_.ask("patient").request).error().message.contains("`--patient`"));
  EXPECT_TRUE(check_request(log_.ask("device").request).error().message.contains("`--device`"));
  EXPECT_TRUE(check_request(log_.ask("patient", "p-1").request).has_value());
  Heading asked = log_.ask("users");
  asked.request.from = asked.request.to = 5;
  EXPECT_TRUE(check_request(asked.request).error().message.contains("ends before it begins"));
}

}  // namespace
}  // namespace wardlock::audit
