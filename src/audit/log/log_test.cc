#include "audit/log/log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <thread>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_for_test.h"
#include "merkle/checkpoint.h"

namespace wardlock::audit {
namespace {

using Fault = FaultyFiles::Fault;
using Texts = std::vector<std::string>;

constexpr const char* kFolder = "/log";

/// Appends and waits for the answers.
class Caller {
 public:
  explicit Caller(Log& log)
      : answers_(std::make_shared<Answers>()),
        appender_(log.add_appender([answers = answers_] { answers->take(); })) {
    answers_->appender = &appender_;
  }

  Outcome append(std::string_view draft, WhenFailing when_failing = WhenFailing::kRefuse) {
    const auto ticket = appender_.append(draft, when_failing);
    EXPECT_TRUE(ticket) << ticket.error().message;
    return wait(ticket.value_or(0));
  }

  Outcome wait(Ticket ticket) {
    std::unique_lock lock(answers_->mutex);
    answers_->changed.wait(lock, [&] { return answers_->through >= ticket; });
    return answers_->outcomes.lower_bound(ticket)->second;
  }

  Appender& appender() { return appender_; }

 private:
  /// Outlives the caller, for the log's thread may still be at it.
  struct Answers {
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
    std::vector<Settlement> settled;
    std::mutex mutex;
    std::condition_variable changed;
    std::map<Ticket, Outcome> outcomes;
    Ticket through = 0;
  };

  std::shared_ptr<Answers> answers_;
  Appender& appender_;
};

LogOptions options() {
  LogOptions options = test_options(kFolder);
  options.retry_interval = std::chrono::milliseconds(2);
  options.checkpoint_interval = std::chrono::milliseconds(5);
  options.write_spool_event = [](const SpoolReport& report, std::string& draft) {
    draft = fmt::format("{} spooled, {} refused: {}", report.records, report.refused, report.why);
  };
  return options;
}

std::unique_ptr<Log> open(Files& files, LogOptions with = options()) {
  auto log = Log::open(std::move(with), files);
  EXPECT_TRUE(log) << log.error().message;
  return std::move(*log);
}

Texts records_of(Files& files) {
  const auto log = read_whole_log(files, kFolder);
  EXPECT_TRUE(log) << log.error().message;
  return log ? log->records : Texts{};
}

void wait_until(const std::function<bool()>& condition) {
  for (int i = 0; i < 5000 && !condition(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(condition());
}

TEST(LogTest, WhatIsAppendedIsSealedAndDurable) {
  FaultyFiles files(1);
  auto log = open(files);
  Caller caller(*log);
  EXPECT_EQ(caller.append("a"), Outcome::kDurable);
  EXPECT_EQ(caller.append("b"), Outcome::kDurable);
  files.lose_power_at(1);
  log.reset();
  files.restart();
  open(files);
  EXPECT_EQ(records_of(files), (Texts{"a!", "b!"}));
}

TEST(LogTest, ClosingSettlesAllAndSigns) {
  FaultyFiles files(1);
  const auto log = open(files);
  Caller caller(*log);
  Ticket last = 0;
  for (int i = 0; i < 100; ++i) last = *caller.appender().append("x", WhenFailing::kRefuse);
  log->close();
  EXPECT_EQ(caller.wait(last), Outcome::kDurable);
  EXPECT_EQ(log->head().size, 100U);
  EXPECT_EQ(log->status().checkpoint_size, 100U);
  const auto checkpoint =
      merkle::open_checkpoint(log->checkpoint(), {.origin = kTestOrigin,
                                                  .log_keys = {options().key.verifier()},
                                                  .witnesses = {},
                                                  .quorum = 0});
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->head(), log->head());
  EXPECT_EQ(read_file(files, "/log/checkpoint", 10'000), log->checkpoint());
  EXPECT_EQ(records_of(files).size(), 100U);
}

TEST(LogTest, AfterClosingNothingIsAppended) {
  FaultyFiles files(1);
  const auto log = open(files);
  Caller caller(*log);
  log->close();
  EXPECT_EQ(caller.appender().append("x", WhenFailing::kSpool).error().code,
            ErrorCode::kFailedPrecondition);
  Caller late(*log);
  EXPECT_EQ(late.appender().append("x", WhenFailing::kSpool).error().code,
            ErrorCode::kFailedPrecondition);
}

TEST(LogTest, ThreadsKeepTheirOrder) {
  FaultyFiles files(1);
  constexpr int kThreads = 4;
  constexpr int kEach = 300;
  {
    const auto log = open(files);
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&log, t] {
        Caller caller(*log);
        Ticket last = 0;
        for (int i = 0; i < kEach; ++i) {
          last = caller.appender().append(fmt::format("{} {}", t, i), WhenFailing::kRefuse).value();
          if (i % 7 == 0) {
            EXPECT_EQ(caller.wait(last), Outcome::kDurable);
          }
        }
        EXPECT_EQ(caller.wait(last), Outcome::kDurable);
      });
    }
  }
  const Texts records = records_of(files);
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kThreads * kEach));
  std::array<int, kThreads> next{};
  for (const std::string& record : records) {
    const auto thread = static_cast<std::size_t>(record[0] - '0');
    EXPECT_EQ(record, fmt::format("{} {}!", thread, next[thread]++));
  }
}

