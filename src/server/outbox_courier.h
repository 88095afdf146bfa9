#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "audit/log/appender.h"
#include "base/error.h"
#include "directory/registry/outbox.h"
#include "server/audit_log.h"
#include "server/log.h"
#include "server/pause.h"
#include "storage/store.h"

namespace wardlock::server {

/// Takes the audit events of the directory's changes into the log, in their order and each once,
/// also over kill -9 at any moment (docs/adr/0022-outbox.md). A thread of its own, woken by
/// changes; what the log does not take waits in the database and is tried again. Where nothing is
/// recorded they are dropped. Thread-safe.
class OutboxCourier {
 public:
  /// Finds out what of those that wait is in the log already, and starts. All outlive it; `audit`
  /// is null where nothing is recorded. Errors: kFailedPrecondition, the node's events went into
  /// another log before; those of the store and of reading the log.
  /// `take_over_after`: so long nothing was seen of another node before its events are taken here.
  static Result<std::unique_ptr<OutboxCourier>> start(const storage::Store& store,
                                                      directory::Outbox& outbox, AuditLog* audit,
                                                      std::chrono::milliseconds take_over_after,
                                                      Log& log);
  /// Takes what is there, and ends.
  ~OutboxCourier();
  OutboxCourier(const OutboxCourier&) = delete;
  OutboxCourier& operator=(const OutboxCourier&) = delete;

  struct Status {
    std::uint64_t waiting = 0;  ///< of this node
    std::uint64_t others = 0;   ///< of other nodes, which take them while they live
    std::uint64_t taken = 0;    ///< since the start
    /// The last attempt failed; of a database that is busy or away, the last few did.
    bool is_stuck = false;
  };
  Status status() const;

 private:
  /// What became of what was appended; shared with the log's threads.
  struct Settled;

  OutboxCourier(directory::Outbox& outbox, AuditLog* audit,
                std::chrono::milliseconds take_over_after, Log& log);
  void run(const std::stop_token& stop);
  Result<void> deliver();
  Result<void> look_after_others();
  Result<bool> deliver_some();
  Result<void> check_settled();
  std::unexpected<Error> log_fault(Error error);
  Result<void> find_in_log();
  Result<std::size_t> append(const std::vector<directory::WaitingEvent>& events);
  directory::LogPlace place() const;
  void note(const Result<void>& delivered);

  directory::Outbox& outbox_;
  AuditLog* audit_;
  const std::chrono::milliseconds take_over_after_;
  Log& log_;
  std::shared_ptr<Settled> settled_;
  Pause pause_;

  // The thread's:
  bool is_in_doubt_ = true;  ///< some that wait may be in the log already
  std::unordered_set<std::string> in_log_;
  audit::Ticket appended_ = 0;    ///< the last
  bool is_log_at_fault_ = false;  ///< in the last attempt
  bool must_try_again_ = false;   ///< the last attempt failed
  int busy_attempts_ = 0;         ///< the last in a row that the database had no time for
  std::string last_failure_;
  std::chrono::steady_clock::time_point next_look_;

  std::atomic<std::uint64_t> waiting_ = 0;
  std::atomic<std::uint64_t> others_ = 0;
  std::atomic<std::uint64_t> taken_ = 0;
  std::atomic<bool> is_stuck_ = false;
  std::unique_ptr<storage::Listening> listening_;
  std::jthread thread_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
