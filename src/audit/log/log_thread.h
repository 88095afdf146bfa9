#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "audit/log/appender.h"
#include "audit/log/log_options.h"
#include "audit/log/log_status.h"
#include "audit/log/log_writer.h"
#include "audit/log/records.h"
#include "audit/log/spool.h"
#include "audit/log/wakeup.h"
#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// A log's thread: takes what appenders queued, makes it durable batch by batch, and answers for
/// each draft. Members without a lock belong to that thread.
class LogThread {
 public:
  /// `spool` may be null. Starts the thread.
  LogThread(LogOptions options, std::unique_ptr<LogWriter> writer, std::unique_ptr<Spool> spool);
  /// As `close`.
  ~LogThread();
  LogThread(const LogThread&) = delete;
  LogThread& operator=(const LogThread&) = delete;

  // As those of Log:
  Appender& add_appender(std::function<void()> on_progress);
  void close();
  bool is_failing() const { return is_failing_.load(std::memory_order_relaxed); }
  LogStatus status() const;
  merkle::TreeHead head() const;
  std::string checkpoint() const;

 private:
  using Clock = std::chrono::steady_clock;

  /// An appender's buffers, and what it waits for.
  struct Source {
    Source(LogWakeup& wakeup, std::size_t queue_bytes, std::function<void()> on_progress)
        : appender(wakeup, queue_bytes, std::move(on_progress)) {}
    Appender appender;
    Appender::Queue taken;
  };
  struct Waiting {
    std::string_view draft;
    Source* source = nullptr;
    WhenFailing when_failing = WhenFailing::kRefuse;
  };

  void run();
  bool has_work();
  std::uint64_t count_waiting();
  void gather();
  void close_appenders();
  bool collect();
  void commit();
  std::size_t keep(std::span<const Waiting> batch);
  void fall_back(std::span<const Waiting> batch);
  void spool_some(std::span<const Waiting> batch);
  void settle(std::span<const Waiting> batch, Outcome outcome);
  Result<void> seal(std::span<const Waiting> batch);
  void report();

  void maintain();
  void sign_if_due(Clock::time_point now);
  bool prepare_if_due(Clock::time_point now);
  Clock::time_point next_maintenance() const;
  void start_failing(const Error& error);
  void try_again();
  Result<void> take_in_spool();
  Result<bool> append_spooled();
  void clear_spool();
  Result<void> write_spool_event(const SpoolReport& report);
  void show_state();

  const LogOptions options_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Spool> spool_;
  LogWakeup wakeup_;
  std::atomic<bool> closing_ = false;
  std::atomic<bool> is_failing_ = false;

  std::mutex sources_mutex_;  // guards the list, not its members
  std::vector<std::unique_ptr<Source>> sources_;

  std::vector<Waiting> waiting_;
  std::vector<std::string_view> drafts_;
  std::vector<Source*> settled_;  // to be told
  Records records_;
  std::string why_failing_;
  std::uint64_t refused_since_ = 0;  // it is failing
  LogStatus counts_;
  std::uint64_t expected_ = 0;     // drafts in the next batch, if all who were answered come again
  Clock::duration last_commit_{};  // took so long
  Clock::time_point next_try_;
  Clock::time_point next_checkpoint_;
  Clock::time_point next_preparation_;
  bool is_preparing_ = true;       // there is more to prepare
  bool must_clear_spool_ = false;  // the log has what it holds

  mutable std::mutex state_mutex_;  // guards what follows
  LogStatus status_;
  merkle::TreeHead head_;
  std::string checkpoint_;

  std::mutex close_mutex_;
  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace wardlock::audit
