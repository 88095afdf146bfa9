#include "explain/viewer.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "cedar/ast/names.h"
#include "cedar/trace/short_text.h"
#include "pdp/grants.h"

namespace wardlock::explain {
namespace {

using cedar::EntityUid;
using cedar::Expr;
using cedar::Kind;
using cedar::Read;

constexpr std::string_view kSensitive = "sensitive";

bool is_marked(std::span<const cedar::Annotation> annotations) {
  return cedar::find_annotation(annotations, kSensitive).has_value();
}

/// Whether a value of the type has something sensitive inside. Entities are only named by a value.
bool holds_sensitive(const cedar::Type& type) {
  if (type.element != nullptr) return holds_sensitive(*type.element);
  return std::ranges::any_of(type.attributes, [](const cedar::Attribute& attribute) {
    return is_marked(attribute.annotations) || holds_sensitive(*attribute.type);
  });
}

bool is_context(const Expr& expr) {
  const auto* variable = std::get_if<cedar::Variable>(&expr.node);
  return variable != nullptr && *variable == cedar::Variable::kContext;
}

/// What an attribute is asked of.
const Expr* target_of(const Expr& expr) {
  if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) return get->target;
  if (const auto* has = std::get_if<cedar::HasAttr>(&expr.node)) return has->target;
  return nullptr;
}

/// Whether the expression is `context.override`.
bool is_override(const Expr& expr) {
  const auto* get = std::get_if<cedar::GetAttr>(&expr.node);
  return get != nullptr && get->name == "override" && is_context(*get->target);
}

}  // namespace

Viewer::Viewer(const pdp::Snapshot& snapshot, const pdp::Scope& scope,
               const cedar::Request& request)
    : schema_(snapshot.schema()), snapshot_(snapshot), scope_(&scope), request_(request) {
  find_groups();
}

Viewer::Viewer(All, const pdp::Snapshot& snapshot, const cedar::Request& request)
    : schema_(snapshot.schema()), snapshot_(snapshot), scope_(nullptr), request_(request) {}

Viewer Viewer::of_everything(const pdp::Snapshot& snapshot, const cedar::Request& request) {
  return {All{}, snapshot, request};
}

bool Viewer::sees(const std::vector<Read>& reads) const {
  return sees_everything() ||
         std::ranges::all_of(reads, [&](const Read& read) { return sees(read, reads); });
}

bool Viewer::sees(const Read& read, const std::vector<Read>& reads) const {
  switch (read.kind) {
    case Read::Kind::kVariable:
      return !read.is_outermost || !is_context(*read.expr);  // the whole has too much in it
    case Read::Kind::kAttribute: return sees_attribute(read, reads);
    case Read::Kind::kTag: return sees_tag(read);
    case Read::Kind::kHierarchy: break;
  }
  if (!read.target->is(Kind::kEntity)) return true;
  const EntityUid& member = read.target->as_entity();
  const auto sees_in = [&](const cedar::Value& group) {
    return !group.is(Kind::kEntity) || sees_member(member, group.as_entity());
  };
  return read.group->is(Kind::kSet) ? std::ranges::all_of(read.group->as_set(), sees_in)
                                    : sees_in(*read.group);
}

bool Viewer::sees_tag(const Read& read) const {
  if (!read.target->is(Kind::kEntity)) return true;
  const std::string_view type = read.target->as_entity().type;
  const cedar::EntityType* declared =
      schema_ == nullptr ? nullptr : schema_->find_entity_type(type);
  const bool is_whole = read.is_outermost && declared != nullptr && declared->tags != nullptr;
  if (is_whole && holds_sensitive(*declared->tags)) return false;
  return sees_of(type, fmt::format("{} tags", type));
}

bool Viewer::sees_attribute(const Read& read, const std::vector<Read>& reads) const {
  const cedar::Attribute* attribute = declared(read, reads);
  if (attribute != nullptr) {
    if (is_marked(attribute->annotations)) return false;
    if (read.is_outermost && holds_sensitive(*attribute->type)) return false;
  }
  if (read.target->is(Kind::kEntity)) {
    const EntityUid& uid = read.target->as_entity();
    return sees_of(uid.type, fmt::format("{}.{}", uid.type, read.name));
  }
  if (!read.target->is(Kind::kRecord)) return true;
  // The grant's reason is the directory's, not the caller's.
  const Expr* target = target_of(*read.expr);
  const bool is_whole_override = read.is_outermost && is_override(*read.expr);
  const bool is_reason = target != nullptr && is_override(*target) && read.name == "reason";
  if (is_whole_override || is_reason) {
    return sees_of(pdp::kGrantType, fmt::format("{}.reason", pdp::kGrantType));
  }
  // A record that does not come from an attribute by name, as in `(if … then a.r else b.r).x`, was
  // read as a whole, and is seen only where all of it may be.
  return true;
}

bool Viewer::sees_of(std::string_view type, std::string_view what) const {
  if (is_sensitive(type)) return false;
  const pdp::Names& attributes = scope_->attributes;
  return attributes.is_all() ? scope_->types.contains(type) : attributes.contains(what);
}

