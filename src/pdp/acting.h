#pragma once

#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/evaluator/step_budget.h"
#include "pdp/access.h"
#include "pdp/rule.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// Somebody acts for a question's principal: an agent or a service (RFC 8693, 4.1).
struct Acting {
  UsedActor name;  ///< for replies and records
  /// Null: policies do not know them now.
  const cedar::EntityUid* actor = nullptr;
};

/// The questions of which all must be allowed, in this order.
enum class ActingPart : std::uint8_t {
  kPrincipal,       ///< the principal's, as if they acted themselves
  kPrincipalActed,  ///< the same, with `context.actor`
  kActor,           ///< the actor's, with `context.onBehalfOf`
};

/// What was decided of both. A denial is that of the part that was denied first.
struct ActingVerdict {
  Verdict verdict;
  std::optional<ActingPart> denied_part = {};  ///< nothing as well: no policy was asked
};

/// Whether policies know who acts, and the action is for their type.
bool may_act(const Snapshot& snapshot, const Question& question, const Acting& acting);

/// The part's request. `context.actor` and `context.onBehalfOf` are an entity where the action
/// declares an entity type or there is no schema, and else a record of the texts `type` and `id`;
/// where the action does not declare them they are not there. An approval is for whom it names: the
/// actor's part has the actor's own. Requires a known actor and a question whose context is the
/// principal's. Nothing: the action declares the key for others than these. In the arena.
std::optional<cedar::Request> request_of(ActingPart part, const Snapshot& snapshot,
                                         const Question& question, const Acting& acting,
                                         Arena& arena);

/// Decides for the principal and for who acts for them, by rules 1 and 2 (rule.h): allowed iff all
/// of `ActingPart` are. What any of them owes is owed by the caller.
///
/// INVARIANT: what is allowed the principal may without the actor, too, and the actor on behalf of
/// the principal; so nobody gains by naming one. It is never an override, and no delegation is
/// used: whoever gave it gave it to a person. An actor who is not in the snapshot, or of a type
/// that the action is not for, may nothing. Pure; takes from the arena and the budget.
ActingVerdict decide_acting(const Snapshot& snapshot, const Question& question,
                            const Acting& acting, Arena& arena, cedar::StepBudget& budget);

}  // namespace wardlock::pdp
