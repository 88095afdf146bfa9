#include "compare/decisions/access_matrix.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "compare/decisions/roles.h"
#include "compare/decisions/scope_reach.h"

namespace wardlock::compare {
namespace {

using cedar::EntityUid;

/// What can be asked: an action with the types of its principals and resources.
struct AskedAction {
  const EntityUid* uid = nullptr;
  std::set<std::string_view> principals = {};
  std::set<std::string_view> resources = {};
};
using AskedActions = std::map<std::string, AskedAction>;  ///< by the action's text

void add_schema(const cedar::Schema& schema, AskedActions& out) {
  for (const cedar::ActionType& action : schema.actions()) {
    if (action.principals.empty()) continue;  // a group of actions
    AskedAction& asked = out[to_text(*action.uid)];
    asked.uid = action.uid;
    asked.principals.insert(action.principals.begin(), action.principals.end());
    asked.resources.insert(action.resources.begin(), action.resources.end());
  }
}

void add_type(const cedar::ScopeConstraint& scope, const EntityUid* slot,
              std::set<std::string_view>& types) {
  using Op = cedar::ScopeConstraint::Op;
  const EntityUid* entity = scope.entity != nullptr ? scope.entity : slot;
  if (scope.op == Op::kIs || scope.op == Op::kIsIn) types.insert(scope.type);
  if (scope.op == Op::kEqual) types.insert(entity->type);
}

/// Without a schema: what the policies name.
void add_named(const cedar::PolicySet& policies, AskedActions& out) {
  std::set<std::string_view> principals, resources;
  for (const cedar::Policy& policy : policies.policies()) {
    add_type(policy.body->principal, policy.principal_slot, principals);
    add_type(policy.body->resource, policy.resource_slot, resources);
    for (const EntityUid* action : policy.body->action.actions) out[to_text(*action)].uid = action;
  }
  for (auto& [name, action] : out) {
    action.principals.insert(principals.begin(), principals.end());
    action.resources.insert(resources.begin(), resources.end());
  }
}

AskedActions find_actions(const pdp::Snapshot& before, const pdp::Snapshot& after) {
  AskedActions out;
  for (const pdp::Snapshot* snapshot : {&before, &after}) {
    if (snapshot->schema() != nullptr) {
      add_schema(*snapshot->schema(), out);
    } else {
      add_named(snapshot->policies(), out);
    }
  }
  return out;
}

/// Where the set's schema does not let it be asked, nobody may.
bool may_be_asked(const RoleAsks& asks, const cedar::Schema* schema) {
  if (schema == nullptr) return true;
  const cedar::ActionType* action = schema->find_action(*asks.action);
  if (action == nullptr || !action->applies_to_resource(asks.resource_type)) return false;
  if (asks.group == nullptr) return action->applies_to_principal(asks.principal_type);
  return std::ranges::any_of(action->principals, [&](std::string_view type) {
    const cedar::EntityType* declared = schema->find_entity_type(type);
    return declared != nullptr && declared->may_be_in(asks.group->type);
  });
}

/// Adds up the policies that reach a cell.
class RightsCount {
 public:
  void add(const cedar::Policy& policy, pdp::RulePart part, Reach reach) {
    const bool is_whole = reach == Reach::kAll && policy.body->conditions.empty();
    switch (part) {
      case pdp::RulePart::kPermit:
        has_permit_ = true;
        has_whole_permit_ |= is_whole;
        rights_.permits.push_back(policy.id);
        return;
      case pdp::RulePart::kOverride:
        has_override_ = true;
        rights_.permits.push_back(policy.id);
        return;
      case pdp::RulePart::kForbid: is_forbidden_ |= is_whole; break;
      case pdp::RulePart::kWaivable:
      case pdp::RulePart::kObligation: break;
    }
    rights_.limits.push_back(policy.id);
  }

