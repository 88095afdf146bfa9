#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cedar/ast/names.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {
namespace {

using codec::Json;
using JsonObject = boost::json::object;
using Form = TypeSyntax::Form;

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }
std::string_view view(boost::json::string_view text) { return {text.data(), text.size()}; }

std::unexpected<Error> wrong(std::string_view where, std::string_view what) {
  return invalid(fmt::format("{}: {}", where, what));
}

/// A place in the document for messages, e.g. `N`.entityTypes.User.
std::string inside(std::string_view where, std::string_view key) {
  return fmt::format("{}.{}", where, key);
}

Result<const JsonObject*> as_object(const Json& json, std::string_view where) {
  if (const auto* object = json.if_object()) return object;
  return wrong(where, "an object is expected");
}

Result<std::string> as_text(const Json& json, std::string_view where) {
  if (const auto* text = json.if_string()) return std::string(view(*text));
  return wrong(where, "a string is expected");
}

/// The elements of an array, each read by `read(element, where)`.
template <typename T, typename Read>
Result<std::vector<T>> as_list(const Json& json, const std::string& where, Read read) {
  const auto* array = json.if_array();
  if (array == nullptr) return wrong(where, "an array is expected");
  std::vector<T> list;
  for (const Json& element : *array) {
    list.push_back(TRY(read(element, fmt::format("{}[{}]", where, list.size()))));
  }
  return list;
}

using Keys = std::vector<std::string_view>;

Result<void> allow_only(const JsonObject& object, const Keys& keys, std::string_view where) {
  for (const auto& member : object) {
    if (std::ranges::find(keys, view(member.key())) != keys.end()) continue;
    return wrong(where, fmt::format("`{}` is not known here; known are {}", view(member.key()),
                                    fmt::join(keys, ", ")));
  }
  return {};
}

Result<const Json*> require(const JsonObject& object, std::string_view key,
                            std::string_view where) {
  if (const Json* value = object.if_contains({key.data(), key.size()})) return value;
  return wrong(where, fmt::format("`{}` is missing", key));
}

const Json* find(const JsonObject& object, std::string_view key) {
  return object.if_contains({key.data(), key.size()});
}

Result<std::string> as_path(const Json& json, std::string_view where) {
  std::string path = TRY(as_text(json, where));
  // The built-in types live in `__cedar`, where nothing else may be named.
  std::string_view name = path;
  if (name.starts_with("__cedar::")) name.remove_prefix(std::string_view("__cedar::").size());
  if (is_name(name)) return path;
  return wrong(where, fmt::format("`{}` is no name; names are identifiers joined by `::`", path));
}

Result<NameSyntax> as_type_name(const Json& json, std::string_view where) {
  return NameSyntax{TRY(as_path(json, where)), {}};
}

Result<NameSyntax> as_identifier(std::string_view key, std::string_view where) {
  if (is_identifier(key)) return NameSyntax{std::string(key), {}};
  return wrong(where, fmt::format("`{}` is no identifier, or is a reserved word", key));
}

bool is_annotation_name(std::string_view key) { return is_identifier(key) || why_reserved(key); }

Result<std::vector<AnnotationSyntax>> read_annotations(const JsonObject& object,
                                                       const std::string& outer) {
  std::vector<AnnotationSyntax> annotations;
  const Json* json = find(object, "annotations");
  if (json == nullptr) return annotations;
  const std::string where = inside(outer, "annotations");
  const JsonObject* members = TRY(as_object(*json, where));
  for (const auto& member : *members) {
    const std::string name(view(member.key()));
    if (!is_annotation_name(name)) {
      return wrong(where, fmt::format("`{}` is no identifier", name));
    }
    std::optional<std::string> value;
    if (!member.value().is_null()) value = TRY(as_text(member.value(), inside(where, name)));
    annotations.push_back({name, std::move(value)});
  }
  return annotations;
}

class TypeReader {
 public:
  explicit TypeReader(const SchemaLimits& limits) : limits_(limits) {}

  /// `extra` are the keys that the place of the type allows besides the type's own.
  Result<TypeSyntax> read(const Json& json, const std::string& where, std::size_t depth = 1,
                          const Keys& extra = {}) {
    if (depth > limits_.max_depth) {
      return wrong(where, fmt::format("types are nested more than {} deep", limits_.max_depth));
    }
    const JsonObject& object = *TRY(as_object(json, where));
    const Json& named_type = *TRY(require(object, "type", where));
    const std::string name = TRY(as_text(named_type, where));
    TRY_VOID(allow_only(object, keys_of(name, extra), where));
    if (name == "Set") return read_set(object, where, depth);
    if (name == "Record") return read_record(object, where, depth);
    TypeSyntax type;
    type.form = form_of(name);
    if (type.form == Form::kBuiltin && name != "Extension") {
      type.name = name == "Boolean" ? "Bool" : name;
    } else if (type.form == Form::kCommonName) {
      type.name = TRY(as_path(named_type, where));
    } else {
      const Json& named = *TRY(require(object, "name", where));
      type.name = TRY(as_path(named, inside(where, "name")));
      if (name == "Extension" && !is_extension_type(type.name)) {
        return wrong(where, fmt::format("there is no extension type `{}`; there are {}", type.name,
                                        fmt::join(kExtensionTypes, ", ")));
      }
    }
    return type;
  }

