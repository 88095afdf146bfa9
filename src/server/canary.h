#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "config/config.h"
#include "pap/canary.h"
#include "pdp/access.h"
#include "pdp/canary.h"
#include "pdp/sources.h"
#include "server/shadow.h"

namespace wardlock::server {

/// A canary that this node has verified, over the entities of what is in force. A value.
struct ServedCanary {
  pap::CanaryStage stage;  ///< its part, serial and end are those that were signed
  std::vector<std::string> signers;
  std::shared_ptr<const pdp::Sources> sources;  ///< of its policies; without entities
  std::shared_ptr<const pdp::Canary> policies;
  std::shared_ptr<ShadowTally> tally;

  /// Has a question that it decided decided by what is in force, too, and counts. Takes the arena's
  /// memory and, but for a difference, none of the heap.
  void compare(const pdp::AccessRequest& request, const pdp::AccessDecision& decided,
               std::string_view decision_id, std::int64_t now, Arena& arena) const;
  /// The same for a question of its part that it refused.
  void compare_refused(const pdp::AccessRequest& request, std::int64_t now, Arena& arena) const;

  /// The same over the entities of `next`, which it stands beside then. Null: they do not fit its
  /// policies.
  std::shared_ptr<const ServedCanary> over(const config::Config& config,
                                           std::shared_ptr<const pdp::Snapshot> next) const;

 private:
  void compare(const pdp::AccessRequest& request, const pdp::AccessDecision& decided,
               std::string_view cause, std::string_view decision_id, std::int64_t now,
               Arena& arena) const;
};

/// Whether both are there, and of one canary.
bool is_of_one(const std::shared_ptr<const ServedCanary>& one,
               const std::shared_ptr<const ServedCanary>& other);

}  // namespace wardlock::server
