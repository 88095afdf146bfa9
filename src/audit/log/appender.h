#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::audit {

class LogWakeup;

/// What one appender appended, counted from 1.
using Ticket = std::uint64_t;

/// What to do with a draft while the log can't be written.
enum class WhenFailing : std::uint8_t {
  kRefuse,  ///< its action is not done
  kSpool,   ///< keep it in the spool: its action must not wait for the log
};

/// What became of a draft.
enum class Outcome : std::uint8_t {
  kDurable,  ///< in the log, and survives a power cut
  kSpooled,  ///< in the spool, and survives a power cut; comes into the log when that works again
  kRefused,  ///< not known to be kept anywhere
};

/// All tickets after the previous settlement's, up to `through`, came to this outcome.
struct Settlement {
  Ticket through = 0;
  Outcome outcome = Outcome::kDurable;
};

/// Where one thread appends. It shares a lock with the log's threads only, which never hold it
/// while they work or wait; appending copies the draft and takes no memory from the heap once its
/// buffers have grown. Lives as long as its Log.
class Appender {
 public:
  Appender(LogWakeup& wakeup, std::size_t queue_bytes, std::function<void()> on_progress);
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  /// A draft is at most so long, which leaves room for what sealing adds to a record.
  static constexpr std::size_t kMaxDraftBytes = 63UL * 1024;

  /// Queues a draft. Errors: invalid_argument where it is too long; resource_exhausted where
  /// `LogOptions::queue_bytes` wait already (nothing was queued: the caller answers that it can't
  /// decide now); failed_precondition where the log was closed.
  Result<Ticket> append(std::string_view draft, WhenFailing when_failing);

  /// What was settled since the last call, in order, into `out`; `out`'s memory becomes the
  /// appender's. To be called from `on_progress` or any thread, by one at a time.
  void take_settled(std::vector<Settlement>& out);

 private:
  friend class Intake;
  friend class LogThread;

  /// What waits, and what of it is what: kept apart so that drafts lie side by side.
  struct Queue {
    struct Draft {
      std::uint32_t bytes = 0;
      WhenFailing when_failing = WhenFailing::kRefuse;
    };
    std::string text;
    std::vector<Draft> drafts;

    /// With room for what usually waits.
    Queue();
    void clear();
  };

  // The intake's thread:
  /// May be asked without having it taken.
  std::uint64_t waiting() const { return waiting_.load(); }
  /// Exchanges what waits for the empty `queue`.
  void take_queue(Queue& queue);
  void close();

  // The log's thread:
  /// So many of those that were taken and are not settled, the oldest ones, came to this outcome.
  void settle(std::uint64_t count, Outcome outcome);
  /// After one or more of them.
  void report() const { on_progress_(); }

  LogWakeup& wakeup_;
  const std::size_t queue_bytes_;
  const std::function<void()> on_progress_;
  std::atomic<std::uint64_t> waiting_ = 0;  // lets the intake look without the lock

  std::mutex mutex_;  // guards what follows
  Queue queue_;
  std::vector<Settlement> settled_;
  Ticket last_ = 0;  // given out
  Ticket last_settled_ = 0;
  bool closed_ = false;
};

}  // namespace wardlock::audit