bool Viewer::sees_member(const EntityUid& member, const EntityUid& group) const {
  if (member == group || cedar::is_action_type(member.type)) return true;
  if (schema_ != nullptr) {
    const cedar::EntityType* type = schema_->find_entity_type(member.type);
    if (type != nullptr && !type->may_be_in(group.type))
      return true;  // whatever the directory says
  }
  return !is_sensitive(group.type) &&
         sees_of(member.type, fmt::format("{} in {}", member.type, group.type));
}

bool Viewer::sees(const cedar::ScopeConstraint& scope, const EntityUid& uid,
                  const EntityUid* slot) const {
  if (sees_everything()) return true;
  if (slot != nullptr && scope.has_slot() && !sees_links()) return false;
  using Op = cedar::ScopeConstraint::Op;
  const bool asks_hierarchy =
      scope.op == Op::kIn || (scope.op == Op::kIsIn && uid.type == scope.type);
  if (!asks_hierarchy) return true;
  const EntityUid* group = scope.entity != nullptr ? scope.entity : slot;
  return group == nullptr || sees_member(uid, *group);
}

bool Viewer::sees_links() const {
  return sees_everything() || (scope_->attributes.is_all() && scope_->types.is_all());
}

bool Viewer::sees_open_slot(const cedar::ScopeConstraint& scope) const {
  if (sees_everything()) return true;
  if (!sees_links()) return false;
  const bool asks_hierarchy = scope.op != cedar::ScopeConstraint::Op::kEqual;
  return !asks_hierarchy || schema_ == nullptr ||
         std::ranges::none_of(schema_->entity_types(), [](const cedar::EntityType& type) {
           return is_marked(type.annotations);
         });
}

bool Viewer::is_sensitive(std::string_view type) const {
  const cedar::EntityType* declared =
      schema_ == nullptr ? nullptr : schema_->find_entity_type(type);
  return declared != nullptr && is_marked(declared->annotations);
}

const cedar::Attribute* Viewer::declared(const Read& read, const std::vector<Read>& reads) const {
  if (schema_ == nullptr) return nullptr;
  // `has a.b` has a read for each name, in their order.
  const cedar::Attribute* attribute = nullptr;
  bool is_first = true;
  for (const Read& each : reads) {
    if (each.expr != read.expr || each.kind != Read::Kind::kAttribute) continue;
    const cedar::Type* holder = nullptr;
    if (each.target->is(Kind::kEntity)) {
      const cedar::EntityType* type = schema_->find_entity_type(each.target->as_entity().type);
      holder = type == nullptr ? nullptr : type->shape;
    } else if (is_first) {
      holder = record_type(*target_of(*each.expr), reads);
    } else if (attribute != nullptr) {
      holder = attribute->type;
    }
    attribute = holder == nullptr ? nullptr : holder->find_attribute(each.name);
    is_first = false;
    if (&each == &read) break;
  }
  return attribute;
}

const cedar::Type* Viewer::record_type(const Expr& expr, const std::vector<Read>& reads) const {
  if (is_context(expr)) {
    const cedar::ActionType* action = schema_->find_action(*request_.action);
    return action == nullptr ? nullptr : action->context;
  }
  const auto read = std::ranges::find(reads, &expr, &Read::expr);
  if (read == reads.end()) return nullptr;
  if (read->kind == Read::Kind::kTag && read->target->is(Kind::kEntity)) {
    const cedar::EntityType* type = schema_->find_entity_type(read->target->as_entity().type);
    return type == nullptr ? nullptr : type->tags;
  }
  if (read->kind != Read::Kind::kAttribute) return nullptr;
  const cedar::Attribute* attribute = declared(*read, reads);
  return attribute == nullptr ? nullptr : attribute->type;
}

// ---- Ids

void Viewer::find_groups() {
  if (schema_ != nullptr) {
    for (const cedar::EntityType& type : schema_->entity_types()) {
      if (snapshot_.types.check_principal(type.name)) {
        groups_.insert(type.ancestors.begin(), type.ancestors.end());
      }
    }
    std::erase_if(groups_, [&](std::string_view type) {
      return snapshot_.types.check_principal(type).has_value();
    });
    return;
  }
  // What policies name as a group is one, unless it is of the kinds that this question is about.
  for (const cedar::Policy& policy : snapshot_.policies().policies()) {
    for (const auto* scope : {&policy.body->principal, &policy.body->resource}) {
      const bool is_in = scope->op == cedar::ScopeConstraint::Op::kIn ||
                         scope->op == cedar::ScopeConstraint::Op::kIsIn;
      if (is_in && scope->entity != nullptr) groups_.insert(scope->entity->type);
    }
  }
  groups_.erase(request_.principal->type);
  groups_.erase(request_.resource->type);
}

bool Viewer::is_individual(std::string_view type) const {
  if (groups_.contains(type)) return is_sensitive(type);
  if (schema_ == nullptr) return true;
  return is_sensitive(type) || snapshot_.types.check_principal(type).has_value() ||
         std::ranges::any_of(schema_->actions(), [&](const cedar::ActionType& action) {
           return action.applies_to_resource(type);
         });
}

bool Viewer::names(const EntityUid& uid) const {
  return sees_everything() || uid == *request_.principal || uid == *request_.resource ||
         cedar::is_action_type(uid.type) || !is_individual(uid.type);
}

std::string Viewer::uid_text(const EntityUid& uid) const {
  return names(uid) ? cedar::to_short_text(uid) : fmt::format("{}::…", uid.type);
}

}  // namespace wardlock::explain
