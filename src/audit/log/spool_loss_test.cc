#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log.h"
#include "audit/log/log_for_test.h"
#include "audit/log/segment.h"
#include "audit/log/waiting_appender.h"

// Somebody removes, empties or exchanges the spool while what it holds is not in the log yet.

namespace wardlock::audit {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kFolder = "/log";
constexpr const char* kSpool = "/spool/spool";

class SpoolLossTest : public ::testing::Test {
 protected:
  ~SpoolLossTest() override { files_.answer(); }

  void open() {
    LogOptions options = test_options(kFolder);
    options.spool_folder = "/spool";
    options.spool_note = "/keys/log.spool";
    options.retry_interval = std::chrono::milliseconds(2);
    options.stall = std::chrono::milliseconds(20);
    options.checkpoint_interval = std::chrono::hours(1);
    options.write_spool_event = [](const SpoolReport& report, std::string& draft) {
      draft = fmt::format("{} spooled, {} missing", report.records, report.missing);
    };
    EXPECT_TRUE(files_.make_folder("/keys"));
    appender_.reset();
    log_.reset();
    auto opened = Log::open(std::move(options), files_);
    ASSERT_TRUE(opened) << opened.error().message;
    log_ = *std::move(opened);
    appender_.emplace(*log_);
    wait_until([&] { return !log_->status().is_preparing; });
  }

  /// The log does not answer, so that what is appended is in the spool.
  void spool(const Texts& drafts) {
    files_.hang_at(1, kFolder);
    for (const std::string& draft : drafts) {
      ASSERT_EQ(appender_->append(draft, WhenFailing::kSpool), Outcome::kSpooled);
    }
  }

  /// The power fails, and comes back.
  void stop() {
    files_.lose_power_at(1);
    files_.answer();
    appender_.reset();
    log_.reset();
    files_.restart();
  }

  void start_again() {
    if (log_ != nullptr) stop();
    open();
    recover();
  }

  void recover() {
    files_.answer();
    wait_until([&] { return !log_->is_failing() && log_->status().spool_used == 0; });
  }

  /// What is in the log beside the hanging batch, which may be there or not.
  Texts records() {
    log_->close();
    const auto log = read_whole_log(files_, kFolder);
    EXPECT_TRUE(log) << log.error().message;
    Texts records = log ? log->records : Texts{};
    std::erase(records, "hanging!");
    return records;
  }

  static void wait_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 5000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(condition());
  }

  void empty_spool() {
    std::string& content = *files_.content(kSpool);
    std::fill(content.begin() + kSegmentHeaderBytes, content.end(), '\0');
  }

  FaultyFiles files_{1};
  std::unique_ptr<Log> log_;
  std::optional<WaitingAppender> appender_;
};

TEST_F(SpoolLossTest, NothingIsMissingWhereNothingWasDone) {
  open();
  spool({"hanging", "a", "b"});
  start_again();
  EXPECT_EQ(log_->status().spool_missing, 0U);
  EXPECT_EQ(records(), (Texts{"a!", "b!", "3 spooled, 0 missing!"}));
  start_again();
  EXPECT_EQ(records().size(), 3U) << "nothing is told twice";
}

TEST_F(SpoolLossTest, ASpoolRemovedWhileTheLogIsDownIsTold) {
  open();
  spool({"hanging", "a", "b"});
  stop();
  ASSERT_TRUE(files_.remove(kSpool));
  start_again();
  EXPECT_EQ(log_->status().spool_missing, 3U);
  EXPECT_EQ(records(), (Texts{"0 spooled, 3 missing!"}));
  start_again();
  EXPECT_EQ(records(), (Texts{"0 spooled, 3 missing!"})) << "once";
}

TEST_F(SpoolLossTest, ASpoolEmptiedWhileTheLogIsDownIsTold) {
  open();
  spool({"hanging", "a"});
  stop();
  empty_spool();
  start_again();
  EXPECT_EQ(records(), (Texts{"0 spooled, 2 missing!"}));
}

