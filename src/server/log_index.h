#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "api/audit/events.h"
#include "audit/index/index.h"
#include "audit/inspect/event_reader.h"
#include "audit/keys/subject_keys.h"
#include "audit/log/wakeup.h"
#include "base/error.h"
#include "server/audit_log.h"
#include "server/log.h"

namespace wardlock::server {

/// The index of the audit log: a thread of its own follows the log into it, and answers from it. It
/// yields to the threads that decide, and shares no lock with them. An index that is missing,
/// damaged or another log's is made anew. Thread-safe.
class LogIndex {
 public:
  /// Starts the thread. Both outlive it.
  LogIndex(AuditLog& audit, Log& log);
  /// Ends it; work that waits is dropped.
  ~LogIndex();
  LogIndex(const LogIndex&) = delete;
  LogIndex& operator=(const LogIndex&) = delete;

  /// Called on the index's thread with an index that has all that was durable when it was asked; or
  /// with why that is not to be had now.
  using Work = std::function<void(const Result<audit_api::Indexed>&)>;

  /// Has it done, after what was asked before. False: too many wait.
  bool ask(Work work);

  /// Up to which record the index has them all.
  std::uint64_t indexed() const { return indexed_.load(std::memory_order_relaxed); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Parts;

  void run();
  bool has_work();
  Work take_work();
  void serve(const Work& work);
  Result<void> follow(Clock::time_point until);
  Result<void> open();
  void note_failure(const Error& error);
  bool make_anew(const Error& error);

  AuditLog& audit_;
  Log& log_;
  audit::LogWakeup wakeup_;
  std::atomic<bool> has_grown_ = true;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<std::uint64_t> indexed_ = 0;

  std::mutex mutex_;  ///< over what follows
  std::deque<Work> waiting_;

  // The thread's:
  std::unique_ptr<Parts> parts_;  ///< null: not open
  bool is_behind_ = true;
  std::string last_failure_;
  Clock::time_point next_follow_;
  Clock::time_point next_rebuild_;
  std::jthread thread_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
