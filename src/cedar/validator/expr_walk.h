#pragma once

#include "cedar/ast/policy.h"

namespace wardlock::cedar {

/// Calls `visit(const Expr&)` for the expression and all in it, each before what is in it.
/// Recursion is bounded by the tree's depth.
template <typename Visit>
void for_each_expr(const Expr& expr, const Visit& visit) {
  visit(expr);
  for_each_child(expr.node, [&](const Expr& child) { for_each_expr(child, visit); });
}

/// All expressions of the policy's conditions.
template <typename Visit>
void for_each_expr(const Template& policy, const Visit& visit) {
  for (const Condition& condition : policy.conditions) for_each_expr(*condition.body, visit);
}

}  // namespace wardlock::cedar
