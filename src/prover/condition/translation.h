#pragma once

#include "cedar/ast/policy.h"
#include "prover/condition/conditions.h"

namespace wardlock::prover {

/// The expression, which a Boolean is wanted of, taken apart into atoms.
const Formula* translate(const cedar::Expr& expr, Conditions& conditions);

/// The policy: its scope, then its conditions. The slots of a link are filled.
const Formula* translate(const cedar::Policy& policy, Conditions& conditions);

/// The elements of its scope, one by one, and its `when` and `unless` clauses, each negated or not.
const Formula* translate_principal(const cedar::Policy& policy, Conditions& conditions);
const Formula* translate_action(const cedar::Policy& policy, Conditions& conditions);
const Formula* translate_resource(const cedar::Policy& policy, Conditions& conditions);
const Formula* translate(const cedar::Condition& condition, Conditions& conditions);

}  // namespace wardlock::prover
