#include "directory/model/scim_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "directory/model/relation.h"

namespace wardlock::directory {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view kSchemaSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema";
constexpr std::string_view kTypeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
constexpr std::string_view kIetf = "urn:ietf:";
constexpr std::array kScimSchemas = {ScimSchema::kCore, ScimSchema::kEnterprise, ScimSchema::kOwn};

std::string_view type_of(const Attribute& attribute) {
  switch (attribute.type) {
    case Type::kText:
    case Type::kIdentifier: return "string";
    case Type::kInteger: return "integer";
    case Type::kBoolean: return "boolean";
    case Type::kTime: return "dateTime";
    case Type::kReference:
    case Type::kComplex: break;
  }
  return "complex";
}

array names_of(std::span<const std::string_view> words) {
  array names;
  for (const std::string_view word : words) names.emplace_back(word);
  return names;
}

array types_of(Kinds kinds) {
  array types;
  for (const Schema* schema : all_schemas()) {
    if (kinds.contains(schema->kind)) types.emplace_back(schema->scim_type);
  }
  return types;
}

/// An attribute that the server sets.
object given(std::string_view name, std::string_view about) {
  return {{"name", name},
          {"type", "string"},
          {"multiValued", false},
          {"description", about},
          {"required", false},
          {"caseExact", false},
          {"mutability", "readOnly"},
          {"returned", "default"},
          {"uniqueness", "none"}};
}

/// What stands for another thing (RFC 7643 §2.3.7, as `manager` does in §4.3 and `members` in
/// §4.2).
array reference_parts(Kinds targets, std::string_view mutability) {
  object value = given("value", "Its id.");
  value["required"] = true;
  value["caseExact"] = true;
  value["mutability"] = mutability;
  object uri = given("$ref", "Its URI.");
  uri["type"] = "reference";
  uri["caseExact"] = true;
  uri["mutability"] = mutability;
  uri["referenceTypes"] = types_of(targets);
  return {std::move(value), std::move(uri), given("displayName", "The name it is shown with.")};
}

object shown(const Attribute& attribute);

array shown(std::span<const Attribute> attributes) {
  array out;
  for (const Attribute& attribute : attributes) out.emplace_back(shown(attribute));
  return out;
}

std::string_view mutability_of(const Attribute& attribute) {
  if (attribute.is_read_only) return "readOnly";
  return attribute.is_immutable ? "immutable" : "readWrite";
}

object shown(const Attribute& attribute) {
  const std::string_view mutability = mutability_of(attribute);
  object out = {{"name", attribute.name},
                {"type", type_of(attribute)},
                {"multiValued", attribute.is_list},
                {"description", fmt::format("{}.", attribute.about)},
                {"required", attribute.is_required},
                {"mutability", mutability},
                {"returned", attribute.is_sensitive ? "request" : "default"},
                {"uniqueness", attribute.is_unique ? "server" : "none"}};
  if (attribute.type == Type::kText || attribute.type == Type::kIdentifier) {
    out["caseExact"] = attribute.is_case_exact;
  }
  if (!attribute.choices.is_empty()) out["canonicalValues"] = names_of(attribute.choices.all());
  if (attribute.type == Type::kComplex) out["subAttributes"] = shown(attribute.parts);
  if (attribute.type == Type::kReference) {
    out["subAttributes"] = reference_parts(attribute.targets, mutability);
  }
  return out;
}

array link_parts(Kinds others, std::string_view mutability) {
  array parts = reference_parts(others, mutability);
  parts.back() = given("display", "The name it is shown with.");
  object type = given("type", "What it is; of `groups`: that it is a direct one.");
  type["mutability"] = mutability;
  parts.emplace_back(std::move(type));
  return parts;
}

object shown_relation(std::string_view name, std::string_view about, Kinds others,
                      bool is_changed_here) {
  const std::string_view mutability = is_changed_here ? "readWrite" : "readOnly";
  return {{"name", name},
          {"type", "complex"},
          {"multiValued", true},
          {"description", fmt::format("{}.", about)},
          {"required", false},
          {"mutability", mutability},
          {"returned", "default"},
          {"uniqueness", "none"},
          {"subAttributes", link_parts(others, is_changed_here ? "immutable" : "readOnly")}};
}

/// Relations that the thing shows among its attributes.
void add_relations(const Schema& schema, array& out) {
  for (const RelationSchema& relation : all_relations()) {
    if (!relation.at_object.empty() && relation.objects.contains(schema.kind)) {
      out.emplace_back(shown_relation(relation.at_object, relation.about, relation.subjects, true));
    }
    if (!relation.at_subject.empty() && relation.subjects.contains(schema.kind)) {
      out.emplace_back(shown_relation(relation.at_subject, relation.about, relation.objects,
                                      relation.at_object.empty()));
    }
  }
}

/// The state is SCIM's `active` for people (RFC 7643 §4.1.1), and for all what it is called here.
void add_state(const Schema& schema, ScimSchema part, array& out) {
  if (part == ScimSchema::kCore && schema.kind == Kind::kPerson) {
    object active = given("active", "Whether the person works here now.");
    active["type"] = "boolean";
    active["mutability"] = "readWrite";
    active.erase("caseExact");
    out.emplace_back(std::move(active));
  }
  const bool has_own_core = !schema.scim_schema.starts_with(kIetf);
  if (part != (has_own_core ? ScimSchema::kCore : ScimSchema::kOwn)) return;
  object state = given("state", "Where it is in its life.");
  array names;
  for (const State& one : schema.states) names.emplace_back(one.name);
  state["canonicalValues"] = std::move(names);
  state["caseExact"] = true;
  state["mutability"] = "readWrite";
  out.emplace_back(std::move(state));
}

std::string urn_of(const Schema& schema, ScimSchema part) {
  switch (part) {
    case ScimSchema::kCore: break;
    case ScimSchema::kEnterprise: return std::string(kScimEnterpriseSchema);
    case ScimSchema::kOwn: return scim_own_extension(schema);
  }
  return std::string(schema.scim_schema);
}

/// What programs call it: no two have the same (RFC 7643 §8.7.1 calls one `EnterpriseUser`).
std::string name_of(const Schema& schema, ScimSchema part) {
  switch (part) {
    case ScimSchema::kCore: break;
    case ScimSchema::kEnterprise: return fmt::format("Enterprise{}", schema.scim_type);
    case ScimSchema::kOwn: return fmt::format("Wardlock{}", schema.scim_type);
  }
  return std::string(schema.scim_type);
}

array attributes_of(const Schema& schema, ScimSchema part) {
  array out;
  for (const Attribute& attribute : schema.attributes) {
    // `externalId` is common to all resources (RFC 7643 §3.1) and in no schema.
    if (attribute.scim == part && attribute.name != "externalId") {
      out.emplace_back(shown(attribute));
    }
  }
  if (part == ScimSchema::kCore) add_relations(schema, out);
  add_state(schema, part, out);
  return out;
}

}  // namespace