 private:
  static constexpr std::array<std::string_view, 4> kExtensionTypes = {"decimal", "ipaddr",
                                                                      "datetime", "duration"};
  static bool is_extension_type(std::string_view name) {
    return std::ranges::find(kExtensionTypes, name) != kExtensionTypes.end();
  }

  static Form form_of(std::string_view name) {
    if (name == "Long" || name == "String" || name == "Boolean" || name == "Extension") {
      return Form::kBuiltin;
    }
    if (name == "Entity") return Form::kEntityName;
    return name == "EntityOrCommon" ? Form::kName : Form::kCommonName;
  }

  static Keys keys_of(std::string_view name, const Keys& extra) {
    Keys keys = {"type"};
    if (name == "Set") keys.push_back("element");
    if (name == "Record") keys.insert(keys.end(), {"attributes", "additionalAttributes"});
    if (name == "Entity" || name == "EntityOrCommon" || name == "Extension") keys.push_back("name");
    keys.insert(keys.end(), extra.begin(), extra.end());
    return keys;
  }

  Result<TypeSyntax> read_set(const JsonObject& object, const std::string& where,
                              std::size_t depth) {
    TypeSyntax type;
    type.form = Form::kSet;
    const Json& element = *TRY(require(object, "element", where));
    type.element.push_back(TRY(read(element, inside(where, "element"), depth + 1)));
    return type;
  }

  Result<TypeSyntax> read_record(const JsonObject& object, const std::string& where,
                                 std::size_t depth) {
    TypeSyntax type;
    if (const Json* additional = find(object, "additionalAttributes")) {
      if (!additional->is_bool()) return wrong(where, "`additionalAttributes` must be a boolean");
      if (additional->get_bool()) {
        return wrong(where, "`additionalAttributes` are not supported; declare every attribute");
      }
    }
    const Json& attributes = *TRY(require(object, "attributes", where));
    const JsonObject& members = *TRY(as_object(attributes, inside(where, "attributes")));
    for (const auto& member : members) {
      type.attributes.push_back(TRY(read_attribute(member, where, depth)));
    }
    return type;
  }

  Result<AttributeSyntax> read_attribute(const boost::json::key_value_pair& member,
                                         const std::string& outer, std::size_t depth) {
    AttributeSyntax attribute;
    attribute.name = view(member.key());
    const std::string where = inside(outer, attribute.name);
    const JsonObject& object = *TRY(as_object(member.value(), where));
    attribute.type = TRY(read(member.value(), where, depth + 1, {"required", "annotations"}));
    attribute.annotations = TRY(read_annotations(object, where));
    if (const Json* required = find(object, "required")) {
      if (!required->is_bool()) return wrong(where, "`required` must be a boolean");
      attribute.is_required = required->get_bool();
    }
    return attribute;
  }

  const SchemaLimits& limits_;
};

class SchemaJsonReader {
 public:
  explicit SchemaJsonReader(const SchemaLimits& limits) : types_(limits) {}

  Result<SchemaSyntax> read(const Json& json) {
    SchemaSyntax schema;
    const JsonObject& object = *TRY(as_object(json, "the schema"));
    for (const auto& member : object) {
      schema.namespaces.push_back(TRY(read_namespace(view(member.key()), member.value())));
    }
    return schema;
  }

 private:
  Result<NamespaceSyntax> read_namespace(std::string_view name, const Json& json) {
    const std::string where = fmt::format("namespace `{}`", name);
    if (!name.empty() && !is_name(name)) {
      return wrong(where, "a namespace's name is identifiers joined by `::`");
    }
    const JsonObject& object = *TRY(as_object(json, where));
    TRY_VOID(allow_only(object, {"commonTypes", "entityTypes", "actions", "annotations"}, where));
    NamespaceSyntax space;
    space.name.text = name;
    space.annotations = TRY(read_annotations(object, where));
    if (name.empty() && !space.annotations.empty()) {
      return wrong(where, "the empty namespace cannot have annotations");
    }
    for (const auto& member : *TRY(members(object, "entityTypes", where))) {
      space.entities.push_back(TRY(read_entity(view(member.key()), member.value(), where)));
    }
    for (const auto& member : *TRY(members(object, "actions", where))) {
      space.actions.push_back(TRY(read_action(view(member.key()), member.value(), where)));
    }
    if (find(object, "commonTypes") != nullptr) {
      for (const auto& member : *TRY(members(object, "commonTypes", where))) {
        space.common_types.push_back(TRY(read_common(view(member.key()), member.value(), where)));
      }
    }
    return space;
  }