TEST(LogTest, CheckpointsAreSignedWhileItRuns) {
  FaultyFiles files(1);
  const auto log = open(files);
  EXPECT_EQ(log->checkpoint(), "");
  Caller caller(*log);
  caller.append("a");
  wait_until([&] { return log->status().checkpoint_size == 1; });
  caller.append("b");
  wait_until([&] { return log->status().checkpoint_size == 2; });
}

TEST(LogTest, WhatWaitsIsBounded) {
  FaultyFiles files(1);
  std::mutex is_sealing;
  LogOptions slow = options();
  slow.queue_bytes = 10;
  slow.seal = [&, seal = slow.seal](std::span<const std::string_view> drafts, Records& out) {
    const std::scoped_lock lock(is_sealing);
    return seal(drafts, out);
  };
  const auto log = open(files, std::move(slow));
  Caller caller(*log);
  std::unique_lock lock(is_sealing);
  Ticket last = 0;
  Result<Ticket> ticket = 0;
  while ((ticket = caller.appender().append("12345", WhenFailing::kRefuse))) last = *ticket;
  EXPECT_EQ(ticket.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(ticket.error().message, "the audit log does not keep up: 10 bytes wait to be written");
  EXPECT_LE(last, 4U);
  lock.unlock();
  EXPECT_EQ(caller.wait(last), Outcome::kDurable);
  EXPECT_EQ(caller.append("12345"), Outcome::kDurable);
}

TEST(LogTest, ADraftThatCanBeNoRecordIsRefused) {
  FaultyFiles files(1);
  const auto log = open(files);
  Caller caller(*log);
  const auto ticket =
      caller.appender().append(std::string(Appender::kMaxDraftBytes + 1, 'x'), WhenFailing::kSpool);
  EXPECT_EQ(ticket.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(caller.append(std::string(Appender::kMaxDraftBytes, 'x')), Outcome::kDurable);
}

class FailingLogTest : public ::testing::TestWithParam<Fault> {};

TEST_P(FailingLogTest, RefusesOrSpoolsAndTakesTheSpoolIn) {
  FaultyFiles files(1);
  FaultyFiles spool_disk(2);
  LogOptions with = options();
  const auto log = open(files, std::move(with));
  Caller caller(*log);
  ASSERT_EQ(caller.append("before"), Outcome::kDurable);
  wait_until([&] { return log->status().checkpoint_size == 1; });

  // The spool is on the same disk here: it fails as well, or takes what has its space.
  files.break_with(GetParam());
  EXPECT_EQ(caller.append("refused"), Outcome::kRefused);
  EXPECT_TRUE(log->is_failing());
  EXPECT_NE(log->status().why, "");
  EXPECT_EQ(caller.append("refused too", WhenFailing::kSpool), Outcome::kRefused);
  files.break_with(Fault::kNone);
  wait_until([&] { return !log->is_failing(); });
  EXPECT_EQ(caller.append("after"), Outcome::kDurable);
  log->close();
  const Texts records = records_of(files);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0], "before!");
  EXPECT_TRUE(records[1].starts_with("0 spooled, 2 refused: `/log/segments/"));
  EXPECT_EQ(records[2], "after!");
}

