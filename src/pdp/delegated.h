#pragma once

#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "cedar/evaluator/step_budget.h"
#include "pdp/delegations.h"
#include "pdp/rule.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// An allow that stands on a delegation.
struct DelegatedVerdict {
  Verdict verdict;                              ///< what all the decisions found, united
  const Delegation* delegation = nullptr;       ///< to the principal
  const cedar::EntityUid* delegator = nullptr;  ///< whose own right it is, at the chain's beginning
  std::int64_t expires_at = 0;                  ///< when the first of the chain ends; ms
};

/// Whether the delegation is open and covers the action, the resource and the time. Whose it is,
/// does not matter.
bool covers(const Delegation& delegation, const Question& question);

/// The context with the `delegation` field that policies see of whoever acts under it. Requires a
/// record without that field. Borrows from the delegation.
cedar::Value with_delegation(const cedar::Value& context, const Delegation& delegation,
                             Arena& arena);

/// For a question that its principal's own right does not answer with allow: whether it is allowed
/// by a delegation to the principal. It is iff each of these is allowed, by rules 1 and 2 (rule.h):
/// - the question, asked for the principal, with `context.delegation`;
/// - the same for each who passed the delegation on, under the one that they have it from;
/// - the question, asked for the delegator at the beginning, by their own right alone.
/// All in the context of the question: what the delegator would have to show, the delegate shows.
/// What any of them owes is owed by the caller.
///
/// INVARIANT: nobody has more with another's right than that other has now; it is never an
/// override; a link that is missing, over, or was not to be passed on, breaks the chain. Pure;
/// takes from the arena and the budget. Nothing: it is not allowed.
std::optional<DelegatedVerdict> decide_delegated(const Snapshot& snapshot, const Question& question,
                                                 Arena& arena, cedar::StepBudget& budget);

}  // namespace wardlock::pdp
