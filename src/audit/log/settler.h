#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "audit/log/intake.h"
#include "audit/log/log_status.h"
#include "audit/log/records.h"
#include "audit/log/spool.h"
#include "base/error.h"

namespace wardlock::audit {

/// Answers for drafts: tells their appenders what became of them, and has the spool for those that
/// the log does not keep. The log's thread says what it writes and what became of that. Where it is
/// held up by its disk, the relief's thread answers in its place (`relieve`), also for what it is
/// just writing. Each call but `status` waits for those of the other thread.
///
/// INVARIANT: drafts of one appender are settled in the order in which they were appended.
class Settler {
 public:
  /// `spool` may be null.
  explicit Settler(std::unique_ptr<Spool> spool);

  // The log's thread:
  /// This is going to be written. Copies what answers need.
  void take(const Incoming& incoming);
  /// What became of that; nothing where it was relieved of it.
  void written(bool is_kept);
  /// Settles what is known, and tells those it is about when `report` is called.
  void settle();
  void report();
  /// Whether it was relieved since the last call.
  bool come_back();

  /// The relief's thread, again and again. Unless `is_needed`, does nothing. Else settles all that
  /// was taken, and all that the intake has: what can be spooled is, and the rest is refused.
  void relieve(Intake& intake, const std::function<bool()>& is_needed);

  // The log's thread: the spool comes into the log.
  bool has_spooled() const;
  /// Where the spool ends now: it may grow later. Requires that there is one.
  Spool::Position spooled() const;
  /// As those of `Spool`; reading keeps no relief waiting.
  std::vector<merkle::Hash> spooled_leaves(const Spool::Position& from,
                                           const Spool::Position& to) const;
  Result<void> read_spool(const Spool::Position& from, const Spool::Position& to,
                          std::span<const merkle::Hash> leaves, const Spool::Taker& take) const;
  /// What was missing in the spool when it was opened, until `took_spool`.
  std::uint64_t missing_before() const;
  /// The log tells of so many.
  void add_missing(std::uint64_t told) { missing_ += told; }
  /// The log has what is spooled up to there. False where there is more by now; else the spool
  /// takes nothing until it is empty, and is emptied, at once or by `clear_spool`.
  bool took_spool(const Spool::Position& end);
  void clear_spool();

  /// Drafts that were refused, and that nobody was told of by `reset_refused`.
  std::uint64_t refused_since() const { return refused_.load() - refused_before_; }
  /// So many of them were told of.
  void reset_refused(std::uint64_t told) { refused_before_ += told; }

  /// Fills in what is counted here. Any thread, without waiting.
  void add_to(LogStatus& status) const;

 private:
  /// Of one batch, until it is answered for.
  struct InHand {
    std::vector<Incoming::Draft> drafts;
    Records to_spool;  // of those that may be, in this order
    bool is_known = false;
    bool is_kept = false;
  };

  static void fill(const Incoming& incoming, bool has_spool, InHand& out);
  InHand& add();
  void settle_known();
  void settle_one(const InHand& batch);
  void settle_some(std::span<const Incoming::Draft> drafts, Outcome outcome);
  bool spool(const Records& records, std::size_t first, std::size_t count);
  void report_settled();
  void clear();

  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> unrecorded_ = 0;
  std::atomic<std::uint64_t> spooled_ = 0;
  std::atomic<std::uint64_t> missing_ = 0;
  std::atomic<std::uint64_t> spool_used_ = 0;
  std::uint64_t refused_before_ = 0;  // the log's thread's

  mutable std::mutex mutex_;  // guards what follows
  const std::unique_ptr<Spool> spool_;
  bool must_clear_spool_ = false;  // the log has what it holds
  bool was_relieved_ = false;
  std::deque<InHand> in_hand_;      // two at most
  std::vector<InHand> spare_;       // their memory is used again
  std::vector<Appender*> settled_;  // to be told
  Records records_;
  Incoming relieved_;
};

}  // namespace wardlock::audit
