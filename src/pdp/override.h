#pragma once

#include "base/arena.h"
#include "pdp/rule.h"

namespace wardlock::pdp {

/// Whether the grant is open and covers principal, target, action and time.
bool covers(const Grant& grant, const Question& question);

/// A grant such as would be opened now for exactly this question: whether it would help is what
/// `is_override_possible` says. Borrows from the question and the arena.
Grant hypothetical_grant(const Question& question, Arena& arena);

/// The context with the `override` field that policies see under the grant, and a request with it.
/// Requires a record without that field. Borrows from the grant.
cedar::Value with_override(const cedar::Value& context, const Grant& grant, Arena& arena);
cedar::Request with_override(const cedar::Request& request, const Grant& grant, Arena& arena);

}  // namespace wardlock::pdp
