#include "cedar/validator/request_environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "cedar/validator/environment_index.h"

namespace wardlock::cedar {
namespace {

ScopeConstraint fill(ScopeConstraint scope, const EntityUid* value) {
  if (scope.has_slot()) scope.entity = value;
  return scope;
}

std::vector<RequestEnvironment> environments_of(const PolicyScope& scope, const Schema& schema) {
  const EnvironmentIndex index(schema);
  std::vector<RequestEnvironment> environments;
  for (const ActionType* action : index.actions(scope.action)) {
    const auto principals = index.admitted(scope.principal, action->principals);
    const auto resources = index.admitted(scope.resource, action->resources);
    for (const std::string_view principal : principals) {
      for (const std::string_view resource : resources) {
        environments.push_back({principal, action, resource});
      }
    }
  }
  return environments;
}

}  // namespace

PolicyScope::PolicyScope(const Policy& policy)
    : principal(fill(policy.body->principal, policy.principal_slot)),
      action(policy.body->action),
      resource(fill(policy.body->resource, policy.resource_slot)) {}

EnvironmentIndex::EnvironmentIndex(const Schema& schema) : schema_(schema) {
  std::uint32_t number = 0;
  for (const ActionType& action : schema.actions()) {
    members_[action.uid].push_back(number);
    for (const EntityUid* group : action.ancestors) members_[group].push_back(number);
    ++number;
  }
}

std::vector<const ActionType*> EnvironmentIndex::actions(const ActionConstraint& scope) const {
  std::vector<const ActionType*> found;
  const std::span<const ActionType> all = schema_.actions();
  switch (scope.op) {
    case ActionConstraint::Op::kAny:
      for (const ActionType& action : all) found.push_back(&action);
      break;
    case ActionConstraint::Op::kEqual:
      if (const ActionType* action = schema_.find_action(*scope.actions.front())) {
        found.push_back(action);
      }
      break;
    case ActionConstraint::Op::kIn: {
      Numbers numbers;
      std::unordered_set<const EntityUid*, UidHash, UidEqual> seen;
      for (const EntityUid* group : scope.actions) {
        const auto members = members_.find(group);
        if (members == members_.end() || !seen.insert(group).second) continue;
        numbers.insert(numbers.end(), members->second.begin(), members->second.end());
      }
      std::ranges::sort(numbers);
      numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
      for (const std::uint32_t number : numbers) found.push_back(&all[number]);
    }
  }
  return found;
}

bool EnvironmentIndex::admits(const ScopeConstraint& scope, std::string_view type) const {
  using Op = ScopeConstraint::Op;
  if ((scope.op == Op::kIs || scope.op == Op::kIsIn) && type != scope.type) return false;
  if (scope.entity == nullptr) return true;
  if (type == scope.entity->type) return true;
  if (scope.op == Op::kEqual) return false;
  const EntityType* declared = schema_.find_entity_type(type);
  return declared != nullptr && declared->may_be_in(scope.entity->type);
}

std::vector<std::string_view> EnvironmentIndex::admitted(
    const ScopeConstraint& scope, std::span<const std::string_view> types) const {
  std::vector<std::string_view> found;
  std::ranges::copy_if(types, std::back_inserter(found),
                       [&](std::string_view type) { return admits(scope, type); });
  return found;
}

std::string to_string(const RequestEnvironment& environment) {
  return fmt::format("{}, {}, {}", environment.principal, to_text(*environment.action->uid),
                     environment.resource);
}

std::vector<RequestEnvironment> environments_of(const Schema& schema) {
  return environments_of(PolicyScope(Template{}), schema);
}

std::vector<RequestEnvironment> environments_of(const Template& policy, const Schema& schema) {
  return environments_of(PolicyScope(policy), schema);
}

std::vector<RequestEnvironment> environments_of(const Policy& policy, const Schema& schema) {
  return environments_of(PolicyScope(policy), schema);
}

}  // namespace wardlock::cedar
