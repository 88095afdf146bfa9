#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "explain/explain.h"
#include "explain/explanation.h"
#include "pdp/rule.h"

namespace wardlock::explain {

/// What the sentences are made from, besides the policies told.
struct Decided {
  const pdp::Verdict& verdict;
  const Asked& asked;
  std::optional<pdp::Authentication> step_up;  ///< when denied: what would have been enough
  std::string satisfied_permit;                ///< when denied: one that would allow; may be empty
  std::string action;                          ///< in words
};

/// Why a question is denied about whose actor no policy is asked; empty: another cause.
std::string_view words_of_cause(pdp::Cause cause);

/// Writes the explanation's sentence and hints from its policies and from what was decided.
void write_sentences(const Decided& decided, Explanation& explanation);

}  // namespace wardlock::explain
