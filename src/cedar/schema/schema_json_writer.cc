#include <algorithm>

#include "cedar/schema/declared_names.h"
#include "cedar/schema/schema_writer.h"

namespace wardlock::cedar {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;
using Form = TypeSyntax::Form;

/// `@name` alone means the same as `@name("")`, and is so written.
object to_json(const std::vector<AnnotationSyntax>& annotations) {
  object out;
  for (const AnnotationSyntax& annotation : annotations) {
    out[annotation.name] = annotation.value.value_or("");
  }
  return out;
}

void add_annotations(object& out, const std::vector<AnnotationSyntax>& annotations) {
  if (!annotations.empty()) out["annotations"] = to_json(annotations);
}

array names_of(const std::vector<NameSyntax>& names) {
  array out;
  for (const NameSyntax& name : names) out.push_back(Json(name.text));
  return out;
}

object to_json(const TypeSyntax& type);

object to_json(const std::vector<AttributeSyntax>& attributes) {
  object out;
  for (const AttributeSyntax& attribute : attributes) {
    object json = to_json(attribute.type);
    if (!attribute.is_required) json["required"] = false;
    add_annotations(json, attribute.annotations);
    out[attribute.name] = std::move(json);
  }
  return out;
}

object builtin_to_json(const std::string& name) {
  if (name == "Bool") return {{"type", "Boolean"}};
  if (name == "Long" || name == "String") return {{"type", name}};
  return {{"type", "Extension"}, {"name", name}};
}

object to_json(const TypeSyntax& type) {
  switch (type.form) {
    case Form::kName: return {{"type", "EntityOrCommon"}, {"name", type.name}};
    case Form::kCommonName: return {{"type", type.name}};
    case Form::kEntityName: return {{"type", "Entity"}, {"name", type.name}};
    case Form::kBuiltin: return builtin_to_json(type.name);
    case Form::kSet: return {{"type", "Set"}, {"element", to_json(type.element.front())}};
    case Form::kRecord: return {{"type", "Record"}, {"attributes", to_json(type.attributes)}};
  }
  return {};
}

/// Records without attributes are left out where none is the same.
void add_record(object& out, std::string_view key, const std::optional<TypeSyntax>& type) {
  if (!type || (type->form == Form::kRecord && type->attributes.empty())) return;
  out[key] = to_json(*type);
}

object to_json(const EntitySyntax& entity) {
  object out;
  if (!entity.enum_ids.empty()) {
    out["enum"] = array(entity.enum_ids.begin(), entity.enum_ids.end());
  } else {
    if (!entity.member_of.empty()) out["memberOfTypes"] = names_of(entity.member_of);
    add_record(out, "shape", entity.shape);
    if (entity.tags) out["tags"] = to_json(*entity.tags);
  }
  add_annotations(out, entity.annotations);
  return out;
}

object to_json(const ActionReferenceSyntax& reference) {
  object out{{"id", reference.id}};
  if (!reference.type.empty()) out["type"] = reference.type;
  return out;
}

object to_json(const ActionSyntax& action) {
  object applies_to{{"principalTypes", array()}, {"resourceTypes", array()}};
  if (action.applies_to) {
    applies_to = {{"principalTypes", names_of(action.applies_to->principals)},
                  {"resourceTypes", names_of(action.applies_to->resources)}};
    add_record(applies_to, "context", action.applies_to->context);
  }
  object out{{"appliesTo", std::move(applies_to)}};
  if (!action.member_of.empty()) {
    array groups;
    for (const ActionReferenceSyntax& group : action.member_of) groups.push_back(to_json(group));
    out["memberOf"] = std::move(groups);
  }
  add_annotations(out, action.annotations);
  return out;
}

object to_json(const NamespaceSyntax& space) {
  object commons;
  for (const CommonTypeSyntax& common : space.common_types) {
    object json = to_json(common.type);
    add_annotations(json, common.annotations);
    commons[common.name.text] = std::move(json);
  }
  object entities;
  for (const EntitySyntax& entity : space.entities) {
    for (const NameSyntax& name : entity.names) entities[name.text] = to_json(entity);
  }
  object actions;
  for (const ActionSyntax& action : space.actions) {
    for (const NameSyntax& id : action.ids) actions[id.text] = to_json(action);
  }
  object out;
  if (!commons.empty()) out["commonTypes"] = std::move(commons);
  out["entityTypes"] = std::move(entities);
  out["actions"] = std::move(actions);
  add_annotations(out, space.annotations);
  return out;
}

}  // namespace

Result<Json> schema_to_json(const SchemaSyntax& schema) {
  Diagnostics diagnostics;
  const DeclaredNames names(schema, diagnostics);
  if (!diagnostics.empty()) return invalid(diagnostics.front().message);
  object out;
  for (const NamespaceSyntax& space : schema.namespaces) out[space.name.text] = to_json(space);
  return out;
}

}  // namespace wardlock::cedar
