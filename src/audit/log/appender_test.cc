#include "audit/log/appender.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log.h"
#include "audit/log/log_for_test.h"

namespace wardlock::audit {
namespace {

constexpr std::size_t kQueueBytes = 1000;

/// A log whose sealer waits, so that what is appended stays in the queue.
class AppenderTest : public ::testing::Test {
 protected:
  AppenderTest() {
    LogOptions options = test_options("/log");
    options.queue_bytes = kQueueBytes;
    options.seal = [this, seal = options.seal](std::span<const std::string_view> drafts,
                                               Records& out) {
      is_sealing_.store(true);
      is_sealing_.notify_all();
      released_.wait();
      return seal(drafts, out);
    };
    log_ = Log::open(std::move(options), files_).value();
    appender_ = &log_->add_appender([] {});
    // It is taken, and all that comes later is not.
    EXPECT_TRUE(appender_->append("first", DraftTerms{}));
    is_sealing_.wait(false);
  }
  ~AppenderTest() override { release(); }

  void release() {
    if (!std::exchange(is_released_, true)) release_.set_value();
  }

  ErrorCode refusal(std::uint64_t payer, std::size_t bytes) {
    const auto ticket = appender_->append(std::string(bytes, 'x'), DraftTerms{.payer = payer});
    EXPECT_FALSE(ticket);
    return ticket ? ErrorCode::kInternal : ticket.error().code;
  }

  /// How much the payer gets in before it is refused.
  std::size_t fill(std::uint64_t payer, std::size_t bytes) {
    std::size_t all = 0;
    while (appender_->append(std::string(bytes, 'x'), DraftTerms{.payer = payer})) all += bytes;
    return all;
  }

  FaultyFiles files_{1};
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  std::atomic<bool> is_sealing_ = false;
  bool is_released_ = false;
  std::unique_ptr<Log> log_;
  Appender* appender_ = nullptr;
};

TEST_F(AppenderTest, OnePayerGetsHalfOfTheQueueAndOthersStillGetIn) {
  EXPECT_EQ(fill(1, 10), 500U);
  EXPECT_EQ(refusal(1, 10), ErrorCode::kResourceExhausted);
  EXPECT_EQ(fill(2, 10), 250U);
  EXPECT_EQ(fill(3, 10), 130U);
  EXPECT_EQ(refusal(1, 1), ErrorCode::kResourceExhausted) << "it has more than others leave it";
  EXPECT_TRUE(appender_->append(std::string(100, 'x'), DraftTerms{.payer = 4}));
  EXPECT_EQ(refusal(5, 100), ErrorCode::kUnavailable) << "that is nobody's share";
}

TEST_F(AppenderTest, ThisProcessPaysNothing) {
  EXPECT_EQ(fill(0, 10), kQueueBytes);
  EXPECT_EQ(refusal(0, 10), ErrorCode::kUnavailable);
  EXPECT_EQ(refusal(1, 10), ErrorCode::kUnavailable);
}

TEST_F(AppenderTest, WhatWasTakenIsNotChargedAnyMore) {
  EXPECT_EQ(fill(1, 10), 500U);
  release();
  for (int i = 0; i < 5000 && log_->status().size < 51; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(appender_->append(std::string(500, 'x'), DraftTerms{.payer = 1}));
}

}  // namespace
}  // namespace wardlock::audit
