#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/error.h"
#include "explain/explanation.h"
#include "explain/viewer.h"
#include "pdp/access.h"
#include "pdp/rule.h"
#include "pdp/snapshot.h"

namespace wardlock::explain {

/// A question in Cedar's terms, as it is explained. Borrows it.
struct Asked {
  const pdp::Question& question;
  pdp::Authentication authentication = {};                ///< as the request's context has it
  bool names_grant = false;                               ///< also where there is none of that name
  std::uint64_t max_steps = cedar::StepBudget::kDefault;  ///< of the decision
};

/// Why the question is decided as it is, told to the viewer. The decision is `pdp::decide`'s over
/// the snapshot's policies for the action. Bounded by the limits, whatever is asked. Pure.
///
/// INVARIANT: two snapshots that differ only in what the viewer may not see, and decide the
/// question alike, are explained alike, to the letter.
Explanation explain(const pdp::Snapshot& snapshot, const Asked& asked, const Viewer& viewer,
                    Arena& arena, const ExplanationLimits& limits = {});

/// The same for a question of a caller, who sees what its scope has. Error: kPermissionDenied, the
/// caller may not have decisions explained; any other of `pdp::resolve`.
Result<Explanation> explain(const pdp::Snapshot& snapshot, const pdp::AccessRequest& access,
                            std::int64_t now, const ExplanationLimits& limits = {});

}  // namespace wardlock::explain
