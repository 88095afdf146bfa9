#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "cedar/authorizer/authorizer.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/evaluator/step_budget.h"
#include "pdp/candidates.h"
#include "pdp/obligation_terms.h"
#include "pdp/partition.h"

namespace wardlock::pdp {

/// Why a decision is what it is.
enum class Cause : std::uint8_t {
  kPermit,       ///< allowed: a permit is satisfied and no forbid stands against it
  kOverride,     ///< allowed under an open break-glass grant
  kForbid,       ///< denied: a forbid is satisfied
  kForbidError,  ///< denied: a forbid could not be evaluated
  kNoPermit,     ///< denied: no permit is satisfied
  kStepLimit,    ///< denied: it was more work than a decision may be
  /// Denied: who acts for the principal is nobody whom policies know now (acting.h).
  kActorUnknown,
  /// Denied: who acts for the principal is of a type that the action does not apply to.
  kActorNotApplicable,
};

std::string_view to_string(Cause cause);

/// An open break-glass grant: one person, one patient or device, some actions, for a while. Grants
/// come from the snapshot, never from a request. Borrows everything from the entity that it is.
struct Grant {
  std::string_view id = {};
  const cedar::EntityUid* principal = nullptr;
  const cedar::EntityUid* target = nullptr;    ///< the resource, or one of its ancestors
  std::span<const cedar::Value> actions = {};  ///< a set of actions, or groups of actions
  std::int64_t opens_at = 0;                   ///< milliseconds since the epoch
  std::int64_t expires_at = 0;                 ///< milliseconds since the epoch; exclusive
  std::string_view reason = {};
  std::span<const cedar::Value> waives = {};  ///< a set of texts: ids of `@waivable` policies
};

/// What is to be decided. Borrows everything. `request.context` has no `override` field.
struct Question {
  const cedar::Request& request;
  const cedar::EntityView& entities;
  std::int64_t now = 0;  ///< milliseconds since the epoch
  std::span<const std::string_view> supported_obligations = {};
  const Grant* grant = nullptr;      ///< the one the request names, if it exists
  bool is_override_declared = true;  ///< false: the schema gives this action no `context.override`
  /// The entities as an override sees them (pdp/stale.h); null: as all see them.
  const cedar::EntityView* emergency = nullptr;
};

/// The rule's answer. Borrows from the policies, the question and the arena.
struct Verdict {
  bool is_allowed = false;
  Cause cause = Cause::kNoPermit;
  std::span<const cedar::Policy* const> policies = {};  ///< determining
  std::span<const cedar::PolicyError> errors = {};      ///< of policies that could not be evaluated
  std::span<const std::string_view> obligations = {};   ///< only when allowed; distinct
  std::span<const ObligationTerm> terms = {};           ///< how they are to be fulfilled
  const Grant* grant = nullptr;                         ///< the one an override stands on
  bool is_override_possible = false;                    ///< only when denied
};

/// Wardlock's decision rule (docs/life-of-a-decision.md), for `Mode::kStrict`:
///
/// 1. strict(S): deny if a forbid in S matched or errored; else allow if a permit in S is
///    satisfied; else deny.
/// 2. D1 = strict(P ∪ F ∪ W ∪ unsupported B), without `context.override`. If it allows, the reply
///    carries the obligations of every B that matched or errored.
/// 3. Otherwise an override needs a grant that covers this principal, target, action and time.
/// 4. It is an override iff strict(O ∪ F ∪ unsupported B), with `context.override`, allows and the
///    grant covers every W that matched or errored; all that among the entities of an emergency.
/// 5. Otherwise deny, and say whether breaking the glass would be possible.
///
/// INVARIANT: a matched or errored F denies; without a grant the answer is D1; an override has a
/// satisfied O; a budget that is used up denies. For `Mode::kCedar`: Cedar's own rule and nothing
/// else. Requires candidates of the question's principal, action and resource. Pure; thread-safe
/// with an arena and a budget for each call. The verdict borrows from the candidates' arena.
Verdict decide(Candidates& policies, const Question& question);
/// Among all policies: finds the candidates first.
Verdict decide(const Partition& policies, const Question& question, Arena& arena,
               cedar::StepBudget& budget);
/// With the budget that a decision is usually given.
inline Verdict decide(const Partition& policies, const Question& question, Arena& arena) {
  cedar::StepBudget budget;
  return decide(policies, question, arena, budget);
}

}  // namespace wardlock::pdp
