#include "server/retention.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "audit/inspect/verify.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kYear = 366LL * 24 * 60 * 60 * 1000;

/// A log of several segments, which is open.
class RetentionTest : public testing::Test {
 protected:
  RetentionTest() {
    std::string name = (fs::temp_directory_path() / "retention-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    settings_.directory = folder_ + "/log";
    settings_.segment_bytes = 256UL * 1024;
    settings_.spool_bytes = 256UL * 1024;
    settings_.is_immutable = false;
    settings_.retention_years_otherwise = 6;
    open();
    const std::string reason(4000, 'r');
    for (int i = 0; i < 150; ++i) {
      EXPECT_TRUE(audit_->record_now({.kind = event::Kind::kRefusal,
                                      .record_class = "care",
                                      .patient = i < 100 ? "p-1" : "p-2",
                                      .reason = reason}));
    }
    firsts_ = audit::list_segments(audit_->files(), paths().segments()).value();
    EXPECT_GE(firsts_.size(), 3U);
  }
  ~RetentionTest() override {
    audit_.reset();
    fs::remove_all(folder_);
  }

  void open() {
    audit_.reset();
    auto opened = AuditLog::open(settings_);
    ASSERT_TRUE(opened) << opened.error().message;
    audit_ = std::move(*opened);
  }
  audit::LogPaths paths() const { return audit::LogPaths(settings_.directory); }
  audit::ExpiredPart find(std::int64_t now) {
    return find_expired(*audit_, settings_, now, {}).value();
  }

  std::string folder_;
  config::Audit settings_;
  std::unique_ptr<AuditLog> audit_;
  std::vector<std::uint64_t> firsts_;
};

TEST_F(RetentionTest, WhatIsRemovedIsRecordedAndTheLogStaysWhole) {
  EXPECT_TRUE(find(wall_clock_ms() + 6 * kYear - 60'000).segments.empty());
  const audit::ExpiredPart part = find(wall_clock_ms() + 6 * kYear);
  EXPECT_EQ(part.end, firsts_.back());
  ASSERT_TRUE(remove_expired(*audit_, part, {.reason = "as every year"}));
  EXPECT_EQ(audit::list_segments(audit_->files(), paths().segments()).value(),
            std::vector<std::uint64_t>{firsts_.back()});
  open();
  EXPECT_TRUE(audit_->record_now({.kind = event::Kind::kServiceStart}));
  audit_.reset();
  audit::PosixFiles files;
  const auto verified = audit::verify_log(files, {.folder = settings_.directory}, {});
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->is_whole());
  ASSERT_EQ(verified->findings.kept().size(), 1U);
  EXPECT_TRUE(verified->findings.kept()[0].what.contains("as record 150 says"));
  EXPECT_EQ(verified->records, 152U);
}

TEST_F(RetentionTest, ALegalHoldStopsIt) {
  const event::Subject patient = event::subject_of({.patient = "p-1"}, event::Part::kPatient);
  ASSERT_TRUE(audit_->keys().hold(patient, "case 4711", 1));
  const audit::ExpiredPart part = find(wall_clock_ms() + 6 * kYear);
  EXPECT_TRUE(part.segments.empty());
  EXPECT_EQ(part.next, "record 0 is about somebody with a legal hold");
  ASSERT_TRUE(audit_->keys().release(patient, "case 4711"));
  EXPECT_FALSE(find(wall_clock_ms() + 6 * kYear).segments.empty());
}

TEST_F(RetentionTest, AClassIsKeptLonger) {
  settings_.retention_years.emplace("care", 10);
  EXPECT_TRUE(find(wall_clock_ms() + 7 * kYear).segments.empty());
  EXPECT_FALSE(find(wall_clock_ms() + 10 * kYear).segments.empty());
}

TEST_F(RetentionTest, WhatCannotBeRecordedIsNotRemoved) {
  const audit::ExpiredPart part = find(wall_clock_ms() + 6 * kYear);
  audit_->log().close();
  EXPECT_FALSE(remove_expired(*audit_, part, {}));
  EXPECT_EQ(audit::list_segments(audit_->files(), paths().segments()).value(), firsts_);
}

}  // namespace
}  // namespace wardlock::server