  static Result<const JsonObject*> members(const JsonObject& object, std::string_view key,
                                           const std::string& where) {
    const Json& value = *TRY(require(object, key, where));
    return as_object(value, inside(where, key));
  }

  Result<CommonTypeSyntax> read_common(std::string_view name, const Json& json,
                                       const std::string& outer) {
    const std::string where = fmt::format("{}.commonTypes.{}", outer, name);
    CommonTypeSyntax common;
    common.name = TRY(as_identifier(name, where));
    common.type = TRY(types_.read(json, where, 1, {"annotations"}));
    common.annotations = TRY(read_annotations(json.get_object(), where));
    return common;
  }

  Result<EntitySyntax> read_entity(std::string_view name, const Json& json,
                                   const std::string& outer) {
    const std::string where = fmt::format("{}.entityTypes.{}", outer, name);
    const JsonObject& object = *TRY(as_object(json, where));
    EntitySyntax entity;
    entity.names.push_back(TRY(as_identifier(name, where)));
    entity.annotations = TRY(read_annotations(object, where));
    if (const Json* ids = find(object, "enum")) {
      TRY_VOID(allow_only(object, {"enum", "annotations"}, where));
      entity.enum_ids = TRY(as_list<std::string>(*ids, inside(where, "enum"), as_text));
      if (entity.enum_ids.empty()) return wrong(where, "`enum` must list at least one id");
      return entity;
    }
    TRY_VOID(allow_only(object, {"memberOfTypes", "shape", "tags", "annotations"}, where));
    if (const Json* types = find(object, "memberOfTypes")) {
      entity.member_of =
          TRY(as_list<NameSyntax>(*types, inside(where, "memberOfTypes"), as_type_name));
    }
    if (const Json* shape = find(object, "shape")) {
      entity.shape = TRY(types_.read(*shape, inside(where, "shape")));
    }
    if (const Json* tags = find(object, "tags")) {
      entity.tags = TRY(types_.read(*tags, inside(where, "tags")));
    }
    return entity;
  }

  Result<ActionSyntax> read_action(std::string_view name, const Json& json,
                                   const std::string& outer) {
    const std::string where = fmt::format("{}.actions.{}", outer, name);
    const JsonObject& object = *TRY(as_object(json, where));
    TRY_VOID(allow_only(object, {"attributes", "appliesTo", "memberOf", "annotations"}, where));
    ActionSyntax action;
    action.ids.push_back({std::string(name), {}});
    action.annotations = TRY(read_annotations(object, where));
    if (const Json* attributes = find(object, "attributes"); attributes && !attributes->is_null()) {
      return wrong(where, "actions cannot have attributes");
    }
    const Json* groups = find(object, "memberOf");
    if (groups && !groups->is_null()) {
      action.member_of =
          TRY(as_list<ActionReferenceSyntax>(*groups, inside(where, "memberOf"), read_reference));
    }
    const Json* applies_to = find(object, "appliesTo");
    if (applies_to && !applies_to->is_null()) {
      action.applies_to = TRY(read_applies_to(*applies_to, inside(where, "appliesTo")));
    }
    return action;
  }

  static Result<ActionReferenceSyntax> read_reference(const Json& json, const std::string& where) {
    const JsonObject& object = *TRY(as_object(json, where));
    TRY_VOID(allow_only(object, {"id", "type"}, where));
    ActionReferenceSyntax reference;
    const Json& id = *TRY(require(object, "id", where));
    reference.id = TRY(as_text(id, inside(where, "id")));
    const Json* type = find(object, "type");
    if (type && !type->is_null()) reference.type = TRY(as_path(*type, inside(where, "type")));
    return reference;
  }

  Result<AppliesToSyntax> read_applies_to(const Json& json, const std::string& where) {
    const JsonObject& object = *TRY(as_object(json, where));
    TRY_VOID(allow_only(object, {"principalTypes", "resourceTypes", "context"}, where));
    AppliesToSyntax applies_to;
    for (const auto& [types, key] : {std::pair(&applies_to.principals, "principalTypes"),
                                     std::pair(&applies_to.resources, "resourceTypes")}) {
      const Json& list = *TRY(require(object, key, where));
      *types = TRY(as_list<NameSyntax>(list, inside(where, key), as_type_name));
    }
    if (const Json* context = find(object, "context")) {
      applies_to.context = TRY(types_.read(*context, inside(where, "context")));
    }
    return applies_to;
  }

  TypeReader types_;
};

}  // namespace

Result<SchemaSyntax> schema_syntax_from_json(const Json& json, const SchemaLimits& limits) {
  return SchemaJsonReader(limits).read(json);
}

}  // namespace wardlock::cedar
