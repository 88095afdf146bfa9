#include "cedar/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace wardlock::cedar {

const Attribute* Type::find_attribute(std::string_view name) const {
  constexpr std::size_t kCompareUpTo = 8;
  if (attributes.size() <= kCompareUpTo) {
    for (const Attribute& attribute : attributes) {
      if (attribute.name == name) return &attribute;
    }
    return nullptr;
  }
  const auto it = std::ranges::lower_bound(attributes, name, {}, &Attribute::name);
  return it != attributes.end() && it->name == name ? &*it : nullptr;
}

std::optional<std::string_view> find_annotation(std::span<const Annotation> annotations,
                                                std::string_view name) {
  const auto it = std::ranges::find(annotations, name, &Annotation::name);
  if (it == annotations.end()) return std::nullopt;
  return it->value.value_or("");
}

std::string to_string(const Type& type) {
  if (type.kind == Kind::kEntity) return fmt::format("entity of type `{}`", type.entity_type);
  std::string sets;
  const Type* inner = &type;
  for (; inner->kind == Kind::kSet && inner->element != nullptr; inner = inner->element) {
    sets += "set of ";
  }
  if (inner != &type) return sets + to_string(*inner);
  return std::string(to_string(type.kind));
}

bool EntityType::may_have_id(std::string_view id) const {
  return !is_enumerated() || std::ranges::binary_search(enum_ids, id);
}

bool EntityType::may_be_in(std::string_view other) const {
  return std::ranges::binary_search(ancestors, other);
}

bool ActionType::applies_to_principal(std::string_view type) const {
  return std::ranges::find(principals, type) != principals.end();
}

bool ActionType::applies_to_resource(std::string_view type) const {
  return std::ranges::find(resources, type) != resources.end();
}

const EntityType* Schema::find_entity_type(std::string_view name) const {
  const auto it = entity_type_index_.find(name);
  return it == entity_type_index_.end() ? nullptr : &entity_types_[it->second];
}

const ActionType* Schema::find_action(const EntityUid& uid) const {
  const auto it = action_index_.find(&uid);
  return it == action_index_.end() ? nullptr : &actions_[it->second];
}

void unite(SchemaSyntax& syntax, SchemaSyntax&& other) {
  const auto append = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  for (NamespaceSyntax& space : other.namespaces) {
    const auto same = std::ranges::find(syntax.namespaces, space.name.text,
                                        [](const NamespaceSyntax& n) { return n.name.text; });
    if (same == syntax.namespaces.end()) {
      syntax.namespaces.push_back(std::move(space));
      continue;
    }
    append(same->entities, space.entities);
    append(same->actions, space.actions);
    append(same->common_types, space.common_types);
    append(same->annotations, space.annotations);
  }
}

Parsed<Schema> parse_schema(std::string_view text, const SchemaLimits& limits) {
  const SchemaSyntax syntax = TRY(parse_schema_syntax(text, limits));
  return resolve_schema(syntax, limits);
}

Result<Schema> schema_from_json(const codec::Json& json, const SchemaLimits& limits) {
  const SchemaSyntax syntax = TRY(schema_syntax_from_json(json, limits));
  Parsed<Schema> schema = resolve_schema(syntax, limits);
  if (schema) return std::move(*schema);
  std::string message;
  for (const Diagnostic& diagnostic : schema.error()) {
    if (!message.empty()) message += '\n';
    message += diagnostic.message;
    if (!diagnostic.help.empty()) message += "; " + diagnostic.help;
  }
  return invalid(std::move(message));
}

}  // namespace wardlock::cedar
