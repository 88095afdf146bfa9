#include "compare/decisions/scope_reach.h"

#include <algorithm>

namespace wardlock::compare {
namespace {

using cedar::EntityUid;
using Op = cedar::ScopeConstraint::Op;

/// A scope with its slot filled.
struct Scope {
  Op op;
  std::string_view type;
  const EntityUid* entity;
};

Scope scope_of(const cedar::ScopeConstraint& constraint, const EntityUid* slot) {
  return {constraint.op, constraint.type, constraint.entity != nullptr ? constraint.entity : slot};
}

bool is_or_in(const EntityUid& one, const EntityUid& group, const cedar::EntityStore& entities) {
  if (one == group) return true;
  const cedar::Entity* entity = entities.find(one);
  return entity != nullptr && entities.has_ancestor(*entity, group);
}

bool may_be_in(std::string_view type, std::string_view group, const cedar::Schema* schema) {
  if (schema == nullptr) return true;
  const cedar::EntityType* declared = schema->find_entity_type(type);
  return declared != nullptr && (type == group || declared->may_be_in(group));
}

/// Of a type's principals, when they are a group's members.
Reach reach_of_member_type(std::string_view type, const RoleAsks& asks,
                           const cedar::Schema* schema) {
  if (!may_be_in(type, asks.group->type, schema)) return Reach::kNone;
  if (schema == nullptr) return Reach::kSome;
  const cedar::ActionType* action = schema->find_action(*asks.action);
  if (action == nullptr) return Reach::kSome;
  if (!action->applies_to_principal(type)) return Reach::kNone;
  const bool is_only = std::ranges::none_of(action->principals, [&](std::string_view other) {
    return other != type && may_be_in(other, asks.group->type, schema);
  });
  return is_only ? Reach::kAll : Reach::kSome;
}

Reach reach_of_group(const Scope& scope, const RoleAsks& asks, const pdp::Snapshot& snapshot) {
  switch (scope.op) {
    case Op::kAny: return Reach::kAll;
    case Op::kEqual:
      return is_or_in(*scope.entity, *asks.group, snapshot.entities) ? Reach::kSome : Reach::kNone;
    case Op::kIs: return reach_of_member_type(scope.type, asks, snapshot.schema());
    case Op::kIn:
    case Op::kIsIn: break;
  }
  if (!is_or_in(*asks.group, *scope.entity, snapshot.entities)) return Reach::kNone;
  if (scope.op == Op::kIn) return Reach::kAll;
  return reach_of_member_type(scope.type, asks, snapshot.schema());
}

/// Who is in no group.
Reach reach_of_type(const Scope& scope, std::string_view type) {
  switch (scope.op) {
    case Op::kAny: return Reach::kAll;
    case Op::kEqual: return scope.entity->type == type ? Reach::kSome : Reach::kNone;
    case Op::kIs: return scope.type == type ? Reach::kAll : Reach::kNone;
    case Op::kIn:
    case Op::kIsIn: break;
  }
  return Reach::kNone;
}

Reach reach_of_resource(const Scope& scope, std::string_view type, const cedar::Schema* schema) {
  switch (scope.op) {
    case Op::kAny: return Reach::kAll;
    case Op::kEqual: return scope.entity->type == type ? Reach::kSome : Reach::kNone;
    case Op::kIs: return scope.type == type ? Reach::kAll : Reach::kNone;
    case Op::kIsIn:
      if (scope.type != type) return Reach::kNone;
      [[fallthrough]];
    case Op::kIn: break;
  }
  return may_be_in(type, scope.entity->type, schema) ? Reach::kSome : Reach::kNone;
}

bool holds(const cedar::ActionConstraint& scope, const EntityUid& action,
           const cedar::EntityStore& entities) {
  using ActionOp = cedar::ActionConstraint::Op;
  if (scope.op == ActionOp::kAny) return true;
  return std::ranges::any_of(scope.actions, [&](const EntityUid* named) {
    return scope.op == ActionOp::kEqual ? *named == action : is_or_in(action, *named, entities);
  });
}

}  // namespace

Reach reach_of(const cedar::Policy& policy, const RoleAsks& asks, const pdp::Snapshot& snapshot) {
  const cedar::Template& body = *policy.body;
  if (!holds(body.action, *asks.action, snapshot.entities)) return Reach::kNone;
  const Scope principal = scope_of(body.principal, policy.principal_slot);
  const Reach who = asks.group != nullptr ? reach_of_group(principal, asks, snapshot)
                                          : reach_of_type(principal, asks.principal_type);
  const Scope resource = scope_of(body.resource, policy.resource_slot);
  return std::min(who, reach_of_resource(resource, asks.resource_type, snapshot.schema()));
}

}  // namespace wardlock::compare
