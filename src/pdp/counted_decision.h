#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/error.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// A decision, and how much work it was.
struct CountedDecision {
  AccessDecision decision;
  std::uint64_t steps = 0;  ///< as `AccessRequest::max_steps` counts it
};

/// As `decide`, for who asks many questions that together must not take long.
Result<CountedDecision> decide_counted(const Snapshot& snapshot, const AccessRequest& request,
                                       std::int64_t now, Arena& arena);

}  // namespace wardlock::pdp
