#include "server/recorder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace wardlock::server {
namespace {

/// A log in a folder of its own, whose classes of action are `proceed`, `spool` and others.
class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "recorder-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto opened = AuditLog::open({.directory = folder_ + "/log",
                                  .on_failure = {{"proceed", config::OnFailure::kProceed},
                                                 {"spool", config::OnFailure::kSpool}},
                                  .unawaited = {"later"},
                                  .trusted_tenants = {{"t"}},
                                  .spool_bytes = std::size_t{1} << 20,
                                  .is_immutable = false,
                                  .segment_bytes = std::size_t{1} << 20});
    EXPECT_TRUE(opened) << opened.error().message;
    audit_ = *std::move(opened);
    recorder_.emplace(*audit_);
  }
  ~RecorderTest() override {
    recorder_.reset();
    audit_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string folder_;
  std::unique_ptr<AuditLog> audit_;
  std::optional<Recorder> recorder_;
};

TEST_F(RecorderTest, WhatIsTooLongForARecordIsNotAnsweredWhateverItsClass) {
  std::uint64_t recorded = 0;
  for (const char* record_class : {"proceed", "spool", ""}) {
    for (std::size_t size = 1'000; size < 70'000; size += 3'000) {
      const std::string principal(size, 'x');
      const auto done = recorder_->record({.id = "an id",
                                           .time = 1,
                                           .kind = event::Kind::kDecision,
                                           .outcome = event::Outcome::kSuccess,
                                           .record_class = record_class,
                                           .tenant = "t",
                                           .principal_type = "User",
                                           .principal_id = principal});
      if (done) {
        ++recorded;
      } else {
        EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument) << done.error().message;
      }
    }
  }
  audit_->log().close();
  EXPECT_GT(recorded, 20U);
  EXPECT_EQ(audit_->log().status().size, recorded);
  EXPECT_EQ(audit_->unrecorded(), 0U);
}

/// A tenant's schema says which of its actions are of a class.
TEST_F(RecorderTest, OnlyATrustedTenantMakesAClassLessStrict) {
  const auto record = [&](std::string_view tenant, std::string_view record_class) {
    return recorder_->record({.id = "an id",
                              .time = 1,
                              .kind = event::Kind::kDecision,
                              .record_class = record_class,
                              .tenant = tenant});
  };
  EXPECT_TRUE(record("t", "later")->empty());
  EXPECT_FALSE(record("other", "later")->empty()) << "it waits";
  EXPECT_FALSE(record("other", "proceed")->empty());
  audit_->log().close();
  EXPECT_TRUE(record("t", "proceed"));
  EXPECT_EQ(audit_->unrecorded(), 1U);
  for (const char* tenant : {"other", ""}) {
    for (const char* record_class : {"proceed", "later", "spool", ""}) {
      EXPECT_EQ(record(tenant, record_class).error().code, ErrorCode::kUnavailable);
    }
  }
  EXPECT_EQ(audit_->unrecorded(), 1U);
}

/// Whoever asks faster than a disk writes fills half of the queue, whatever is done about it.
TEST_F(RecorderTest, ACallerFillsItsOwnShareOnly) {
  const std::string reason(50'000, 'x');
  const auto record = [&](std::string_view caller, std::string_view record_class) {
    return recorder_->record({.id = "an id",
                              .time = 1,
                              .kind = event::Kind::kDecision,
                              .record_class = record_class,
                              .caller = caller,
                              .value_after = reason});
  };
  constexpr int kMany = 20'000;
  Result<net::Tickets> refused;
  for (int i = 0; i < kMany && refused; ++i) refused = record("hasty", "");
  const auto other = record("other", "proceed");
  EXPECT_TRUE(other) << other.error().message;
  ASSERT_FALSE(refused) << "unless the disk was faster";
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(refused.error().message.contains("this is no refusal")) << refused.error().message;
  audit_->log().close();
  EXPECT_EQ(audit_->unrecorded(), 0U) << "the other has its record";
}

}  // namespace
}  // namespace wardlock::server
