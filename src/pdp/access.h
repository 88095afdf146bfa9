#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/evaluator/step_budget.h"
#include "pdp/accountability.h"
#include "pdp/caller.h"
#include "pdp/rule.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

struct ResolvedRequest;  // resolve.h

/// An entity as a caller describes it: its properties are what the application says, which counts
/// only where the directory does not know better.
struct DescribedEntity {
  std::string_view type;
  std::string_view id;
  const boost::json::object* properties = nullptr;  ///< null: none
};

/// A question as an enforcement point asks it, free of any protocol. Borrows everything for the
/// call.
struct AccessRequest {
  DescribedEntity principal;
  std::string_view action;                                 ///< a name, e.g. `view`
  const boost::json::object* action_properties = nullptr;  ///< become `context.action`
  DescribedEntity resource;
  const boost::json::object* context = nullptr;
  std::string_view grant;  ///< the break-glass grant it names; may be empty
  /// What the caller promises to fulfil.
  std::span<const std::string_view> supported_obligations = {};
  const Caller* caller = nullptr;  ///< who asks; never null
  /// How the principal was authenticated, as the caller attests it.
  std::optional<Authentication> authentication = {};
  /// Whose token came with the question; null: none did. The principal must be that one, and is
  /// authenticated as the token says, whoever asks.
  const VerifiedPrincipal* verified = nullptr;
  /// Who acts for the principal, as the caller says; without properties. What a token says counts
  /// whether this is there or not (acting.h).
  std::optional<DescribedEntity> actor = {};
  bool is_recorded = false;  ///< the decision says whom it concerns
  /// How much work deciding it may be; where it would be more, it is denied.
  std::uint64_t max_steps = cedar::StepBudget::kDefault;
};

/// With whose right an access was allowed that the principal has none for. Borrows.
struct UsedDelegation {
  std::string_view id;                          ///< of the delegation to the principal
  const cedar::EntityUid* delegator = nullptr;  ///< whose own right it is, at the chain's beginning
};

/// Who acted for the principal, in whatever was decided. Borrows.
struct UsedActor {
  std::string_view type;
  std::string_view id;
  std::span<const std::string_view> before = {};  ///< as VerifiedActor has them
  bool is_denied = false;                         ///< it is the actor who may not
};

/// What others had approved of an access that was allowed. Borrows.
struct UsedApproval {
  std::string_view id;
  cedar::EntityUid approver;    ///< of several the first, as values are ordered
  std::int64_t expires_at = 0;  ///< ms since the epoch
};

/// The answer. Borrows from the snapshot and the arena it was made in. Reasons, errors
/// and notes are only there for callers that may have explained.
struct AccessDecision {
  using Texts = std::span<const std::string_view>;

  bool is_allowed = false;
  Cause cause = Cause::kNoPermit;
  Texts policies = {};     ///< ids of the determining policies
  Texts reasons = {};      ///< their `@reason` texts, without repetition
  Texts errors = {};       ///< `policy: why` for each that could not be evaluated
  Texts obligations = {};  ///< to be fulfilled by the caller before it acts
  std::span<const ObligationTerm> terms = {};     ///< and how
  std::optional<std::string_view> grant = {};     ///< the break-glass grant that was used
  std::optional<UsedDelegation> delegation = {};  ///< the access was allowed by it
  std::optional<UsedApproval> approval = {};      ///< policies saw it as they allowed
  std::optional<UsedActor> actor = {};            ///< somebody acts for the principal
  Texts consents = {};  ///< provisions of the patient's consents that counted, as `consent#place`
  bool is_override_possible = false;
  std::optional<Authentication> step_up = {};   ///< only when denied: what would have been enough
  bool is_withheld = false;                     ///< an obligation keeps something back (withholds)
  std::optional<std::int64_t> expires_at = {};  ///< ms since the epoch: of the grant or delegation
  Texts notes = {};              ///< what was left out of the request, and differences
  Texts stale = {};              ///< what sources have not told of late (pdp/stale.h)
  Accountable accountable = {};  ///< only where the request is recorded
  Texts record_notes = {};       ///< the same; with what is stale, and more; empty: the notes alone
};

/// How the principal was authenticated, as far as that is known.
Authentication authentication_of(const AccessRequest& access);

/// The keys of a request's context that the PDP fills itself; a caller that sends one is refused.
bool is_reserved_context_key(std::string_view key);

/// Whether `context.override` may be there for the action: an override needs it. True without a
/// schema.
bool declares_override(const Snapshot& snapshot, const cedar::EntityUid& action);
bool declares_override(const cedar::ActionType& action);

/// The same of `context.delegation`: without it nobody does the action with another's right.
bool declares_delegation(const Snapshot& snapshot, const cedar::EntityUid& action);

/// The grant with that id, or null.
const Grant* find_grant(const Snapshot& snapshot, std::string_view id);

/// Decides. `now` is milliseconds since the epoch; what the decision needs and what it borrows is
/// in `arena`, which must not be reset before the decision has been used. Error: kInvalidArgument,
/// the request is not one that can be decided; kPermissionDenied, the caller may not ask or supply
/// that. Thread-safe with an arena for each call.
Result<AccessDecision> decide(const Snapshot& snapshot, const AccessRequest& request,
                              std::int64_t now, Arena& arena);

/// The same, of a request that `resolve` has resolved in this snapshot, or in one that questions
/// are resolved alike in (`resolve_alike`), at this time.
Result<AccessDecision> decide(const Snapshot& snapshot, const AccessRequest& request,
                              const ResolvedRequest& resolved, std::int64_t now, Arena& arena);

/// Whether `decide` would allow, without what only explains a decision. Error: as with `decide`.
Result<bool> is_allowed(const Snapshot& snapshot, const AccessRequest& request, std::int64_t now);

}  // namespace wardlock::pdp
