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
#include "audit/log/intake.h"
#include "audit/log/log_options.h"
#include "audit/log/log_status.h"
#include "audit/log/log_writer.h"
#include "audit/log/records.h"
#include "audit/log/spool.h"
#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// A log's thread: makes what comes in durable batch by batch, and answers for each draft. Members
/// without a lock belong to that thread.
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
  bool is_failing() const { return is_failing_.load(std::memory_order_relaxed) || is_stalled(); }
  LogStatus status() const;
  merkle::TreeHead head() const;
  std::string checkpoint() const;

 private:
  using Clock = std::chrono::steady_clock;

  bool is_stalled() const;
  void run();
  void commit();
  bool begin();
  bool finish();
  void answer();
  bool may_answer_later() const;
  void settle_all();
  bool spool(std::size_t first, std::size_t count);
  void settle(std::span<const Incoming::Draft> drafts, Outcome outcome);
  void report();
  Clock::duration patience() const;

  void maintain(bool is_idle);
  void sign_if_due(Clock::time_point now);
  bool prepare_if_due(Clock::time_point now, bool is_idle);
  Clock::time_point next_maintenance() const;
  void start_failing(const Error& error);
  void try_again();
  Result<void> take_in_spool();
  Result<bool> append_spooled();
  void clear_spool();
  Result<void> write_spool_event(const SpoolReport& report);
  void show_state();
  bool show_state_now();

  const LogOptions options_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Spool> spool_;
  std::atomic<bool> is_failing_ = false;
  std::atomic<Clock::time_point> busy_since_ = Clock::time_point::max();  // with its files
  Intake intake_;

  Incoming taken_;
  Incoming written_;                // what came before it
  bool is_kept_ = false;            // the records of that one are durable
  bool is_answered_ = true;         // that one
  std::vector<Appender*> settled_;  // to be told
  Records records_;                 // for the spool, or for what the log itself has to say
  std::string why_failing_;
  std::uint64_t refused_since_ = 0;  // it is failing
  LogStatus counts_;
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
