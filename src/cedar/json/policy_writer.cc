#include <algorithm>

#include "cedar/json/expr_writer.h"
#include "cedar/json/policy_json.h"

namespace wardlock::cedar {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

// How deep in its document a condition's body stands.
constexpr std::size_t kBodyLevel = 4;     // policy, conditions, condition
constexpr std::size_t kSetBodyLevel = 6;  // policy set, its bodies

void write_target(object& out, const EntityUid* entity, std::string_view slot) {
  if (entity == nullptr) {
    out.emplace("slot", to_json_view(slot));
  } else {
    out.emplace("entity", write_uid(*entity));
  }
}

Json write_scope(const ScopeConstraint& scope, std::string_view slot) {
  object out;
  switch (scope.op) {
    case ScopeConstraint::Op::kAny: out.emplace("op", "All"); break;
    case ScopeConstraint::Op::kEqual:
    case ScopeConstraint::Op::kIn:
      out.emplace("op", scope.op == ScopeConstraint::Op::kEqual ? "==" : "in");
      write_target(out, scope.entity, slot);
      break;
    case ScopeConstraint::Op::kIs:
    case ScopeConstraint::Op::kIsIn:
      out.emplace("op", "is");
      out.emplace("entity_type", to_json_view(scope.type));
      if (scope.op == ScopeConstraint::Op::kIsIn) {
        object in;
        write_target(in, scope.entity, slot);
        out.emplace("in", std::move(in));
      }
      break;
  }
  return out;
}

/// A list of one action is written like the action alone, as the reference does.
Json write_action(const ActionConstraint& scope) {
  object out;
  if (scope.op == ActionConstraint::Op::kAny) {
    out.emplace("op", "All");
    return out;
  }
  out.emplace("op", scope.op == ActionConstraint::Op::kEqual ? "==" : "in");
  if (scope.actions.size() == 1) {
    out.emplace("entity", write_uid(*scope.actions.front()));
    return out;
  }
  array entities;
  for (const EntityUid* action : scope.actions) entities.push_back(write_uid(*action));
  out.emplace("entities", std::move(entities));
  return out;
}

Result<Json> write_policy(const Template& policy, std::size_t level) {
  object out;
  out.emplace("effect", to_json_view(to_string(policy.effect)));
  out.emplace("principal", write_scope(policy.principal, "?principal"));
  out.emplace("action", write_action(policy.action));
  out.emplace("resource", write_scope(policy.resource, "?resource"));
  array conditions;
  for (const Condition& condition : policy.conditions) {
    object clause;
    clause.emplace("kind", condition.is_unless ? "unless" : "when");
    clause.emplace("body", TRY(write_expression(*condition.body, level)));
    conditions.push_back(std::move(clause));
  }
  out.emplace("conditions", std::move(conditions));
  if (policy.annotations.empty()) return out;
  object annotations;
  for (const Annotation& annotation : policy.annotations) {
    annotations.emplace(to_json_view(annotation.name),
                        annotation.value ? Json(to_json_view(*annotation.value)) : Json(nullptr));
  }
  out.emplace("annotations", std::move(annotations));
  return out;
}

Json write_link(const Policy& link) {
  object values;
  const auto add = [&](std::string_view slot, const EntityUid* uid) {
    if (uid == nullptr) return;
    object entity;
    entity.emplace("__entity", write_uid(*uid));
    values.emplace(to_json_view(slot), std::move(entity));
  };
  add("?principal", link.principal_slot);
  add("?resource", link.resource_slot);
  object out;
  out.emplace("templateId", to_json_view(link.body->id));
  out.emplace("newId", to_json_view(link.id));
  out.emplace("values", std::move(values));
  return out;
}

}  // namespace

Result<Json> policy_to_json(const Template& policy) { return write_policy(policy, kBodyLevel); }

Result<Json> expression_to_json(const Expr& expression) { return write_expression(expression, 1); }

Result<Json> policy_set_to_json(const PolicySet& policies) {
  object static_policies;
  object templates;
  array links;
  for (const Policy& policy : policies.policies()) {
    if (policy.is_link()) {
      links.push_back(write_link(policy));
    } else {
      static_policies.emplace(to_json_view(policy.id),
                              TRY(write_policy(*policy.body, kSetBodyLevel)));
    }
  }
  for (const Template* body : policies.templates()) {
    templates.emplace(to_json_view(body->id), TRY(write_policy(*body, kSetBodyLevel)));
  }
  object out;
  out.emplace("staticPolicies", std::move(static_policies));
  out.emplace("templates", std::move(templates));
  out.emplace("templateLinks", std::move(links));
  return out;
}

}  // namespace wardlock::cedar
