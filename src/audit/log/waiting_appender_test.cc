#include "audit/log/waiting_appender.h"

#include <gtest/gtest.h>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_for_test.h"

namespace wardlock::audit {
namespace {

TEST(WaitingAppenderTest, ReturnsWhenItIsDurable) {
  FaultyFiles files(1);
  const auto log = Log::open(test_options("/log"), files).value();
  WaitingAppender appender(*log);
  EXPECT_EQ(appender.append("a", WhenFailing::kRefuse), Outcome::kDurable);
  EXPECT_EQ(log->head().size, 1U);
  EXPECT_EQ(appender.append("b", WhenFailing::kRefuse), Outcome::kDurable);
  EXPECT_EQ(log->head().size, 2U);
}

TEST(WaitingAppenderTest, SaysWhatElseBecameOfIt) {
  FaultyFiles files(1);
  LogOptions options = test_options("/log");
  options.retry_interval = std::chrono::hours(1);
  const auto log = Log::open(options, files).value();
  WaitingAppender appender(*log);
  files.break_with(FaultyFiles::Fault::kIoError);
  EXPECT_EQ(appender.append("a", WhenFailing::kRefuse), Outcome::kRefused);
  files.break_with(FaultyFiles::Fault::kNone);
  EXPECT_EQ(appender.append("b", WhenFailing::kSpool), Outcome::kSpooled);
  EXPECT_EQ(appender.append("c", WhenFailing::kRefuse), Outcome::kRefused);
}

TEST(WaitingAppenderTest, WaitsForNoLogThatIsClosed) {
  FaultyFiles files(1);
  const auto log = Log::open(test_options("/log"), files).value();
  WaitingAppender appender(*log);
  log->close();
  EXPECT_EQ(appender.append("a", WhenFailing::kSpool).error().code, ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace wardlock::audit
