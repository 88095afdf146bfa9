#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "authn/rate_limit.h"
#include "base/arena.h"
#include "pap/shadow.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"

namespace wardlock::server {

/// A question that would be decided otherwise. Borrows.
struct SeenDifference {
  const pdp::Snapshot& in_use;
  const pdp::Snapshot& tried;
  const pdp::AccessRequest& request;
  const pdp::AccessDecision& was;
  bool would_be_allowed = false;
  std::string_view cause;  ///< why
  std::string_view decision_id;
};

/// What one node's shadow has found, while it runs. Thread-safe; no thread waits for another.
class ShadowTally {
 public:
  /// Goes on from `before`, of an earlier start. At most `most` questions a second are asked twice:
  /// that bounds what a shadow costs.
  ShadowTally(pap::ShadowCount before, const authn::Quota& most);

  /// Whether one more may be compared now; else it was skipped, which is counted.
  bool admit();
  void skip() { skipped_.fetch_add(1, std::memory_order_relaxed); }
  void same() { compared_.fetch_add(1, std::memory_order_relaxed); }
  /// Counts it with its kind, too, where nobody else does so at that moment.
  void differed(const SeenDifference& seen);
  pap::ShadowCount count() const;

 private:
  const pap::ShadowCount before_;
  authn::RateLimit limit_;
  std::atomic<std::uint64_t> compared_ = 0;
  std::atomic<std::uint64_t> skipped_ = 0;
  std::atomic<std::uint64_t> gained_ = 0;
  std::atomic<std::uint64_t> lost_ = 0;
  mutable std::mutex mutex_;  ///< over what follows
  std::vector<pap::ShadowDifference> kinds_;
};

/// A draft's policies over the entities of what is decided by, without effect. A value.
struct Shadow {
  pap::ShadowStage stage;
  std::shared_ptr<const pdp::Snapshot> of;  ///< in whose place it would be
  std::shared_ptr<const pdp::Snapshot> snapshot;
  std::shared_ptr<ShadowTally> tally;

  /// Has the question decided by these policies, too, and counts. `decided` is by what is decided
  /// by; where that is another snapshot than `of`, the question is skipped. Takes the arena's
  /// memory and, but for a difference, none of the heap.
  void compare(const pdp::Snapshot& in_use, const pdp::AccessRequest& request,
               const pdp::AccessDecision& decided, std::string_view decision_id, std::int64_t now,
               Arena& arena) const;

  /// The same over the entities of `next`; null: its policies must be read anew for them.
  std::shared_ptr<const Shadow> over(std::shared_ptr<const pdp::Snapshot> next) const;
};

}  // namespace wardlock::server
