#include "api/scim/resource_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/scim_schema.h"

namespace wardlock::scim {
namespace {

using directory::Attribute;
using directory::Kind;
using directory::ScimSchema;
using directory::Type;

constexpr std::string_view kIetf = "urn:ietf:";
constexpr std::array<std::string_view, 5> kMetaParts = {"resourceType", "created", "lastModified",
                                                        "location", "version"};
constexpr std::array<std::string_view, 3> kReferenceParts = {"value", "$ref", "displayName"};
constexpr std::array<std::string_view, 4> kLinkParts = {"value", "$ref", "display", "type"};

std::vector<LinkAttribute> links_of(Kind kind) {
  std::vector<LinkAttribute> links;
  for (const directory::RelationSchema& relation : directory::all_relations()) {
    if (!relation.at_object.empty() && relation.objects.contains(kind)) {
      links.push_back({relation.at_object, relation.relation, directory::End::kObject, true});
    }
    if (!relation.at_subject.empty() && relation.subjects.contains(kind)) {
      links.push_back({relation.at_subject, relation.relation, directory::End::kSubject,
                       relation.at_object.empty()});
    }
  }
  return links;
}

ResourceType made(const directory::Schema& schema) {
  ResourceType type{.kind = schema.kind,
                    .schema = &schema,
                    .core = std::string(schema.scim_schema),
                    .enterprise = {},
                    .own = {},
                    .links = links_of(schema.kind)};
  // The state has its place in our extension where the core schema is not ours.
  if (type.core.starts_with(kIetf)) type.own = directory::scim_own_extension(schema);
  for (const Attribute& attribute : schema.attributes) {
    if (attribute.scim == ScimSchema::kEnterprise) {
      type.enterprise = directory::kScimEnterpriseSchema;
    }
  }
  return type;
}

const std::vector<ResourceType>& all_types() {
  static const std::vector<ResourceType> all = [] {
    std::vector<ResourceType> types;
    for (const directory::Schema* schema : directory::all_schemas()) types.push_back(made(*schema));
    return types;
  }();
  return all;
}

std::optional<std::string_view> find_word(std::span<const std::string_view> words,
                                          std::string_view word) {
  if (word.empty()) return std::string_view();
  const auto found =
      std::ranges::find_if(words, [&](std::string_view one) { return is_same_name(one, word); });
  if (found == words.end()) return std::nullopt;
  return *found;
}

const Attribute* find_by_name(std::span<const Attribute> attributes, std::string_view name) {
  const auto found = std::ranges::find_if(
      attributes, [&](const Attribute& one) { return is_same_name(one.name, name); });
  return found == attributes.end() ? nullptr : &*found;
}

std::optional<Named> with_sub(Named named, std::span<const std::string_view> words,
                              std::string_view sub) {
  const auto found = find_word(words, sub);
  if (!found) return std::nullopt;
  named.sub = *found;
  return named;
}

std::optional<Named> find_attribute(const ResourceType& type, const AttributePath& path,
                                    ScimSchema part) {
  const Attribute* attribute = find_by_name(type.schema->attributes, path.attribute);
  if (attribute == nullptr || attribute->scim != part) return std::nullopt;
  const std::string& container = type.container_of(part);
  Named named{.attribute = attribute, .container = container.empty() ? nullptr : &container};
  if (attribute->type == Type::kReference) {
    return with_sub(named, kReferenceParts, path.sub_attribute);
  }
  if (path.sub_attribute.empty()) return named;
  named.part = find_by_name(attribute->parts, path.sub_attribute);
  if (named.part != nullptr) return named;
  // The value of a simple attribute with several values (RFC 7643, 2.4).
  if (attribute->is_list && attribute->parts.empty()) {
    return with_sub(named, std::array{std::string_view("value")}, path.sub_attribute);
  }
  return std::nullopt;
}

/// What no schema of the table has.
std::optional<Named> find_common(const ResourceType& type, const AttributePath& path) {
  const std::string_view name = path.attribute;
  const auto simple = [&](Named::What what) -> std::optional<Named> {
    if (!path.sub_attribute.empty()) return std::nullopt;
    return Named{.what = what};
  };
  if (is_same_name(name, "id")) return simple(Named::What::kId);
  if (is_same_name(name, "schemas")) return simple(Named::What::kSchemas);
  if (is_same_name(name, "meta")) {
    return with_sub({.what = Named::What::kMeta}, kMetaParts, path.sub_attribute);
  }
  if (is_same_name(name, "active") && type.kind == Kind::kPerson) {
    return simple(Named::What::kActive);
  }
  if (is_same_name(name, "state") && type.own.empty()) return simple(Named::What::kState);
  for (const LinkAttribute& links : type.links) {
    if (!is_same_name(links.name, name)) continue;
    return with_sub({.what = Named::What::kLinks, .links = &links}, kLinkParts, path.sub_attribute);
  }
  return std::nullopt;
}

std::string_view name_of(const Named& named) {
  switch (named.what) {
    case Named::What::kAttribute: return named.attribute->name;
    case Named::What::kLinks: return named.links->name;
    case Named::What::kActive: return "active";
    case Named::What::kState: return "state";
    case Named::What::kId: return "id";
    case Named::What::kSchemas: return "schemas";
    case Named::What::kMeta: return "meta";
  }
  return {};
}

AttributeTraits traits_of_sub(const Named& named) {
  if (named.part != nullptr) {
    return {.name = std::string(named.part->name),
            .is_multi_valued = named.part->is_list,
            .is_complex = named.part->type == Type::kComplex,
            .is_read_only = named.part->is_read_only,
            .is_required = named.part->is_required};
  }
  const bool is_name = named.sub == "displayName";
  return {.name = std::string(named.sub),
          .is_read_only = is_name || named.what != Named::What::kAttribute,
          .is_required = named.sub == "value"};
}

AttributeTraits traits_of(const Named& named) {
  AttributeTraits traits{.name = std::string(name_of(named)),
                         .container = named.container == nullptr ? "" : *named.container};
  if (named.what == Named::What::kAttribute) {
    traits.is_multi_valued = named.attribute->is_list;
    traits.is_complex =
        named.attribute->type == Type::kComplex || named.attribute->type == Type::kReference;
    traits.is_read_only = named.attribute->is_read_only;
    traits.is_required = named.attribute->is_required;
  } else {
    traits.is_read_only = named.what != Named::What::kActive && named.what != Named::What::kState;
    traits.is_required = !traits.is_read_only;
  }
  return traits;
}

}  // namespace

const std::string& ResourceType::container_of(ScimSchema part) const {
  static const std::string none;
  switch (part) {
    case ScimSchema::kCore: break;
    case ScimSchema::kEnterprise: return enterprise;
    case ScimSchema::kOwn: return own;
  }
  return none;
}

const ResourceType& resource_type(Kind kind) { return all_types()[static_cast<std::size_t>(kind)]; }

const ResourceType* find_resource_type(std::string_view endpoint) {
  const auto found = std::ranges::find_if(all_types(), [&](const ResourceType& type) {
    return type.schema->scim_endpoint == endpoint;
  });
  return found == all_types().end() ? nullptr : &*found;
}

std::optional<Named> find_named(const ResourceType& type, const AttributePath& path) {
  if (path.schema.empty() || is_same_name(path.schema, type.core)) {
    if (auto found = find_attribute(type, path, ScimSchema::kCore)) return found;
    return find_common(type, path);
  }
  for (const ScimSchema part : {ScimSchema::kEnterprise, ScimSchema::kOwn}) {
    const std::string& urn = type.container_of(part);
    if (urn.empty() || !is_same_name(path.schema, urn)) continue;
    if (part == ScimSchema::kOwn && is_same_name(path.attribute, "state") &&
        path.sub_attribute.empty()) {
      return Named{.what = Named::What::kState, .container = &urn};
    }
    return find_attribute(type, path, part);
  }
  return std::nullopt;
}

std::string path_of(const ResourceType& type, const Named& named) {
  std::string path = named.container == nullptr ? "" : *named.container + ":";
  path += name_of(named);
  if (named.part != nullptr) path += fmt::format(".{}", named.part->name);
  if (!named.sub.empty()) path += fmt::format(".{}", named.sub);
  static_cast<void>(type);
  return path;
}

std::string no_such_attribute(const ResourceType& type, const AttributePath& path) {
  if (is_same_name(path.attribute, "password")) {
    return "no passwords are kept here; do not send any";
  }
  std::vector<std::string> names;
  std::string elsewhere;
  for (const Attribute& attribute : type.schema->attributes) {
    names.push_back(directory::scim_path(*type.schema, attribute));
    if (attribute.scim != ScimSchema::kCore && is_same_name(attribute.name, path.attribute)) {
      elsewhere = fmt::format("; did you mean `{}`?", names.back());
    }
  }
  for (const LinkAttribute& links : type.links) names.emplace_back(links.name);
  const std::string text = to_string(path);
  return fmt::format("{} have no attribute `{}`{}", type.schema->plural, printable(text),
                     elsewhere.empty() ? suggestion(text, names) : elsewhere);
}

FindTraits traits_of(const ResourceType& type) {
  return [&type](const AttributePath& path) -> std::optional<AttributeTraits> {
    const auto named = find_named(type, path);
    if (!named) return std::nullopt;
    return path.sub_attribute.empty() ? traits_of(*named) : traits_of_sub(*named);
  };
}

FindReturned returned_of(const ResourceType& type) {
  return [&type](const AttributePath& path) {
    const auto named = find_named(type, path);
    if (!named) return Returned::kDefault;
    if (named->what == Named::What::kId || named->what == Named::What::kSchemas) {
      return Returned::kAlways;
    }
    const bool is_sensitive = (named->attribute != nullptr && named->attribute->is_sensitive) ||
                              (named->part != nullptr && named->part->is_sensitive);
    return is_sensitive ? Returned::kRequest : Returned::kDefault;
  };
}

}  // namespace wardlock::scim
