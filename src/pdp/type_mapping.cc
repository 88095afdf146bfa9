#include "pdp/type_mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/identifier.h"
#include "cedar/ast/names.h"

namespace wardlock::pdp {
namespace {

Result<void> check_type(std::string_view type) {
  if (cedar::is_name(type) && !cedar::is_action_type(type)) return {};
  return invalid(fmt::format("`{}` is not an entity type's name", type));
}

}  // namespace

Result<TypeMapping> TypeMapping::create(const std::vector<Renaming>& renamings,
                                        const std::optional<std::vector<std::string>>& principals) {
  TypeMapping mapping;
  for (const auto& [name, type] : renamings) {
    TRY_VOID(check_type(type));
    if (name.empty()) return invalid(fmt::format("the name of `{}` is empty", type));
    if (!mapping.types_.emplace(name, type).second) {
      return invalid(fmt::format("the type name `{}` is given twice", name));
    }
    if (!mapping.names_.emplace(type, name).second) {
      return invalid(fmt::format("the type `{}` has two names; a type has one", type));
    }
  }
  if (!principals) return mapping;
  for (const std::string& type : *principals) TRY_VOID(check_type(type));
  mapping.principals_.emplace(principals->begin(), principals->end());
  return mapping;
}

Result<void> TypeMapping::complete(const cedar::Schema* schema, const cedar::EntityStore& entities,
                                   Mode mode) {
  const auto check = [&](std::string_view type) -> Result<void> {
    if (schema == nullptr || schema->find_entity_type(type) != nullptr) return {};
    return invalid(fmt::format("the schema declares no type `{}`", type));
  };
  for (const auto& [name, type] : types_) TRY_VOID(check(type));
  if (principals_) {
    for (const std::string& type : *principals_) TRY_VOID(check(type));
  } else if (schema != nullptr) {
    principals_.emplace();
    for (const cedar::ActionType& action : schema->actions()) {
      principals_->insert(action.principals.begin(), action.principals.end());
    }
  } else if (mode == Mode::kStrict) {
    for (const std::string_view type : entities.parent_types()) groups_.emplace(type);
  }
  if (schema != nullptr) note_declared(*schema);
  return {};
}

/// Under the names that callers can use.
void TypeMapping::note_declared(const cedar::Schema& schema) {
  declared_.clear();
  for (const cedar::EntityType& type : schema.entity_types()) {
    const auto renamed = names_.find(type.name);
    const std::string name(renamed != names_.end() ? renamed->second : type.name);
    if (find_identifier_fault(name) || *cedar_type(name) != type.name) continue;
    declared_.emplace(
        name, Declared{.type = &type, .may_be_principal = check_principal(type.name).has_value()});
  }
}

Result<std::string_view> TypeMapping::cedar_type(std::string_view name) const {
  if (types_.empty()) return name;
  if (const auto it = types_.find(name); it != types_.end()) return it->second;
  if (const auto it = names_.find(name); it != names_.end()) {
    return invalid(fmt::format("the type `{}` is called `{}` here", name, it->second));
  }
  return name;
}

Result<void> TypeMapping::check_principal(std::string_view cedar_type) const {
  if (principals_) {
    if (principals_->contains(cedar_type)) return {};
    return invalid(fmt::format("a principal cannot be of type `{}`; it may be one of `{}`",
                               cedar_type, fmt::join(*principals_, "`, `")));
  }
  if (!groups_.contains(cedar_type)) return {};
  return invalid(
      fmt::format("`{}` is a type of groups, which cannot ask; if it is also one of principals, "
                  "give a schema or the list of principal types",
                  cedar_type));
}

}  // namespace wardlock::pdp
