#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "audit/log/appender.h"
#include "audit/log/intake.h"
#include "audit/log/log_options.h"
#include "audit/log/log_status.h"
#include "audit/log/log_writer.h"
#include "audit/log/records.h"
#include "audit/log/settler.h"
#include "audit/log/spool.h"
#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::audit {

/// A log's thread: makes what comes in durable batch by batch, and answers for each draft. Members
/// without a lock belong to that thread. While its disk does not answer, another relieves it.
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
  void relieve(const std::stop_token& stop);
  void run();
  void commit();
  bool begin();
  bool finish();
  void answer();
  bool may_answer_later() const;
  void catch_up_with_relief();
  Clock::duration patience() const;

  void maintain(bool is_idle);
  void sign_if_due(Clock::time_point now);
  bool prepare_if_due(Clock::time_point now, bool is_idle);
  Clock::time_point next_maintenance() const;
  void start_failing(const Error& error);
  void try_again();
  Result<void> take_in_spool();
  Result<void> append_spooled(const Spool::Position& from, const Spool::Position& to,
                              SpoolReport& report);
  Result<void> write_spool_event(const SpoolReport& report);
  void show_state();
  bool show_state_now();

  const LogOptions options_;
  std::unique_ptr<LogWriter> writer_;
  std::atomic<bool> is_failing_ = false;
  std::atomic<Clock::time_point> busy_since_ = Clock::time_point::max();  // with its files
  Intake intake_;
  Settler settler_;

  Incoming taken_;
  bool is_answered_ = true;  // for the one before it
  Records records_;          // for what the log itself has to say
  std::string why_failing_;
  LogStatus counts_;
  Clock::duration last_commit_{};  // took so long
  Clock::time_point next_try_;
  Clock::time_point next_checkpoint_;
  Clock::time_point next_preparation_;
  bool is_preparing_ = true;  // there is more to prepare

  mutable std::mutex state_mutex_;  // guards what follows
  LogStatus status_;
  merkle::TreeHead head_;
  std::string checkpoint_;

  std::mutex close_mutex_;
  std::jthread thread_;  // the last members: they use the others
  std::jthread relief_;
};

}  // namespace wardlock::audit
