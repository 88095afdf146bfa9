#pragma once

#include "cli/styled_text.h"
#include "explain/explanation.h"
#include "pdp/sources.h"

namespace wardlock::cli {

/// The explanation for a person at a terminal: what decided, the nearest permits and what they
/// still need, then what else could have. Places are those of the sources the policies came from.
StyledText explanation_text(const explain::Explanation& explanation, const pdp::Sources& sources);

/// Where the policy stands, `FILE:LINE`; empty where that is not known.
std::string place_of(const explain::ExplainedPolicy& policy, const pdp::Sources& sources);

}  // namespace wardlock::cli
