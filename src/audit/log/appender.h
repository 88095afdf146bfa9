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

/// On what terms a draft is taken.
struct DraftTerms {
  WhenFailing when_failing = WhenFailing::kRefuse;
  bool is_awaited = true;   ///< no: what it stands for is done whatever becomes of it
  std::uint64_t payer = 0;  ///< on whose share of the queue; 0: this process's own, without limit
};

/// What became of a draft.
enum class Outcome : std::uint8_t {
  kDurable,  ///< in the log, and survives a power cut
  kSpooled,  ///< in the spool, and survives a power cut; comes into the log when that works again
  kRefused,  ///< not known to be kept anywhere
  kForgone,  ///< the same, and nothing waits for it: see `DraftTerms::is_awaited`
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

  /// Queues a draft. Errors, and then nothing was queued: invalid_argument where it is too long;
  /// unavailable where `LogOptions::queue_bytes` wait already; resource_exhausted where the payer's
  /// share of them does; failed_precondition where the log was closed.
  ///
  /// A payer's share is what the queue has room for beside it: who pays alone gets half, of `n` who
  /// all want more each gets one part in `n + 1`, and who has nothing waiting gets in while there
  /// is room for it. Few of very many payers share one share, by chance.
  Result<Ticket> append(std::string_view draft, const DraftTerms& terms);
  Result<Ticket> append(std::string_view draft, WhenFailing when_failing) {
    return append(draft, DraftTerms{.when_failing = when_failing});
  }

  /// What was settled since the last call, in order, into `out`; `out`'s memory becomes the
  /// appender's. To be called from `on_progress` or any thread, by one at a time.
  void take_settled(std::vector<Settlement>& out);

 private:
  friend class Intake;
  friend class Settler;

  /// What waits, and what of it is what: kept apart so that drafts lie side by side.
  struct Queue {
    struct Draft {
      std::uint32_t bytes = 0;
      WhenFailing when_failing = WhenFailing::kRefuse;
      bool is_awaited = true;
    };
    std::string text;
    std::vector<Draft> drafts;
    std::vector<std::uint32_t> shares;  // of `text`, by payer

    /// With room for what usually waits.
    Queue();
    void clear();
    /// Of what waits, what is charged to the same share.
    std::uint32_t& share_of(std::uint64_t payer) { return shares[payer % shares.size()]; }
  };

  Result<void> check_room(std::size_t bytes, std::uint64_t payer);

  // The intake's thread:
  /// May be asked without having it taken.
  std::uint64_t waiting() const { return waiting_.load(); }
  /// Exchanges what waits for the empty `queue`.
  void take_queue(Queue& queue);
  void close();

  // The log's threads, one at a time:
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
