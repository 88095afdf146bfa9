#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "cedar/ast/policy.h"

namespace wardlock::cedar {

// Policies as Cedar text. Parsing the text gives the same tree again; its layout is plain, one
// condition a line.
//
// Error: the tree has no text. That happens only to what came as JSON, which allows more: a path
// `has a.b` with a name that is no identifier, a method called on nothing.

Result<std::string> to_text(const Template& policy);
/// A link is written with its slots filled.
Result<std::string> to_text(const Policy& policy);
/// Templates and static policies, an empty line between them. Text has no way to say an id (an
/// `@id` is an annotation like any other), nor a link: a set with links has no text.
Result<std::string> to_text(const PolicySet& policies);
Result<std::string> to_text(const Expr& expression);

/// One element of a scope, e.g. `principal in Role::"Nurse"`. The variable is `principal` or
/// `resource`; a slot is written as `?principal`.
std::string to_text(std::string_view variable, const ScopeConstraint& scope);
/// E.g. `action in [Action::"view", Action::"edit"]`.
std::string to_text(const ActionConstraint& scope);

}  // namespace wardlock::cedar
