#include "cedar/validator/name_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cedar/ast/names.h"
#include "cedar/validator/expr_walk.h"
#include "cedar/validator/near_names.h"

namespace wardlock::cedar {
namespace {

class NameChecker {
 public:
  NameChecker(const Schema& schema, Findings& findings, Steps& steps)
      : schema_(schema), findings_(findings), steps_(steps) {}

  void check(const ScopeConstraint& scope) {
    if (!scope.type.empty()) check_type(scope.type, scope.span, &scope);
    if (scope.entity != nullptr) check_uid(*scope.entity, scope.span, &scope);
  }

  void check(const ActionConstraint& scope) {
    for (const EntityUid* action : scope.actions) check_uid(*action, scope.span, &scope);
  }

  void check(const Expr& expr) {
    if (const auto* literal = std::get_if<Literal>(&expr.node)) {
      if (literal->value.is(Kind::kEntity)) {
        check_uid(literal->value.as_entity(), expr.span, &expr);
      }
    } else if (const auto* is = std::get_if<IsExpr>(&expr.node)) {
      check_type(is->type, expr.span, &expr);
    }
  }

  void check_type(std::string_view type, Span span, const void* place) {
    if (is_action_type(type) || schema_.find_entity_type(type) != nullptr) return;
    findings_.error(span, place, ValidationCode::kUnknownEntityType,
                    fmt::format("the schema declares no entity type `{}`", type),
                    steps_.may_suggest() ? nearest_type_help(type, schema_) : "");
  }

 private:
  void check_uid(const EntityUid& uid, Span span, const void* place) {
    check_type(uid.type, span, place);
    if (is_action_type(uid.type)) {
      if (schema_.find_action(uid) != nullptr) return;
      findings_.error(span, place, ValidationCode::kUnknownAction,
                      fmt::format("the schema declares no action `{}`", to_text(uid)),
                      steps_.may_suggest() ? nearest_action_help(uid, schema_) : "");
      return;
    }
    const EntityType* type = schema_.find_entity_type(uid.type);
    if (type == nullptr || type->may_have_id(uid.id)) return;
    findings_.error(span, place, ValidationCode::kUndeclaredId,
                    fmt::format("`{}` is not one of the ids that the schema lists for `{}`",
                                to_text(uid), uid.type),
                    steps_.may_suggest()
                        ? nearest_help(uid.id, {type->enum_ids.begin(), type->enum_ids.end()})
                        : "");
  }

  const Schema& schema_;
  Findings& findings_;
  Steps& steps_;
};

}  // namespace

void check_names(const Template& policy, const Schema& schema, Findings& findings, Steps& steps) {
  NameChecker checker(schema, findings, steps);
  checker.check(policy.principal);
  checker.check(policy.action);
  checker.check(policy.resource);
  for_each_expr(policy, [&](const Expr& expr) { checker.check(expr); });
}

void check_slots(const Policy& link, const Schema& schema, Findings& findings, Steps& steps) {
  NameChecker checker(schema, findings, steps);
  for (const EntityUid* uid : {link.principal_slot, link.resource_slot}) {
    if (uid != nullptr) checker.check_type(uid->type, {}, uid);
  }
}

UsedVariables used_variables(const Template& policy) {
  UsedVariables used;
  for_each_expr(policy, [&](const Expr& expr) {
    const auto* variable = std::get_if<Variable>(&expr.node);
    if (variable == nullptr) return;
    switch (*variable) {
      case Variable::kPrincipal: used.principal = true; break;
      case Variable::kAction: used.action = true; break;
      case Variable::kResource: used.resource = true; break;
      case Variable::kContext: used.context = true; break;
    }
  });
  return used;
}

}  // namespace wardlock::cedar
