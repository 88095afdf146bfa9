#pragma once

#include <string>

#include "pap/activations.h"
#include "pap/checks.h"
#include "pap/drafts.h"

namespace wardlock::administration {

/// How policies of a tenant are changed. Borrows; as thread-safe as its parts.
struct PolicyChanges {
  pap::Drafts& drafts;
  pap::Activations& activations;
  std::string environment;  ///< the one that this server enforces
  pap::CheckLimits limits = {};
};

}  // namespace wardlock::administration
