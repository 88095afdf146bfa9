#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <span>
#include <thread>
#include <vector>

#include "audit/files/posix_files.h"
#include "audit/log/log.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "bench/audit/parts.h"

// One log is filled in many short rounds, by callers of whom each has so many drafts under way, as
// a server's threads have. After each round a bare loop writes the batches that the log wrote in
// it: frames of the same lengths, in the same order, to a file of zeros, with one `pwrite` and one
// `fdatasync` for each. So a disk that others use too is as slow for both. Drafts are taken as
// records, since sealing is not the log's work; segments and the file of zeros are there before the
// first round.

namespace wardlock::audit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRecordBytes = 600;
constexpr std::uint64_t kSegmentBytes = 128UL * 1024 * 1024;  // takes all rounds of a load
constexpr int kRounds = 15;
constexpr int kThreads = 2;
constexpr double kLeastRatio = 0.8;

struct Load {
  std::string_view name;
  std::size_t under_way;  ///< drafts of each thread
  std::size_t drafts;     ///< of each thread, in a round
};
constexpr std::array kLoads{Load{"64 callers", 32, 2'000}, Load{"2048 callers", 1024, 4'500}};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

LogOptions options(const std::string& folder) {
  LogOptions options(merkle::SignerKey::generate("bench", merkle::SignatureType::kEd25519).value());
  options.folder = folder;
  options.origin = "wardlock.example/bench";
  options.segment_bytes = kSegmentBytes;
  options.spool_bytes = 0;
  options.protection = Protection::kReadOnly;
  options.seal = [](std::span<const std::string_view> drafts, Records& out) -> Result<void> {
    for (const std::string_view draft : drafts) TRY_VOID(out.add(draft));
    return {};
  };
  return options;
}

/// One of a server's threads.
class Caller {
 public:
  explicit Caller(Log& log) : appender_(log.add_appender([this] { on_progress(); })) {}

  /// Keeps so many drafts under way until all are durable; false where one was not.
  bool call(const Load& load) {
    const std::string draft(kRecordBytes, 'x');
    const Ticket last = appended_ + load.drafts;
    while (settled_ < last && !failed_) {
      const Ticket settled = settled_;
      for (; appended_ < last && appended_ - settled < load.under_way; ++appended_) {
        if (!appender_.append(draft, WhenFailing::kRefuse)) return false;
      }
      settled_.wait(settled);
    }
    return !failed_;
  }

 private:
  void on_progress() {
    appender_.take_settled(taken_);
    for (const Settlement& settlement : taken_) {
      if (settlement.outcome != Outcome::kDurable) failed_ = true;
    }
    settled_ = taken_.back().through;
    settled_.notify_one();
  }

  std::atomic<Ticket> settled_ = 0;
  std::atomic<bool> failed_ = false;
  std::vector<Settlement> taken_;
  Ticket appended_ = 0;
  Appender& appender_;
};

/// What the log and the bare loop do in turns.
class Race {
 public:
  static Result<std::unique_ptr<Race>> make(Files& files, const std::string& folder) {
    auto race = std::unique_ptr<Race>(new Race(files, folder));
    race->log_ = TRY(Log::open(options(folder), files));
    while (race->log_->status().is_preparing) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    for (std::unique_ptr<Caller>& caller : race->callers_) {
      caller = std::make_unique<Caller>(*race->log_);
    }
    race->bare_ = TRY(files.open(folder + "/bare", OpenMode::kCreate));
    const std::string zeros(1UL * 1024 * 1024, '\0');
    for (std::uint64_t at = 0; at < kSegmentBytes; at += zeros.size()) {
      TRY_VOID(race->bare_->write(at, zeros));
    }
    TRY_VOID(race->bare_->sync());
    return race;
  }

  ~Race() { log_.reset(); }  // before the callers, which its thread calls

  Result<double> time_log(const Load& load) {
    const auto begin = Clock::now();
    std::atomic<bool> failed = false;
    {
      std::vector<std::jthread> threads;
      for (const std::unique_ptr<Caller>& caller : callers_) {
        threads.emplace_back([&] { failed = failed || !caller->call(load); });
      }
    }
    const double seconds = seconds_since(begin);
    if (failed) return fail(ErrorCode::kUnavailable, log_->status().why);
    return seconds;
  }

  /// The lengths of the batches since this was last called.
  Result<std::vector<std::size_t>> new_batches() {
    std::vector<std::size_t> lengths;
    SegmentReader reader = TRY(SegmentReader::open(files_, LogPaths(folder_).segment(0)));
    ReadFrame read;
    while (TRY(reader.next(read))) {
      if (reader.offset() > seen_ && read.frame.kind == FrameKind::kBatch)
        lengths.push_back(read.bytes);
    }
    seen_ = reader.offset();
    return lengths;
  }

  Result<double> time_bare_loop(std::span<const std::size_t> lengths) {
    const std::string bytes(*std::ranges::max_element(lengths), 'x');
    const auto begin = Clock::now();
    for (const std::size_t length : lengths) {
      TRY_VOID(bare_->write(bare_offset_, std::string_view(bytes).substr(0, length)));
      TRY_VOID(bare_->sync());
      bare_offset_ += length;
    }
    return seconds_since(begin);
  }

 private:
  Race(Files& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  Files& files_;
  std::string folder_;
  std::unique_ptr<Log> log_;
  std::array<std::unique_ptr<Caller>, kThreads> callers_;
  std::unique_ptr<File> bare_;
  std::uint64_t bare_offset_ = 0;
  std::uint64_t seen_ = 0;  // of the log's segment
};

Result<bool> bench_load(Files& files, const std::string& folder, const Load& load) {
  const auto race = TRY(Race::make(files, folder));
  std::vector<double> ratios;
  double log_seconds = 0;
  double bare_seconds = 0;
  std::size_t batches = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double log_time = TRY(race->time_log(load));
    const std::vector<std::size_t> lengths = TRY(race->new_batches());
    const double bare_time = TRY(race->time_bare_loop(lengths));
    ratios.push_back(bare_time / log_time);
    log_seconds += log_time;
    bare_seconds += bare_time;
    batches += lengths.size();
  }
  std::ranges::sort(ratios);
  const double ratio = ratios[ratios.size() / 2];
  const double records = static_cast<double>(kThreads * load.drafts * kRounds);
  fmt::print(
      "append, {}: {:.0f} records/s, {:.1f} a batch, {:.2f} ms a batch (bare loop {:.2f}); "
      "{:.2f} of the bare loop's speed (median of {}; quartiles {:.2f} and {:.2f}), at least "
      "{:.2f}\n",
      load.name, records / log_seconds, records / static_cast<double>(batches),
      1000 * log_seconds / static_cast<double>(batches),
      1000 * bare_seconds / static_cast<double>(batches), ratio, kRounds, ratios[ratios.size() / 4],
      ratios[ratios.size() * 3 / 4], kLeastRatio);
  return ratio >= kLeastRatio;
}

}  // namespace

Result<bool> bench_append(const std::string& folder) {
  PosixFiles files;
  bool passed = true;
  for (const Load& load : kLoads) {
    const std::string log_folder = fmt::format("{}/log", folder);
    passed = TRY(bench_load(files, log_folder, load)) && passed;
    std::filesystem::remove_all(log_folder);
  }
  return passed;
}

}  // namespace wardlock::audit
