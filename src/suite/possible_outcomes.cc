#include "suite/possible_outcomes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cedar/validator/expr_types.h"
#include "cedar/validator/request_environment.h"

namespace wardlock::suite {
namespace {

using cedar::ActionConstraint;
using cedar::EntityUid;
using cedar::ScopeConstraint;

/// Whether an entity of the type may, and must, be as the scope demands.
Possible outcomes(const ScopeConstraint& scope, std::string_view type,
                  const cedar::Schema& schema) {
  using Op = ScopeConstraint::Op;
  const bool is_typed = scope.op == Op::kIs || scope.op == Op::kIsIn;
  if (scope.op == Op::kAny) return {.is_true = true, .is_false = false};
  if (is_typed && scope.type != type) return {.is_true = false, .is_false = true};
  if (scope.op == Op::kIs) return {.is_true = true, .is_false = false};
  // A slot is filled with whatever a link says.
  if (scope.entity == nullptr || scope.entity->type == type) return {};
  if (scope.op == Op::kEqual) return {.is_true = false, .is_false = true};
  const cedar::EntityType* entity_type = schema.find_entity_type(type);
  const bool may_be_in = entity_type != nullptr && entity_type->may_be_in(scope.entity->type);
  return {.is_true = may_be_in, .is_false = true};
}

bool matches(const ActionConstraint& scope, const cedar::ActionType& action) {
  return std::ranges::any_of(scope.actions, [&](const EntityUid* uid) {
    if (*uid == *action.uid) return true;
    return scope.op == ActionConstraint::Op::kIn &&
           std::ranges::any_of(action.ancestors, [&](const auto* each) { return *each == *uid; });
  });
}

void unite(Possible& all, Possible more) {
  all.is_true |= more.is_true;
  all.is_false |= more.is_false;
}

std::string entity_text(const ScopeConstraint& scope, std::string_view slot) {
  return scope.entity == nullptr ? std::string(slot) : cedar::to_text(*scope.entity);
}

std::string scope_text(const ScopeConstraint& scope, std::string_view variable) {
  const std::string entity =
      entity_text(scope, variable == "principal" ? "?principal" : "?resource");
  switch (scope.op) {
    case ScopeConstraint::Op::kAny: break;
    case ScopeConstraint::Op::kEqual: return fmt::format("{} == {}", variable, entity);
    case ScopeConstraint::Op::kIn: return fmt::format("{} in {}", variable, entity);
    case ScopeConstraint::Op::kIs: return fmt::format("{} is {}", variable, scope.type);
    case ScopeConstraint::Op::kIsIn:
      return fmt::format("{} is {} in {}", variable, scope.type, entity);
  }
  return std::string(variable);
}

std::string action_text(const ActionConstraint& scope) {
  std::string list;
  for (const EntityUid* uid : scope.actions) {
    list += (list.empty() ? "" : ", ") + cedar::to_text(*uid);
  }
  if (scope.op == ActionConstraint::Op::kAny) return "action";
  if (scope.op == ActionConstraint::Op::kEqual) return "action == " + list;
  return scope.is_list ? fmt::format("action in [{}]", list) : "action in " + list;
}

/// Each element of the scope where the ones before it hold.
std::array<Possible, 3> scope_outcomes(const cedar::Template& policy, const cedar::Schema& schema) {
  const Possible none{.is_true = false, .is_false = false};
  std::array<Possible, 3> all = {none, none, none};
  for (const cedar::ActionType& action : schema.actions()) {
    const bool is_asked = !action.principals.empty() && !action.resources.empty();
    const bool is_action =
        policy.action.op == ActionConstraint::Op::kAny || matches(policy.action, action);
    for (const std::string_view type : action.principals) {
      const Possible principal = is_asked ? outcomes(policy.principal, type, schema) : none;
      unite(all[0], principal);
      if (!principal.is_true) continue;
      unite(all[1], {.is_true = is_action, .is_false = !is_action});
      if (!is_action) continue;
      for (const std::string_view resource : action.resources) {
        unite(all[2], outcomes(policy.resource, resource, schema));
      }
    }
  }
  return all;
}

/// What the type of a part says of its value.
Possible outcomes(const cedar::Expr& expr, const cedar::ExprTypes& types) {
  if (!types.is_well_typed()) return {};
  const cedar::InferredType* type = types.find(expr);
  if (type == nullptr) return {.is_true = false, .is_false = false};
  if (type->is_always(false)) return {.is_true = false, .is_false = true};
  const auto* is = std::get_if<cedar::IsExpr>(&expr.node);
  const bool is_certain =
      std::holds_alternative<cedar::Literal>(expr.node) || (is != nullptr && is->in == nullptr);
  return {.is_true = true, .is_false = !is_certain || !type->is_always(true)};
}

}  // namespace

std::vector<Possible> possible_outcomes(const cedar::Template& policy,
                                        const cedar::Schema& schema) {
  const std::vector<cedar::Part> parts = cedar::parts_of(policy);
  const std::array<Possible, 3> scope = scope_outcomes(policy, schema);
  std::vector<Possible> all(parts.size(), {.is_true = false, .is_false = false});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_scope = parts[i].kind != cedar::Part::Kind::kCondition;
    if (is_scope) all[i] = scope[static_cast<std::size_t>(parts[i].kind)];
  }
  for (const cedar::RequestEnvironment& environment : cedar::environments_of(policy, schema)) {
    const auto types = cedar::infer_types(policy, schema, environment);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].kind == cedar::Part::Kind::kCondition) {
        unite(all[i], outcomes(*parts[i].expr, types));
      }
    }
  }
  return all;
}

std::string scope_text(const cedar::Template& policy, cedar::Part::Kind kind) {
  switch (kind) {
    case cedar::Part::Kind::kPrincipal: return scope_text(policy.principal, "principal");
    case cedar::Part::Kind::kAction: return action_text(policy.action);
    case cedar::Part::Kind::kResource: return scope_text(policy.resource, "resource");
    case cedar::Part::Kind::kCondition: break;
  }
  return {};
}

}  // namespace wardlock::suite