TEST_F(SpoolLossTest, AnOlderCopyOfTheSpoolIsTold) {
  open();
  spool({"hanging", "a"});
  const std::string older = *files_.content(kSpool);
  spool({"b", "c"});
  stop();
  *files_.content(kSpool) = older;
  start_again();
  EXPECT_EQ(records(), (Texts{"a!", "2 spooled, 2 missing!"}));
}

TEST_F(SpoolLossTest, TheSpoolOfAnEarlierFailureIsTold) {
  open();
  spool({"hanging", "a", "b"});
  const std::string earlier = *files_.content(kSpool);
  recover();
  ASSERT_EQ(appender_->append("between", WhenFailing::kRefuse), Outcome::kDurable);
  spool({"hanging", "c"});
  stop();
  *files_.content(kSpool) = earlier;
  start_again();
  EXPECT_EQ(log_->status().spool_missing, 2U);
  const Texts all = records();
  EXPECT_EQ(all.back(), "3 spooled, 2 missing!");
}

TEST_F(SpoolLossTest, ASpoolRemovedWhileTheLogRunsTakesNothingMoreAndIsTold) {
  open();
  spool({"hanging", "a", "b"});
  ASSERT_TRUE(files_.remove(kSpool));
  EXPECT_EQ(appender_->append("c", WhenFailing::kSpool), Outcome::kRefused);
  recover();
  EXPECT_EQ(log_->status().spool_missing, 2U) << "the first is in the log";
  spool({"hanging", "d"});
  recover();
  EXPECT_EQ(log_->status().spool_missing, 2U) << "there is a new one";
  const Texts all = records();
  EXPECT_EQ(std::ranges::count(all, "1 spooled, 2 missing!"), 1);
  EXPECT_EQ(std::ranges::count(all, "d!"), 1);
}

TEST_F(SpoolLossTest, WhatIsLeftOfASpoolComesIn) {
  open();
  spool({"hanging", "a", "b", "c"});
  std::string& content = *files_.content(kSpool);
  const std::size_t at = content.find("b!");
  ASSERT_NE(at, std::string::npos);
  content[at] = 'x';
  recover();
  EXPECT_EQ(log_->status().spool_missing, 1U);
  EXPECT_EQ(records(), (Texts{"a!", "c!", "3 spooled, 1 missing!"}));
}

TEST_F(SpoolLossTest, ASpoolOfAnotherLogInItsPlaceIsKeptAsEvidence) {
  open();
  spool({"hanging", "a"});
  std::string& content = *files_.content(kSpool);
  std::fill(content.begin(), content.end(), 'x');
  recover();
  EXPECT_EQ(log_->status().spool_missing, 1U);
  ASSERT_NE(files_.content("/spool/spool.exchanged"), nullptr);
  EXPECT_TRUE(files_.content("/spool/spool.exchanged")->starts_with("xxx"));
}

TEST_F(SpoolLossTest, ASpoolThatIsRemovedWhileItIsEmptyIsMadeAnew) {
  open();
  ASSERT_TRUE(files_.remove(kSpool));
  spool({"hanging", "a"});
  start_again();
  EXPECT_EQ(records(), (Texts{"a!", "2 spooled, 0 missing!"}));
}

// The note can't be written: records are spooled all the same.
TEST_F(SpoolLossTest, CareGoesBeforeTheNote) {
  open();
  recover();
  log_->close();
  open();
  ASSERT_TRUE(files_.remove("/keys/log.spool"));
  ASSERT_TRUE(files_.remove("/keys"));
  spool({"hanging", "a"});
}

TEST_F(SpoolLossTest, ANoteThatWasTornSaysNothing) {
  open();
  spool({"hanging", "a"});
  stop();
  files_.content("/keys/log.spool")->assign("torn");
  start_again();
  EXPECT_EQ(records(), (Texts{"a!", "2 spooled, 0 missing!"}));
}

}  // namespace
}  // namespace wardlock::audit
