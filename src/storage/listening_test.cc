#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "storage/store.h"
#include "storage/store_for_test.h"

namespace wardlock::storage {
namespace {

constexpr std::array<Migration, 1> kTables{{{"t", "CREATE TABLE t(i BIGINT) STRICT"}}};

/// Counts what it hears.
class Ear {
 public:
  std::function<void()> heard() {
    return [this] {
      const std::lock_guard lock(mutex_);
      ++count_;
      changed_.notify_all();
    };
  }
  bool hears_within(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    const bool has_heard = changed_.wait_for(lock, time, [this] { return count_ > 0; });
    count_ = 0;
    return has_heard;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

constexpr std::chrono::seconds kSoon(5);
constexpr std::chrono::milliseconds kAWhile(300);

void insert_and_notify(Store& store, const std::string& channel) {
  write(store, [&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO t VALUES (1)"));
    work.notify(channel);
    return {};
  });
}

class ListeningTest : public OnEachDatabase {
 protected:
  ListeningTest() : store_(open(kTables)) {}

  std::unique_ptr<Store> store_;
  Ear ear_;
};
WARDLOCK_ON_EACH_DATABASE(ListeningTest);

TEST_P(ListeningTest, ACommitIsHeardOf) {
  const auto listening = store_->listen("feed", ear_.heard());
  ASSERT_TRUE(listening) << listening.error().message;
  EXPECT_FALSE(ear_.hears_within(kAWhile)) << "nothing has happened";
  for (int i = 0; i < 3; ++i) {
    insert_and_notify(*store_, "feed");
    EXPECT_TRUE(ear_.hears_within(kSoon));
    ear_.hears_within(kAWhile / 2);  // SQLite's second look
  }
}

TEST_P(ListeningTest, ItIsHeardOfInOtherProcesses) {
  const auto listening = store_->listen("feed", ear_.heard());
  const std::unique_ptr<Store> other = open(kTables);  // nothing is shared with the first
  insert_and_notify(*other, "feed");
  EXPECT_TRUE(ear_.hears_within(kSoon));
}

TEST_P(ListeningTest, WhatWasUndoneIsNotHeardOf) {
  const auto listening = store_->listen("feed", ear_.heard());
  const auto written = store_->write([](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO t VALUES (1)"));
    work.notify("feed");
    return fail(ErrorCode::kCancelled, "no");
  });
  EXPECT_FALSE(written);
  EXPECT_FALSE(ear_.hears_within(kAWhile));
}

TEST_P(ListeningTest, WhatIsHeardOfCanBeRead) {
  std::int64_t seen = 0;
  const auto listening = store_->listen("feed", [&] {
    seen = number(*store_, "SELECT count(*) FROM t");
    ear_.heard()();
  });
  insert_and_notify(*store_, "feed");
  ASSERT_TRUE(ear_.hears_within(kSoon));
  EXPECT_EQ(seen, 1);
}

TEST_P(ListeningTest, OtherChannelsAreNotHeardOf) {
  if (!is_postgresql()) GTEST_SKIP() << "with SQLite every change to the file may be heard of";
  const auto listening = store_->listen("feed", ear_.heard());
  insert_and_notify(*store_, "outbox");
  EXPECT_FALSE(ear_.hears_within(kAWhile));
}

TEST_P(ListeningTest, NobodyIsCalledAfterwards) {
  auto listening = store_->listen("feed", ear_.heard());
  ASSERT_TRUE(listening);
  listening->reset();
  insert_and_notify(*store_, "feed");
  EXPECT_FALSE(ear_.hears_within(kAWhile));
}

TEST_P(ListeningTest, AChannelHasAName) {
  for (const std::string name : {"", "a b", "a;b", "Feed", "feed1", "\"feed\""}) {
    const auto listening = store_->listen(name, ear_.heard());
    ASSERT_FALSE(listening) << name;
    EXPECT_EQ(listening.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace wardlock::storage
