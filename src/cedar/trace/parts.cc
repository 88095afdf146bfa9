#include "cedar/trace/parts.h"

namespace wardlock::cedar {
namespace {

void add_leaves(const Expr& expr, std::size_t condition, std::vector<Part>& parts) {
  if (is_connective(expr)) {
    for_each_child(expr.node, [&](const Expr& child) { add_leaves(child, condition, parts); });
    return;
  }
  parts.push_back({Part::Kind::kCondition, condition, &expr, expr.span});
}

}  // namespace

bool is_connective(const Expr& expr) {
  if (const auto* unary = std::get_if<UnaryExpr>(&expr.node)) return unary->op == UnaryOp::kNot;
  return std::holds_alternative<AndExpr>(expr.node) || std::holds_alternative<OrExpr>(expr.node) ||
         std::holds_alternative<IfExpr>(expr.node);
}

std::vector<Part> parts_of(const Template& policy) {
  std::vector<Part> parts;
  const auto add_scope = [&](Part::Kind kind) { parts.push_back({kind, 0, nullptr, policy.span}); };
  if (policy.principal.op != ScopeConstraint::Op::kAny) add_scope(Part::Kind::kPrincipal);
  if (policy.action.op != ActionConstraint::Op::kAny) add_scope(Part::Kind::kAction);
  if (policy.resource.op != ScopeConstraint::Op::kAny) add_scope(Part::Kind::kResource);
  for (std::size_t i = 0; i < policy.conditions.size(); ++i) {
    add_leaves(*policy.conditions[i].body, i, parts);
  }
  return parts;
}

}  // namespace wardlock::cedar
