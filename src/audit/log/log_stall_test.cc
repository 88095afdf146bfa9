#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <thread>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log.h"
#include "audit/log/log_for_test.h"

// The log's disk neither works nor fails: it does not answer.

namespace wardlock::audit {
namespace {

using Texts = std::vector<std::string>;
using enum WhenFailing;

constexpr const char* kFolder = "/log";

void wait_until(const std::function<bool()>& condition) {
  for (int i = 0; i < 5000 && !condition(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(condition());
}

/// Appends, and keeps what it is told.
class Asker {
 public:
  explicit Asker(Log& log)
      : told_(std::make_shared<Told>()),
        appender_(log.add_appender([told = told_] { told->take(); })) {
    told_->appender = &appender_;
  }

  Ticket append(std::string_view draft, WhenFailing when_failing) {
    return appender_.append(draft, when_failing).value_or(0);
  }

  /// Nothing where it was not told in time.
  std::optional<Outcome> outcome(Ticket ticket) {
    std::unique_lock lock(told_->mutex);
    constexpr std::chrono::seconds kLong{10};
    if (!told_->changed.wait_for(lock, kLong, [&] { return told_->through >= ticket; })) return {};
    return told_->outcomes.lower_bound(ticket)->second;
  }

 private:
  struct Told {
    void take() {
      const std::scoped_lock lock(mutex);
      appender->take_settled(settled);
      for (const Settlement& settlement : settled) {
        outcomes[settlement.through] = settlement.outcome;
        through = settlement.through;
      }
      changed.notify_all();
    }

    Appender* appender = nullptr;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Settlement> settled;
    std::map<Ticket, Outcome> outcomes;
    Ticket through = 0;
  };

  std::shared_ptr<Told> told_;
  Appender& appender_;
};

class LogStallTest : public ::testing::Test {
 protected:
  static LogOptions options() {
    LogOptions options = test_options(kFolder);
    options.spool_folder = "/spool";
    options.stall = std::chrono::milliseconds(20);
    options.retry_interval = std::chrono::milliseconds(2);
    options.checkpoint_interval = std::chrono::hours(1);
    options.write_spool_event = [](const SpoolReport& report, std::string& draft) {
      draft = fmt::format("{} spooled, {} refused: {}", report.records, report.refused, report.why);
    };
    return options;
  }

  ~LogStallTest() override {
    if (files_) files_->answer();
  }

  /// New files, and a log in them.
  FaultyFiles& begin(std::uint64_t seed) {
    asker_.reset();
    log_.reset();
    files_.emplace(seed);
    open(*files_);
    return *files_;
  }

  void open(FaultyFiles& files) {
    log_.reset();
    log_ = Log::open(options(), files).value();
    asker_.emplace(*log_);
    wait_until([&] { return !log_->status().is_preparing; });
  }

  std::optional<Outcome> append(std::string_view draft, WhenFailing when_failing) {
    return asker_->outcome(asker_->append(draft, when_failing));
  }

  static Texts records_of(Files& files) {
    const auto log = read_whole_log(files, kFolder);
    EXPECT_TRUE(log) << log.error().message;
    return log ? log->records : Texts{};
  }

  std::optional<FaultyFiles> files_;
  std::unique_ptr<Log> log_;
  std::optional<Asker> asker_;
};

TEST_F(LogStallTest, WhatMayBeSpooledIsSpooledAndTheRestRefused) {
  FaultyFiles& files = begin(1);
  ASSERT_EQ(append("before", kRefuse), Outcome::kDurable);
  files.hang_at(1, kFolder);
  EXPECT_EQ(append("care", kSpool), Outcome::kSpooled) << "it is in the write that hangs";
  EXPECT_TRUE(files.is_hanging());
  EXPECT_EQ(append("care too", kSpool), Outcome::kSpooled);
  EXPECT_EQ(append("export", kRefuse), Outcome::kRefused);
  EXPECT_TRUE(log_->is_failing());
  EXPECT_EQ(log_->status().spooled, 2U);
  EXPECT_EQ(log_->status().refused, 1U);
  EXPECT_GT(log_->status().spool_used, 0U);

  files.answer();
  wait_until([&] { return !log_->is_failing() && log_->status().spool_used == 0; });
  EXPECT_EQ(append("after", kRefuse), Outcome::kDurable);
  log_->close();
  EXPECT_EQ(
      records_of(files),
      (Texts{"before!", "care!", "care too!",
             "2 spooled, 1 refused: its disk has not answered for more than 20 ms!", "after!"}))
      << "the first of them once: it is at the log's end already";
}

TEST_F(LogStallTest, WhatTheHangingWriteHoldsWithOthersComesTwiceRatherThanNever) {
  FaultyFiles& files = begin(1);
  files.hang_at(2, kFolder);  // the sync
  const Ticket care = asker_->append("care", kSpool);
  const Ticket refused = asker_->append("export", kRefuse);
  wait_until([&] { return files.is_hanging(); });
  EXPECT_EQ(asker_->outcome(care), Outcome::kSpooled);
  EXPECT_EQ(asker_->outcome(refused), Outcome::kRefused);
  files.answer();
  wait_until([&] { return !log_->is_failing() && log_->status().spool_used == 0; });
  log_->close();
  const Texts records = records_of(files);
  EXPECT_GE(std::ranges::count(records, "care!"), 1);
}

TEST_F(LogStallTest, APowerCutMeanwhileLosesNothingThatWasSpooled) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultyFiles& files = begin(seed);
    files.hang_at(1 + seed % 2, kFolder);
    ASSERT_EQ(append("a", kSpool), Outcome::kSpooled);
    ASSERT_EQ(append("b", kSpool), Outcome::kSpooled);
    files.lose_power_at(1);
    files.answer();
    asker_.reset();
    log_.reset();
    files.restart();
    open(files);
    wait_until([&] { return log_->status().spool_used == 0; });
    log_->close();
    const Texts records = records_of(files);
    ASSERT_EQ(std::ranges::count(records, "b!"), 1) << seed;
    ASSERT_GE(std::ranges::count(records, "a!"), 1) << seed;
  }
}

// Wherever it hangs: in a batch, a checkpoint, a new segment, a derived file.
TEST_F(LogStallTest, AHangAtAnyOperationLosesNothingAndKeepsNobodyWaiting) {
  constexpr int kDrafts = 40;
  for (std::uint64_t operation = 1; operation <= 30; ++operation) {
    FaultyFiles& files = begin(operation);
    files.hang_at(operation, kFolder);
    Texts drafts;
    std::vector<Ticket> tickets;
    for (int i = 0; i < kDrafts; ++i) {
      drafts.push_back(fmt::format("{:02} {}", i, std::string(i * 300 % 17'000, 'x')));
      tickets.push_back(asker_->append(drafts.back(), i % 5 == 0 ? kRefuse : kSpool));
      if (i % 8 == 0) asker_->outcome(tickets.back());
    }
    std::vector<std::optional<Outcome>> outcomes;
    for (const Ticket ticket : tickets) outcomes.push_back(asker_->outcome(ticket));
    files.answer();
    wait_until([&] { return !log_->is_failing(); });
    log_->close();
    const Texts records = records_of(files);
    for (std::size_t i = 0; i < drafts.size(); ++i) {
      ASSERT_TRUE(outcomes[i]) << "draft " << i << " at " << operation;
      const auto times = std::ranges::count(records, drafts[i] + "!");
      if (outcomes[i] == Outcome::kRefused) {
        ASSERT_LE(times, 1) << "draft " << i << " at " << operation;
      } else {
        ASSERT_GE(times, 1) << "draft " << i << " at " << operation;
      }
    }
    files.restart();
    open(files);
    log_->close();
    ASSERT_EQ(records_of(files), records) << operation;
  }
}

TEST_F(LogStallTest, ASecondHangWhileTheSpoolComesInIsNoLossEither) {
  for (std::uint64_t operation = 1; operation <= 12; ++operation) {
    FaultyFiles& files = begin(operation);
    files.hang_at(1, kFolder);
    ASSERT_EQ(append("a", kSpool), Outcome::kSpooled);
    ASSERT_EQ(append("b", kSpool), Outcome::kSpooled);
    files.answer();
    files.hang_at(operation, kFolder);
    const auto third = append("c", kSpool);
    ASSERT_TRUE(third && third != Outcome::kRefused) << operation;
    files.answer();
    wait_until([&] { return !log_->is_failing() && log_->status().spool_used == 0; });
    log_->close();
    const Texts records = records_of(files);
    for (const char* record : {"a!", "b!", "c!"}) {
      ASSERT_GE(std::ranges::count(records, record), 1) << record << " " << operation;
    }
  }
}

}  // namespace
}  // namespace wardlock::audit
