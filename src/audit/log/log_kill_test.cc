#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "audit/files/posix_files.h"
#include "audit/log/log.h"
#include "audit/log/log_for_test.h"
#include "audit/log/log_writer.h"

// A process that appends from several threads is killed again and again; what it said was kept is
// there. WARDLOCK_KILLS says how often, else it is a few times.

namespace wardlock::audit {
namespace {

constexpr std::size_t kThreads = 3;

/// How many each thread had acknowledged.
using Counts = std::array<std::uint64_t, kThreads>;

LogOptions options(const std::string& folder) {
  LogOptions options = test_options(folder);
  options.segment_bytes = 2 * kMinSegmentBytes;
  options.checkpoint_interval = std::chrono::milliseconds(3);
  return options;
}

/// What a thread of the process says: one of its records, the next one, is durable.
void say_acknowledged(int pipe, std::size_t thread, std::uint64_t count) {
  const auto said = static_cast<std::uint8_t>(thread);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (::write(pipe, &said, 1) != 1) ::_exit(3);
  }
}

void append_for_ever(Log& log, int pipe, std::size_t thread, std::uint64_t next) {
  constexpr Ticket kUnderWay = 20;
  std::atomic<Ticket> settled = 0;
  std::vector<Settlement> taken;
  Appender* appender = nullptr;
  appender = &log.add_appender([&] {
    appender->take_settled(taken);
    for (const Settlement& settlement : taken) {
      if (settlement.outcome != Outcome::kDurable) ::_exit(4);
      say_acknowledged(pipe, thread, settlement.through - settled);
      settled = settlement.through;
      settled.notify_one();
    }
  });
  for (Ticket appended = 1;; ++appended, ++next) {
    const std::string draft =
        fmt::format("{} {} {}", thread, next, std::string(next * 37 % 3000, 'x'));
    if (!appender->append(draft, WhenFailing::kRefuse)) ::_exit(5);
    for (Ticket now = settled; appended - now >= kUnderWay; now = settled) settled.wait(now);
  }
}

/// Never returns.
void live(const std::string& folder, int pipe, const Counts& begin) {
  PosixFiles files;
  const auto log = Log::open(options(folder), files);
  if (!log) {
    fmt::print(stderr, "{}\n", log.error().message);
    ::_exit(2);
  }
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { append_for_ever(**log, pipe, i, begin[i]); });
  }
  threads.clear();
  ::_exit(6);
}

/// How long a process lives.
struct Life {
  bool from_first_record = false;  ///< acknowledged, else from its start
  std::chrono::microseconds time{};
};

/// Starts the process, kills it after a while, and counts what it said.
void live_and_die(const std::string& folder, const Life& life, const Counts& begin,
                  Counts& acknowledged) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(pipe[0]);
    live(folder, pipe[1], begin);
  }
  ::close(pipe[1]);
  std::atomic<bool> has_begun = !life.from_first_record;
  std::jthread killer([&] {
    has_begun.wait(false);
    std::this_thread::sleep_for(life.time);
    ::kill(child, SIGKILL);
  });
  std::array<std::uint8_t, 4096> said{};
  for (ssize_t got = 0; (got = ::read(pipe[0], said.data(), said.size())) > 0;) {
    for (ssize_t i = 0; i < got; ++i) ++acknowledged[said[static_cast<std::size_t>(i)]];
    has_begun = true;
    has_begun.notify_one();
  }
  has_begun = true;
  has_begun.notify_one();
  ::close(pipe[0]);
  killer.join();
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
}

/// How many records of each thread the log holds; they must be in order without a gap.
void count_records(const WholeLog& log, Counts& counts) {
  counts = {};
  for (const std::string& record : log.records) {
    const auto thread = static_cast<std::size_t>(record[0] - '0');
    ASSERT_TRUE(record.starts_with(fmt::format("{} {} ", thread, counts[thread]))) << record;
    ++counts[thread];
  }
}

int kills() {
  constexpr int kFew = 10;
  const char* const asked = std::getenv("WARDLOCK_KILLS");
  return asked == nullptr ? kFew : std::atoi(asked);
}

TEST(LogKillTest, WhatWasAcknowledgedIsThereAfterEachKill) {
  std::string folder = (std::filesystem::temp_directory_path() / "log-kill-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  folder += "/log";
  std::mt19937_64 chance(1);
  Counts begin{};
  std::uint64_t all = 0;
  for (int i = 0; i < kills(); ++i) {
    const Life life{.from_first_record = i % 3 != 0,
                    .time = std::chrono::microseconds(chance() % (1U << (10 + chance() % 8)))};
    Counts acknowledged = begin;
    live_and_die(folder, life, begin, acknowledged);
    if (HasFatalFailure()) return;

    PosixFiles files;
    if (!std::filesystem::exists(folder + "/segments")) continue;  // it was killed before
    ASSERT_TRUE(LogWriter::open(options(folder), files));
    const auto log = read_whole_log(files, folder);
    ASSERT_TRUE(log) << log.error().message;
    count_records(*log, begin);
    if (HasFatalFailure()) return;
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      ASSERT_GE(begin[thread], acknowledged[thread]) << "kill " << i << ", thread " << thread;
    }
    all = log->records.size();
    if (all > 20'000) {  // or reading all of it takes more and more time
      std::filesystem::remove_all(folder);
      begin = {};
    }
  }
  EXPECT_GT(all, 0U);
  std::filesystem::remove_all(std::filesystem::path(folder).parent_path());
}

}  // namespace
}  // namespace wardlock::audit
