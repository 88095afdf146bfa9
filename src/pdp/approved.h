#pragma once

#include <cstdint>

#include "base/arena.h"
#include "cedar/evaluator/evaluator.h"
#include "pdp/approvals.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {

/// Whether `context.approval` may be there for the action. True without a schema; false in Cedar's
/// own mode, which knows no approvals.
bool declares_approval(const Snapshot& snapshot, const cedar::EntityUid& action);
bool declares_approval(const cedar::ActionType& action);

/// The approval that the request's principal has at that moment for exactly its action and its
/// resource; of several the one that lasts longest. Null: there is none, or the action does not
/// declare it.
///
/// INVARIANT: it is whoever acts who needs it. Of a question that is asked with another's right,
/// the delegate's counts, and the delegator's does not: what was approved is that this person does
/// it. Pure; borrows from the snapshot.
const Approval* find_approval(const Snapshot& snapshot, const cedar::Request& request,
                              std::int64_t now);

/// The context with the `approval` field that policies see under it: `id`, `approvers`, `ticket`,
/// `expiresAt`. Requires a record without that field. Borrows from the approval.
cedar::Value with_approval(const cedar::Value& context, const Approval& approval, Arena& arena);

/// A value that `context.approval` may have, for holding a schema against it. Borrows from the
/// arena.
cedar::Value sample_approved(Arena& arena);

}  // namespace wardlock::pdp