INSTANTIATE_TEST_SUITE_P(Faults, FailingLogTest,
                         ::testing::Values(Fault::kReadOnly, Fault::kIoError, Fault::kFailedSync,
                                           Fault::kShortWrite));

TEST(LogTest, ASingleFailureIsOvercome) {
  for (const Fault fault : {Fault::kReadOnly, Fault::kIoError, Fault::kFailedSync,
                            Fault::kShortWrite, Fault::kNoSpace}) {
    // At each of the operations from one batch on that fills its segment.
    for (std::uint64_t operation = 1; operation <= 40; ++operation) {
      FaultyFiles files(operation);
      LogOptions with = options();
      with.checkpoint_interval = std::chrono::hours(1);
      auto log = open(files, std::move(with));
      Caller caller(*log);
      wait_until([&] { return log->status().warning.empty(); });
      ASSERT_EQ(caller.append("first"), Outcome::kDurable);
      Texts durable{"first!"};
      files.break_at(operation, fault);
      for (int i = 0; i < 9; ++i) {
        const std::string draft = std::string(50'000, static_cast<char>('a' + i));
        const Outcome outcome = caller.append(draft, WhenFailing::kSpool);
        if (outcome != Outcome::kRefused) durable.push_back(draft + "!");
      }
      wait_until([&] { return !log->is_failing(); });
      log->close();
      log.reset();
      files.restart();
      open(files);
      Texts records = records_of(files);
      std::erase_if(records, [](const std::string& record) { return record.contains("spooled"); });
      ASSERT_EQ(records, durable) << "fault " << static_cast<int>(fault) << " at " << operation;
    }
  }
}

/// How tickets 1 to `last` ended.
std::vector<Outcome> outcomes_of(Caller& caller, Ticket last) {
  std::vector<Outcome> outcomes;
  for (Ticket ticket = 1; ticket <= last; ++ticket) outcomes.push_back(caller.wait(ticket));
  return outcomes;
}

// Some are in the batch that fails, others are hashed into the one after it already.
TEST(LogTest, AFailureWhileOthersWaitLosesNothing) {
  constexpr int kDrafts = 60;
  for (const Fault fault : {Fault::kIoError, Fault::kFailedSync, Fault::kShortWrite}) {
    for (std::uint64_t operation = 1; operation <= 24; ++operation) {
      FaultyFiles files(operation);
      LogOptions with = options();
      with.checkpoint_interval = std::chrono::hours(1);
      auto log = open(files, std::move(with));
      Caller caller(*log);
      wait_until([&] { return !log->status().is_preparing; });
      files.break_at(operation, fault);
      Ticket last = 0;
      Texts drafts;
      for (int i = 0; i < kDrafts; ++i) {
        drafts.push_back(fmt::format("{:02} {}", i, std::string(i * 300 % 17'000, 'x')));
        const auto when = i % 5 == 0 ? WhenFailing::kRefuse : WhenFailing::kSpool;
        last = caller.appender().append(drafts.back(), when).value();
        if (i % 8 == 0) caller.wait(last - static_cast<Ticket>(i % 3));
      }
      const std::vector<Outcome> outcomes = outcomes_of(caller, last);
      log->close();
      log.reset();
      files.restart();
      open(files);
      Texts records = records_of(files);
      for (int i = 0; i < kDrafts; ++i) {
        const std::string record = drafts[static_cast<std::size_t>(i)] + "!";
        const auto times = std::ranges::count(records, record);
        if (outcomes[static_cast<std::size_t>(i)] == Outcome::kRefused) {
          ASSERT_LE(times, 1) << i;
        } else {
          ASSERT_EQ(times, 1) << i << " fault " << static_cast<int>(fault) << " at " << operation;
        }
      }
      std::erase_if(records, [](const std::string& record) { return record.contains(" spooled"); });
      ASSERT_TRUE(std::ranges::is_sorted(records)) << "as they were appended";
    }
  }
}

/// Nobody is told of an error, and nothing goes on.
TEST(LogTest, ADiskThatDoesNotAnswerIsAFailingLog) {
  FaultyFiles files(1);
  std::promise<void> release;
  LogOptions hanging = options();
  hanging.stall = std::chrono::milliseconds(20);
  hanging.on_growth = [released = release.get_future().share()] { released.wait(); };
  const auto log = open(files, std::move(hanging));
  EXPECT_FALSE(log->is_failing());
  Caller caller(*log);
  const auto ticket = caller.appender().append("a record", WhenFailing::kRefuse);
  ASSERT_TRUE(ticket);
  wait_until([&] { return log->is_failing(); });
  EXPECT_TRUE(log->status().is_failing);
  EXPECT_EQ(log->status().why, "its disk has not answered for more than 20 ms");
  release.set_value();
  EXPECT_EQ(caller.wait(*ticket), Outcome::kDurable);
  wait_until([&] { return !log->is_failing(); });
  EXPECT_EQ(log->status().why, "");
}

TEST(LogTest, AFullDiskUsesWhatIsReserved) {
  FaultyFiles files(1);
  const auto log = open(files);
  Caller caller(*log);
  ASSERT_EQ(caller.append("first"), Outcome::kDurable);
  // A segment is prepared, and the checkpoint is out.
  wait_until([&] {
    const auto prepared = files.open("/log/segments/prepared-1", OpenMode::kRead);
    return log->status().checkpoint_size == 1 && prepared &&
           (*prepared)->size() == kMinSegmentBytes;
  });
  files.break_with(Fault::kNoSpace);
  const std::string draft(50'000, 'x');
  int kept = 0;
  while (caller.append(draft) == Outcome::kDurable) ++kept;
  EXPECT_GE(kept, 8) << "the rest of one segment of 256 KiB, and another";
  EXPECT_TRUE(log->is_failing());
  EXPECT_NE(log->status().why.find("no space"), std::string::npos);
  EXPECT_EQ(caller.append("care", WhenFailing::kSpool), Outcome::kSpooled);
  EXPECT_EQ(caller.append("care too", WhenFailing::kSpool), Outcome::kSpooled);
  EXPECT_EQ(caller.append("export"), Outcome::kRefused);
  EXPECT_GT(log->status().spool_used, 0U);

  files.break_with(Fault::kNone);
  wait_until([&] { return !log->is_failing(); });
  EXPECT_EQ(log->status().spool_used, 0U);
  EXPECT_EQ(caller.append("after"), Outcome::kDurable);
  EXPECT_EQ(log->status().spooled, 2U);
  EXPECT_EQ(log->status().refused, 2U);
  log->close();
  const Texts records = records_of(files);
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kept) + 5);
  const Texts end(records.end() - 4, records.end());
  EXPECT_EQ(end[0], "care!");
  EXPECT_EQ(end[1], "care too!");
  EXPECT_TRUE(end[2].starts_with("2 spooled, 2 refused: ")) << end[2];
  EXPECT_EQ(end[3], "after!");
}

TEST(LogTest, ASealerThatFailsIsAFailingLog) {
  FaultyFiles files(1);
  std::atomic<bool> fails = true;
  LogOptions with = options();
  with.seal = [&, seal = with.seal](std::span<const std::string_view> drafts,
                                    Records& out) -> Result<void> {
    if (fails) return fail(ErrorCode::kUnavailable, "the keys can't be written");
    return seal(drafts, out);
  };
  const auto log = open(files, std::move(with));
  Caller caller(*log);
  EXPECT_EQ(caller.append("a"), Outcome::kRefused);
  EXPECT_EQ(caller.append("b", WhenFailing::kSpool), Outcome::kRefused);
  EXPECT_TRUE(log->is_failing());
  EXPECT_EQ(log->status().why, "the keys can't be written");
  fails = false;
  wait_until([&] { return !log->is_failing(); });
  EXPECT_EQ(caller.append("c"), Outcome::kDurable);
  log->close();
  EXPECT_EQ(records_of(files), (Texts{"0 spooled, 2 refused: the keys can't be written!", "c!"}));
}

// The power fails at each operation while the spool is taken in: nothing is lost, nothing comes
// twice.
TEST(LogTest, TheSpoolComesIntoTheLogOnce) {
  for (std::uint64_t operation = 1; operation <= 40; ++operation) {
    FaultyFiles files(operation);
    {
      LogOptions with = options();
      with.retry_interval = std::chrono::hours(1);
      const auto log = open(files, std::move(with));
      Caller caller(*log);
      wait_until([&] { return !log->status().is_preparing; });
      files.break_at(2, Fault::kFailedSync);
      for (const char* draft : {"a", "b", "c"}) {
        ASSERT_EQ(caller.append(draft, WhenFailing::kSpool), Outcome::kSpooled);
      }
      files.lose_power_at(1);  // or closing takes it in
    }
    files.restart();
    files.lose_power_at(operation);
    if (const auto log = Log::open(options(), files)) {
      wait_until([&] { return (*log)->status().spool_used == 0 || files.is_without_power(); });
    }
    files.restart();
    {
      const auto log = open(files);
      wait_until([&] { return log->status().spool_used == 0; });
    }
    Texts records = records_of(files);
    std::erase_if(records, [](const std::string& text) { return text.contains("spooled"); });
    // The one whose sync failed was spooled, and may be in the log as well.
    if (records.size() == 4) records.erase(records.begin());
    ASSERT_EQ(records, (Texts{"a!", "b!", "c!"})) << "operation " << operation;
  }
}

TEST(LogTest, AFullSpoolRefuses) {
  FaultyFiles files(1);
  LogOptions with = options();
  with.retry_interval = std::chrono::hours(1);
  const auto log = open(files, std::move(with));
  Caller caller(*log);
  const std::string draft(60'000, 'x');
  files.break_at(1, Fault::kFailedSync);
  files.break_with(Fault::kNoSpace);
  int spooled = 0;
  Outcome outcome = Outcome::kDurable;
  while ((outcome = caller.append(draft, WhenFailing::kSpool)) != Outcome::kRefused) {
    if (outcome == Outcome::kSpooled) ++spooled;
  }
  EXPECT_GE(spooled, 3);
  EXPECT_EQ(caller.append("short", WhenFailing::kSpool), Outcome::kSpooled) << "that has room";
}

TEST(LogTest, WhatNothingWaitedForAndIsNotRecordedIsCounted) {
  FaultyFiles files(1);
  const auto log = open(files);
  Caller caller(*log);
  const auto append = [&](const DraftTerms& terms) {
    const auto ticket = caller.appender().append("a", terms);
    return caller.wait(ticket.value_or(0));
  };
  ASSERT_EQ(append({.is_awaited = false}), Outcome::kDurable);
  EXPECT_EQ(log->status().unrecorded, 0U);
  files.break_with(Fault::kIoError);
  EXPECT_EQ(append({.is_awaited = true}), Outcome::kRefused);
  EXPECT_EQ(log->status().unrecorded, 0U);
  EXPECT_EQ(append({.is_awaited = false}), Outcome::kForgone);
  EXPECT_EQ(append({.when_failing = WhenFailing::kSpool, .is_awaited = false}), Outcome::kForgone)
      << "the spool fails as well";
  EXPECT_EQ(log->status().unrecorded, 2U);
  EXPECT_EQ(log->status().refused, 3U);
}

TEST(LogTest, WithoutASpoolAllIsRefused) {
  FaultyFiles files(1);
  LogOptions with = options();
  with.spool_bytes = 0;
  const auto log = open(files, std::move(with));
  Caller caller(*log);
  files.break_with(Fault::kIoError);
  EXPECT_EQ(caller.append("a", WhenFailing::kSpool), Outcome::kRefused);
  EXPECT_EQ(files.content("/log/spool/spool"), nullptr);
}

TEST(LogTest, FullSegmentsAreProtected) {
  FaultyFiles files(1);
  const auto log = open(files);
  Caller caller(*log);
  for (int i = 0; i < 10; ++i) caller.append(std::string(60'000, 'x'));
  log->close();
  const auto segments = files.list("/log/segments");
  EXPECT_EQ(files.protected_files(),
            (std::set<std::string>{"/log/segments/00000000000000000000.seg",
                                   "/log/segments/00000000000000000004.seg"}));
}

}  // namespace
}  // namespace wardlock::audit
