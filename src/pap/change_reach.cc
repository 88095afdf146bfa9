#include "pap/change_reach.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "cedar/ast/expr.h"
#include "cedar/diff/policy_diff.h"
#include "cedar/diff/schema_diff.h"
#include "cedar/value/value.h"
#include "pdp/bundle_sources.h"
#include "pdp/rulebook.h"

namespace wardlock::pap {
namespace {

using cedar::ActionType;
using cedar::EntityUid;
using cedar::Schema;

constexpr std::string_view kAudit = "audit";

/// One side of a change, and what of it the change touches.
class Side {
 public:
  Side(const pdp::Rulebook& rulebook, ChangeReach& reach) : rulebook_(rulebook), reach_(reach) {}

  /// The policy, template or link of that id, or all that stand on the template.
  void touch_policy(std::string_view id) {
    for (const cedar::Policy& policy : rulebook_.policies.policies()) {
      if (policy.id == id || policy.body->id == id) touch(policy);
    }
    // A template that nobody has linked yet is about what its scope says all the same.
    if (const cedar::Template* body = rulebook_.policies.find_template(id)) {
      touch(cedar::Policy{.id = std::string(id), .body = body});
    }
  }

  void touch_declaration(const cedar::DeclarationChange& change) {
    for (const ActionType& action : schema().actions()) {
      const bool is_about =
          change.declared == cedar::Declared::kAction
              ? cedar::to_text(*action.uid) == change.name || is_in(action, change.name)
          : change.declared == cedar::Declared::kEntityType
              ? action.applies_to_principal(change.name) || action.applies_to_resource(change.name)
              : true;
      if (is_about) touch(action, {});
    }
  }

 private:
  const Schema& schema() const { return *rulebook_.schema; }

  static bool is_in(const ActionType& action, std::string_view group) {
    return std::ranges::any_of(
        action.ancestors, [&](const EntityUid* each) { return cedar::to_text(*each) == group; });
  }

  static bool holds(const cedar::ActionConstraint& scope, const ActionType& action) {
    using Op = cedar::ActionConstraint::Op;
    if (scope.op == Op::kAny) return true;
    return std::ranges::any_of(scope.actions, [&](const EntityUid* named) {
      if (*named == *action.uid) return true;
      return scope.op == Op::kIn &&
             std::ranges::any_of(action.ancestors,
                                 [&](const EntityUid* each) { return *each == *named; });
    });
  }

  /// Whether the scope may hold for a resource of the type.
  bool may_hold(const cedar::Policy& policy, std::string_view type) const {
    using Op = cedar::ScopeConstraint::Op;
    const cedar::ScopeConstraint& scope = policy.body->resource;
    const EntityUid* const entity = scope.entity != nullptr ? scope.entity : policy.resource_slot;
    switch (scope.op) {
      case Op::kAny: return true;
      case Op::kIs: return scope.type == type;
      case Op::kEqual: return entity == nullptr || entity->type == type;
      case Op::kIsIn:
        if (scope.type != type) return false;
        break;
      case Op::kIn: break;
    }
    if (entity == nullptr || entity->type == type) return true;
    const cedar::EntityType* declared = schema().find_entity_type(type);
    return declared == nullptr || declared->may_be_in(entity->type);
  }

  void touch(const cedar::Policy& policy) {
    for (const ActionType& action : schema().actions()) {
      if (!holds(policy.body->action, action)) continue;
      touch(action, [&](std::string_view type) { return may_hold(policy, type); });
    }
  }

  /// `counts`: which of its resources' types; nothing: all.
  void touch(const ActionType& action, const std::function<bool(std::string_view)>& counts) {
    std::vector<std::string_view> types(action.resources.begin(), action.resources.end());
    if (counts) std::erase_if(types, [&](std::string_view type) { return !counts(type); });
    // Without types it is a group, whose actions are looked at by themselves.
    if (types.empty()) return;
    reach_.actions.insert(cedar::to_text(*action.uid));
    const std::string_view name = rulebook_.accountability.class_of(*action.uid);
    if (!name.empty()) reach_.classes.emplace(name);
    for (const std::string_view type : types) {
      reach_.resource_types.emplace(type);
      add_concerns(type);
    }
  }

  void add_concerns(std::string_view name) {
    const cedar::EntityType* type = schema().find_entity_type(name);
    if (type == nullptr) return;
    if (const auto own = cedar::find_annotation(type->annotations, kAudit)) {
      reach_.concerns.emplace(*own);
      return;
    }
    for (const std::string_view above : type->ancestors) {
      const cedar::EntityType* group = schema().find_entity_type(above);
      if (group == nullptr) continue;
      if (const auto theirs = cedar::find_annotation(group->annotations, kAudit)) {
        reach_.concerns.emplace(*theirs);
      }
    }
  }

  const pdp::Rulebook& rulebook_;
  ChangeReach& reach_;
};

void add_files(const bundle::Content* before, const bundle::Content& after,
               std::set<std::string>& kinds) {
  const auto add = [&](const bundle::Content& one, const bundle::Content* other) {
    for (const bundle::BundledFile& file : one.files()) {
      const bundle::BundledFile* same = other == nullptr ? nullptr : other->find(file.name);
      if (same != nullptr && same->text == file.text) continue;
      if (const auto kind = bundle::kind_of(file.name)) kinds.emplace(bundle::to_string(*kind));
    }
  };
  add(after, before);
  if (before != nullptr) add(*before, &after);
}

}  // namespace

Result<ChangeReach> reach_of_change(const bundle::Content* before, const bundle::Content& after) {
  ChangeReach reach;
  add_files(before, after, reach.files);
  const auto now = TRY(pdp::read_rulebook(pdp::sources_of(after), pdp::kBundleRules));
  std::unique_ptr<pdp::Rulebook> was;
  if (before != nullptr) {
    was = TRY(pdp::read_rulebook(pdp::sources_of(*before), pdp::kBundleRules));
  }
  const cedar::PolicySet none;
  Side new_side(*now, reach);
  const auto policies = cedar::diff_policies(was ? was->policies : none, now->policies);
  const auto schemas = cedar::diff_schemas(was ? &*was->schema : nullptr, &*now->schema);
  const auto both = [&](const auto& touch) {
    touch(new_side);
    if (was == nullptr) return;
    Side old_side(*was, reach);
    touch(old_side);
  };
  for (const cedar::PolicyChange& change : policies.changes) {
    if (change.kind == cedar::ChangeKind::kRenamed && change.parts.empty()) continue;
    both([&](Side& side) {
      side.touch_policy(change.id);
      if (!change.id_before.empty()) side.touch_policy(change.id_before);
    });
  }
  for (const cedar::DeclarationChange& change : schemas.changes) {
    both([&](Side& side) { side.touch_declaration(change); });
  }
  return reach;
}

}  // namespace wardlock::pap