  RoleRights rights() && {
    if (is_forbidden_ || (!has_permit_ && !has_override_)) {
      rights_.standing = RoleStanding::kNever;
    } else if (!has_permit_) {
      rights_.standing = RoleStanding::kOverrideOnly;
    } else {
      const bool is_always = has_whole_permit_ && rights_.limits.empty();
      rights_.standing = is_always ? RoleStanding::kAlways : RoleStanding::kSometimes;
    }
    return std::move(rights_);
  }

 private:
  RoleRights rights_;
  bool has_permit_ = false;
  bool has_whole_permit_ = false;
  bool has_override_ = false;
  bool is_forbidden_ = false;
};

RoleRights rights_of(const RoleAsks& asks, const pdp::Snapshot& snapshot) {
  if (!may_be_asked(asks, snapshot.schema())) return {};
  const pdp::Partition& policies = snapshot.partition();
  RightsCount count;
  for (std::size_t i = 0; i < policies.set.size(); ++i) {
    const Reach reach = reach_of(policies.set[i], asks, snapshot);
    if (reach != Reach::kNone) count.add(policies.set[i], policies.traits[i].part, reach);
  }
  return std::move(count).rights();
}

/// Fills the rows of one role after another.
class MatrixBuilder {
 public:
  MatrixBuilder(const pdp::Snapshot& before, const pdp::Snapshot& after, const MatrixLimits& limits)
      : before_(before), after_(after), limits_(limits), actions_(find_actions(before, after)) {}

  void add_role(RoleAsks asks, const std::string& name) {
    const std::size_t policies =
        before_.policies().policies().size() + after_.policies().policies().size();
    std::size_t cells = 0;
    for (const auto& [text, action] : actions_) cells += action.resources.size();
    if (roles_ == limits_.max_roles || work_ + cells * policies > limits_.max_work) {
      ++matrix_.left_out_roles;
      return;
    }
    ++roles_;
    work_ += cells * policies;
    for (const auto& [text, action] : actions_) {
      asks.action = action.uid;
      for (const std::string_view type : action.resources) {
        asks.resource_type = type;
        add_cell(asks, name);
      }
    }
  }

  std::set<std::string> principal_types() const {
    std::set<std::string> types;
    for (const auto& [text, action] : actions_) {
      types.insert(action.principals.begin(), action.principals.end());
    }
    return types;
  }

  AccessMatrix finish() && {
    std::ranges::sort(matrix_.cells, {}, [](const MatrixCell& cell) {
      return std::tie(cell.role, cell.action, cell.resource_type);
    });
    return std::move(matrix_);
  }

 private:
  void add_cell(const RoleAsks& asks, const std::string& name) {
    MatrixCell cell{.role = name,
                    .action = std::string(asks.action->id),
                    .resource_type = std::string(asks.resource_type),
                    .before = rights_of(asks, before_),
                    .after = rights_of(asks, after_)};
    if (cell.before.permits.empty() && cell.after.permits.empty()) return;
    matrix_.cells.push_back(std::move(cell));
  }

  const pdp::Snapshot& before_;
  const pdp::Snapshot& after_;
  const MatrixLimits& limits_;
  AskedActions actions_;
  std::size_t roles_ = 0;
  std::size_t work_ = 0;
  AccessMatrix matrix_;
};

}  // namespace

std::string_view to_string(RoleStanding standing) {
  switch (standing) {
    case RoleStanding::kNever: return "never";
    case RoleStanding::kOverrideOnly: return "override_only";
    case RoleStanding::kSometimes: return "sometimes";
    case RoleStanding::kAlways: return "always";
  }
  return "unknown";
}

AccessMatrix compare_rights(const pdp::Snapshot& before, const pdp::Snapshot& after,
                            const MatrixLimits& limits) {
  MatrixBuilder builder(before, after, limits);
  const Roles roles(before, after, after.entities);
  for (const EntityUid* group : roles.groups()) {
    builder.add_role({.group = group}, to_text(*group));
  }
  for (const std::string& type : builder.principal_types()) {
    builder.add_role({.principal_type = type}, type);
  }
  return std::move(builder).finish();
}

}  // namespace wardlock::compare
