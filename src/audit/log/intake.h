#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "audit/log/appender.h"
#include "audit/log/batch.h"
#include "audit/log/log_options.h"
#include "audit/log/records.h"
#include "audit/log/wakeup.h"
#include "base/error.h"
#include "merkle/compact_range.h"

namespace wardlock::audit {

/// What appenders brought since the last time, and what is to be written of it.
struct Incoming {
  struct Draft {
    Appender* appender = nullptr;
    WhenFailing when_failing = WhenFailing::kRefuse;
    bool is_awaited = true;
    bool is_sealed = false;
  };
  std::vector<Draft> drafts;   ///< to be settled in this order
  Batch batch;                 ///< the records of those that are sealed, in this order
  std::optional<Error> error;  ///< why others are not, where it is not that the log is failing

  void begin(const merkle::CompactRange& before);
};

/// Has a thread of its own, which takes what appenders queued, has it sealed, and hashes the
/// records into the next batch, while the log's thread writes the batch before it.
///
/// INVARIANT: drafts of one appender come out in the order in which they were appended.
class Intake {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Taken : std::uint8_t {
    kSome,
    kNone,  ///< there was nothing in time
    kEnd,   ///< it is closed, and there is nothing any more
  };

  /// Starts its thread. Batches get no more bytes than that, which must be enough for any record.
  /// While the log `is_failing`, what is refused then is not sealed. The options must outlive it.
  Intake(const LogOptions& options, std::size_t most_batch_bytes, std::function<bool()> is_failing);
  /// As `close`. What was not taken then is not settled.
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  /// Lives as long as this. Any thread.
  Appender& add_appender(std::function<void()> on_progress);
  /// Nothing is appended from here on. Any thread.
  void close();

  /// Takes all that is ready, as a batch that continues `tree`; waits for the first of it up to
  /// `until`. Those who were answered since the last call are given so long a time to come again.
  /// The log's thread.
  Taken take(Incoming& out, const merkle::CompactRange& tree, Clock::time_point until,
             Clock::duration patience);

  /// Takes all that is ready, if anything is, as a batch of any tree: none of it is written. Any
  /// thread, while the log's does not take.
  Taken take_now(Incoming& out);

  /// Seals drafts at any time; `out` is empty. The log's thread.
  Result<void> seal(std::span<const std::string_view> drafts, Records& out);

 private:
  /// An appender, and what was taken from it.
  struct Source {
    Source(LogWakeup& wakeup, std::size_t queue_bytes, std::function<void()> on_progress)
        : appender(wakeup, queue_bytes, std::move(on_progress)) {}
    Appender appender;
    Appender::Queue taken;
  };
  struct Waiting {
    std::string_view text;
    Incoming::Draft draft;
  };

  void run();
  bool has_work();
  void close_appenders();
  bool collect();
  void pass_on(std::span<Waiting> some);
  std::optional<Error> seal_all(std::span<Waiting> some);
  void put(std::span<const Waiting> some, std::span<const merkle::Hash> leaves, std::size_t record,
           const std::optional<Error>& error);
  bool has_room(std::size_t bytes) const;
  void hand_out(std::unique_lock<std::mutex> lock, Incoming& out);
  void wait_for(std::unique_lock<std::mutex>& lock, std::size_t drafts, Clock::time_point until);

  const LogOptions& options_;
  const std::size_t most_batch_bytes_;
  const std::function<bool()> is_failing_;
  LogWakeup wakeup_;
  std::atomic<bool> closing_ = false;

  std::mutex sources_mutex_;  // guards the list, not its members
  std::vector<std::unique_ptr<Source>> sources_;

  std::mutex seal_mutex_;  // held while `options_.seal` runs

  // Its thread's:
  std::vector<Waiting> waiting_;
  std::vector<std::string_view> texts_;
  Records records_;
  std::vector<merkle::Hash> leaves_;

  std::mutex mutex_;                // guards what follows
  std::condition_variable filled_;  // for the log's thread
  std::condition_variable room_;    // for its own
  Incoming open_;
  std::size_t wanted_ = SIZE_MAX;  // the log's thread waits for so many drafts
  std::size_t last_taken_ = 0;     // drafts
  bool is_full_ = false;           // its thread waits for room
  bool has_ended_ = false;

  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace wardlock::audit
