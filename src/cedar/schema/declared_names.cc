#include "cedar/schema/declared_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "cedar/ast/names.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {
namespace {

/// The JSON syntax gives these a meaning of their own as the name of a type.
bool is_type_keyword(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kKeywords = {
      "Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String"};
  return std::ranges::find(kKeywords, name) != kKeywords.end();
}

/// The first that `is_declared` of the full names that `name`, written in `space`, may stand for.
template <typename Predicate>
std::optional<std::string> first_of(std::string_view space, std::string_view name,
                                    Predicate is_declared) {
  if (!space.empty() && !name.contains("::")) {
    std::string inner = qualify(space, name);
    if (is_declared(inner)) return inner;
  }
  if (is_declared(name)) return std::string(name);
  return std::nullopt;
}

}  // namespace

std::string qualify(std::string_view space, std::string_view name) {
  return space.empty() ? std::string(name) : fmt::format("{}::{}", space, name);
}

DeclaredNames::DeclaredNames(const SchemaSyntax& schema, Diagnostics& diagnostics)
    : diagnostics_(diagnostics) {
  for (const NamespaceSyntax& space : schema.namespaces) {
    if (!space.name.text.empty() && !is_name(space.name.text)) {
      report(space.name.span,
             fmt::format("the namespace `{}` is reserved: it contains `__cedar`", space.name.text));
    }
    declare_entities(space);
    declare_common_types(space);
    declare_actions(space);
  }
}

void DeclaredNames::check_shadowing(const SchemaSyntax& schema) {
  for (const NamespaceSyntax& space : schema.namespaces) check_shadowing(space);
}

void DeclaredNames::declare_entities(const NamespaceSyntax& space) {
  for (const EntitySyntax& entity : space.entities) {
    for (const NameSyntax& name : entity.names) {
      if (name.text == "__cedar" || name.text == "Action") {
        report(name.span,
               fmt::format("`{}` is reserved: no entity type can have this name", name.text));
      } else if (!entities_.insert(qualify(space.name.text, name.text)).second) {
        report(name.span, fmt::format("the entity type `{}` is declared twice",
                                      qualify(space.name.text, name.text)));
      }
    }
  }
}

void DeclaredNames::declare_common_types(const NamespaceSyntax& space) {
  for (const CommonTypeSyntax& common : space.common_types) {
    const auto& [name, span] = common.name;
    if (name == "__cedar" || is_type_keyword(name)) {
      report(span, fmt::format("`{}` is reserved: no common type can have this name", name));
    } else if (!commons_.try_emplace(qualify(space.name.text, name), &common, space.name.text)
                    .second) {
      report(span,
             fmt::format("the common type `{}` is declared twice", qualify(space.name.text, name)));
    }
  }
}

void DeclaredNames::declare_actions(const NamespaceSyntax& space) {
  if (space.actions.empty()) return;
  const std::string type = qualify(space.name.text, "Action");
  Names& ids = actions_[type];
  for (const ActionSyntax& action : space.actions) {
    for (const NameSyntax& id : action.ids) {
      if (ids.insert(id.text).second) continue;
      report(id.span, fmt::format("the action `{}::{}` is declared twice", type, quote(id.text)));
    }
  }
}

void DeclaredNames::check_shadowing(const NamespaceSyntax& space) {
  if (space.name.text.empty()) return;
  const auto check = [&](const NameSyntax& name, bool is_hidden, std::string_view inner) {
    if (!is_hidden) return;
    report(name.span,
           fmt::format("`{}` would hide the `{}` of the empty namespace", inner, name.text),
           "rename one of them, or move the latter to another namespace");
  };
  const auto check_type = [&](const NameSyntax& name) {
    check(name, entities_.contains(name.text) || commons_.contains(name.text),
          qualify(space.name.text, name.text));
  };
  for (const EntitySyntax& entity : space.entities) std::ranges::for_each(entity.names, check_type);
  for (const CommonTypeSyntax& common : space.common_types) check_type(common.name);
  for (const ActionSyntax& action : space.actions) {
    for (const NameSyntax& id : action.ids) {
      check(id, has_action("Action", id.text),
            fmt::format("{}::Action::{}", space.name.text, quote(id.text)));
    }
  }
}

bool DeclaredNames::is_entity(std::string_view full_name) const {
  return entities_.contains(full_name) || actions_.contains(full_name);
}

bool DeclaredNames::has_action(std::string_view type, std::string_view id) const {
  const auto it = actions_.find(type);
  return it != actions_.end() && it->second.contains(id);
}

std::optional<std::string> DeclaredNames::find_entity(std::string_view space,
                                                      std::string_view name) const {
  return first_of(space, name, [&](std::string_view full) { return is_entity(full); });
}

std::optional<std::string> DeclaredNames::find_common(std::string_view space,
                                                      std::string_view name) const {
  return first_of(space, name, [&](std::string_view full) { return is_common(full); });
}

std::optional<FoundType> DeclaredNames::find_type(std::string_view space,
                                                  std::string_view name) const {
  const auto found = first_of(
      space, name, [&](std::string_view full) { return is_common(full) || is_entity(full); });
  if (!found) return std::nullopt;
  return FoundType{*found, is_common(*found)};
}

std::optional<std::string> DeclaredNames::find_action(std::string_view space, std::string_view type,
                                                      std::string_view id) const {
  return first_of(space, type.empty() ? "Action" : type,
                  [&](std::string_view full) { return has_action(full, id); });
}

const CommonDeclaration& DeclaredNames::common(std::string_view full_name) const {
  const auto it = commons_.find(full_name);
  CHECK(it != commons_.end());
  return it->second;
}

void DeclaredNames::report(Span span, std::string message, std::string help) {
  diagnostics_.push_back({Severity::kError, std::move(message), span, std::move(help)});
}

}  // namespace wardlock::cedar
