#pragma once

#include <mutex>
#include <string>

#include "administration/recorded_comparisons.h"
#include "pap/activations.h"
#include "pap/canary_stages.h"
#include "pap/checks.h"
#include "pap/drafts.h"
#include "pap/policy_nodes.h"
#include "pap/shadow_stages.h"

namespace wardlock::administration {

/// How policies of a tenant are changed. Borrows; as thread-safe as its parts.
struct PolicyChanges {
  pap::Drafts& drafts;
  pap::Activations& activations;
  pap::ShadowStages& shadows;
  pap::CanaryStages& canaries;
  pap::PolicyNodes& nodes;
  std::string environment;  ///< the one that this server enforces
  pap::CheckLimits limits = {};
  /// Held while a draft is checked, or compared by made questions: one at a time, so that nobody
  /// else waits for long. Null: nobody would.
  std::mutex* long_work = nullptr;
  RecordedComparisons* recorded = nullptr;  ///< null: nothing is compared over what was recorded
};

}  // namespace wardlock::administration
