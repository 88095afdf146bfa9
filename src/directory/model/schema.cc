#include "directory/model/schema.h"

#include <algorithm>
#include <array>

#include "directory/model/schema_rows.h"

namespace wardlock::directory {
namespace {

constexpr std::array<const Schema*, kKinds> kSchemas = {
    &kPerson,  &kPatient, &kDevice,       &kDeviceModel, &kModule, &kModuleVersion,
    &kService, &kAgent,   &kOrganisation, &kLocation,    &kRole,   &kGroup};

}  // namespace

std::span<const Schema* const> all_schemas() { return kSchemas; }

const Schema& schema_of(Kind kind) { return *kSchemas[static_cast<std::size_t>(kind)]; }

std::string_view to_string(Kind kind) { return schema_of(kind).name; }

std::optional<Kind> find_kind(std::string_view name) {
  const auto* const schema = std::ranges::find(kSchemas, name, &Schema::name);
  if (schema == kSchemas.end()) return std::nullopt;
  return (*schema)->kind;
}

const Schema* find_collection(std::string_view name) {
  const auto* const schema = std::ranges::find(kSchemas, name, &Schema::collection);
  return schema == kSchemas.end() ? nullptr : *schema;
}

const Attribute* find_attribute(std::span<const Attribute> attributes, std::string_view name) {
  const auto attribute = std::ranges::find(attributes, name, &Attribute::name);
  return attribute == attributes.end() ? nullptr : &*attribute;
}

const State* find_state(const Schema& schema, std::string_view name) {
  const auto state = std::ranges::find(schema.states, name, &State::name);
  return state == schema.states.end() ? nullptr : &*state;
}

const Attribute& calling_name(const Schema& schema) {
  const auto identifier = std::ranges::find_if(schema.attributes, [](const Attribute& each) {
    return each.type == Type::kIdentifier && each.is_required;
  });
  if (identifier != schema.attributes.end()) return *identifier;
  return *find_attribute(schema.attributes, "displayName");
}

}  // namespace wardlock::directory