std::string scim_own_extension(const Schema& schema) {
  return fmt::format("urn:wardlock:scim:schemas:extension:1.0:{}", schema.scim_type);
}

std::string scim_schema_of(const Schema& schema, const Attribute& attribute) {
  return urn_of(schema, attribute.scim);
}

std::string scim_path(const Schema& schema, const Attribute& attribute) {
  if (attribute.scim == ScimSchema::kCore) return std::string(attribute.name);
  return fmt::format("{}:{}", urn_of(schema, attribute.scim), attribute.name);
}

codec::Json scim_schemas() {
  array schemas;
  for (const Schema* schema : all_schemas()) {
    for (const ScimSchema part : kScimSchemas) {
      array attributes = attributes_of(*schema, part);
      if (attributes.empty()) continue;
      schemas.emplace_back(object{{"schemas", {kSchemaSchema}},
                                  {"id", urn_of(*schema, part)},
                                  {"name", name_of(*schema, part)},
                                  {"description", fmt::format("{}.", schema->about)},
                                  {"attributes", std::move(attributes)}});
    }
  }
  return schemas;
}

codec::Json scim_resource_types() {
  array types;
  for (const Schema* schema : all_schemas()) {
    array extensions;
    for (const ScimSchema part : {ScimSchema::kEnterprise, ScimSchema::kOwn}) {
      if (attributes_of(*schema, part).empty()) continue;
      extensions.emplace_back(object{{"schema", urn_of(*schema, part)}, {"required", false}});
    }
    types.emplace_back(object{{"schemas", {kTypeSchema}},
                              {"id", schema->scim_type},
                              {"name", schema->scim_type},
                              {"endpoint", schema->scim_endpoint},
                              {"description", fmt::format("{}.", schema->about)},
                              {"schema", schema->scim_schema},
                              {"schemaExtensions", std::move(extensions)}});
  }
  return types;
}

}  // namespace wardlock::directory
