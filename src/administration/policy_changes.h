#pragma once

#include <string>

#include "pap/activations.h"
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
  pap::PolicyNodes& nodes;
  std::string environment;  ///< the one that this server enforces
  pap::CheckLimits limits = {};
};

}  // namespace wardlock::administration
