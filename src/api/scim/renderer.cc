#include "api/scim/renderer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/scim/endpoints.h"
#include "api/scim/resource.h"
#include "directory/model/moment.h"

namespace wardlock::scim {
namespace {

using administration::Deed;
using boost::json::array;
using boost::json::object;
using codec::Json;
using directory::Attribute;
using directory::ScimSchema;
using directory::Thing;
using directory::Type;

/// What a thing is called; it has at least one of these, or is known by its id.
std::string name_of(const Thing& thing) {
  for (const std::string_view name : {"displayName", "userName", "recordNumber", "serialNumber"}) {
    const Json* value = thing.document.json().if_contains(name);
    if (value != nullptr && value->is_string()) return std::string(value->as_string());
  }
  return thing.id;
}

bool has_sensitive(const ResourceType& type) {
  return std::ranges::any_of(type.schema->attributes, &Attribute::is_sensitive);
}

}  // namespace

std::string location_of(std::string_view base_url, const ResourceType& type, std::string_view id) {
  return fmt::format("{}{}{}/{}", base_url, kBasePath, type.schema->scim_endpoint, id);
}

Renderer::Renderer(const administration::Errand& errand, const ResourceType& type,
                   const Projection& projection, boost::json::storage_ptr memory)
    : errand_(errand),
      type_(type),
      projection_(projection),
      memory_(std::move(memory)),
      sight_(errand),
      returned_(returned_of(type)),
      place_(location_of(errand.base_url, type, "")),
      is_shortened_(!projection.is_usual() || has_sensitive(type)),
      links_(type.links.size()) {}

bool Renderer::asks_for_sensitive() const {
  return std::ranges::any_of(type_.schema->attributes, [&](const Attribute& attribute) {
    if (!attribute.is_sensitive) return false;
    const std::string& container = type_.container_of(attribute.scim);
    return projection_.may_have(
        {.schema = container, .attribute = std::string(attribute.name), .sub_attribute = {}},
        Returned::kRequest);
  });
}

Answered<void> Renderer::check_sensitive(const Thing& thing) const {
  if (asks_for_sensitive()) TRY_VOID(errand_.gate.check(Deed::kReadSensitive, thing));
  return {};
}

Answered<void> Renderer::check_sensitive() const {
  if (asks_for_sensitive()) TRY_VOID(errand_.gate.check(Deed::kReadSensitive, type_.kind));
  return {};
}

bool Renderer::shows(const LinkAttribute& links) const {
  return projection_.may_have(
      {.schema = {}, .attribute = std::string(links.name), .sub_attribute = {}},
      Returned::kDefault);
}

Answered<void> Renderer::load(std::span<const Thing> things) {
  TRY_VOID(load_links(things));
  return load_others(things);
}

Answered<void> Renderer::load_links(std::span<const Thing> things) {
  std::vector<std::string> ids;
  for (const Thing& thing : things) ids.push_back(thing.id);
  for (const directory::End end : {directory::End::kSubject, directory::End::kObject}) {
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < type_.links.size(); ++i) {
      if (type_.links[i].own_end == end && shows(type_.links[i])) wanted.push_back(i);
    }
    if (wanted.empty()) continue;
    const auto only =
        wanted.size() == 1 ? std::optional(type_.links[wanted.front()].relation) : std::nullopt;
    const auto links = TRY(errand_.registry.links(errand_.mandate.tenant, end, ids, only));
    for (const directory::Link& link : links) {
      if (link.has_scope) continue;  // it does not count everywhere
      for (const std::size_t i : wanted) {
        const LinkAttribute& attribute = type_.links[i];
        if (attribute.relation != link.relation) continue;
        links_[i][link.at(end)].push_back(link.at(attribute.other_end()));
      }
    }
  }
  return {};
}

Answered<void> Renderer::load_others(std::span<const Thing> things) {
  std::set<std::string> ids;
  for (const auto& attribute : links_) {
    for (const auto& [own, others] : attribute) ids.insert(others.begin(), others.end());
  }
  for (const Attribute& attribute : type_.schema->attributes) {
    if (attribute.type != Type::kReference) continue;
    for (const Thing& thing : things) {
      const Json* value = thing.document.json().if_contains(attribute.name);
      if (value == nullptr) continue;
      if (value->is_string()) ids.emplace(value->get_string());
      if (!value->is_array()) continue;
      for (const Json& each : value->get_array()) ids.emplace(each.as_string());
    }
  }
  if (ids.empty()) return {};
  const std::vector<std::string> all(ids.begin(), ids.end());
  for (const Thing& other : TRY(errand_.registry.find_all(errand_.mandate.tenant, all))) {
    if (!TRY(sight_.may_read(other.kind))) continue;
    others_.emplace(other.id, Other{.type = &resource_type(other.kind), .name = name_of(other)});
  }
  return {};
}

object Renderer::render(Thing& thing) const {
  object resource = to_resource(type_, thing, std::move(thing.document).take_json(), memory_);
  name_references(resource);
  add_links(thing, resource);
  add_meta(thing, resource);
  if (!is_shortened_) return resource;
  return projection_.apply(resource, returned_);
}

void Renderer::name_references(object& resource) const {
  if (others_.empty()) return;
  for (const Attribute& attribute : type_.schema->attributes) {
    if (attribute.type != Type::kReference) continue;
    const std::string& container = type_.container_of(attribute.scim);
    object* holder = &resource;
    if (!container.empty()) {
      Json* extension = resource.if_contains(container);
      if (extension == nullptr) continue;
      holder = &extension->as_object();
    }
    Json* value = holder->if_contains(attribute.name);
    if (value == nullptr) continue;
    if (!value->is_array()) {
      name_reference(*value);
    } else {
      for (Json& each : value->as_array()) name_reference(each);
    }
  }
}

void Renderer::name_reference(Json& reference) const {
  object& parts = reference.as_object();
  const auto other = others_.find(std::string(parts.at("value").as_string()));
  if (other == others_.end()) return;
  parts.emplace("$ref", location_of(errand_.base_url, *other->second.type, other->first));
  parts.emplace("displayName", other->second.name);
}

void Renderer::add_links(const Thing& thing, object& resource) const {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const auto found = links_[i].find(thing.id);
    if (found == links_[i].end()) continue;
    array values(memory_);
    for (const std::string& id : found->second) {
      const auto other = others_.find(id);
      if (other == others_.end()) continue;
      object value(memory_);
      value.emplace("value", id);
      value.emplace("$ref", location_of(errand_.base_url, *other->second.type, id));
      value.emplace("display", other->second.name);
      value.emplace("type", type_.links[i].is_writable ? other->second.type->name() : "direct");
      values.push_back(std::move(value));
    }
    if (!values.empty()) resource.emplace(type_.links[i].name, std::move(values));
  }
}

void Renderer::add_meta(const Thing& thing, object& resource) const {
  object meta(memory_);
  meta.reserve(5);
  meta.emplace("resourceType", type_.name());
  const std::string created = directory::to_time_text(thing.created_ms);
  meta.emplace("created", created);
  const bool was_changed = thing.changed_ms != thing.created_ms;
  meta.emplace("lastModified", was_changed ? directory::to_time_text(thing.changed_ms) : created);
  meta.emplace("location", place_ + thing.id);
  meta.emplace("version", etag_of(thing));
  resource.emplace("meta", std::move(meta));
}

}  // namespace wardlock::scim
