#include "cedar/partial/partial_entities_json.h"

#include <string>
#include <utility>

#include "cedar/entities/entities_json.h"

namespace wardlock::cedar {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

/// Some value of the type, so that an entity whose attributes are unknown is as the schema says.
Json placeholder(const Type& type, const Schema& schema) {
  switch (type.kind) {
    case Kind::kBool: return false;
    case Kind::kLong: return 0;
    case Kind::kString: return "";
    case Kind::kDecimal: return "0.0";
    case Kind::kDatetime: return "1970-01-01";
    case Kind::kDuration: return "0s";
    case Kind::kIp: return "0.0.0.0";
    case Kind::kSet: return array();
    case Kind::kEntity: {
      const EntityType* entity = schema.find_entity_type(type.entity_type);
      const bool is_enumerated = entity != nullptr && entity->is_enumerated();
      return {{"type", type.entity_type}, {"id", is_enumerated ? entity->enum_ids.front() : ""}};
    }
    case Kind::kRecord: break;
  }
  object record;
  for (const Attribute& attribute : type.attributes) {
    if (attribute.is_required) {
      record.emplace(attribute.name, placeholder(*attribute.type, schema));
    }
  }
  return record;
}

/// The type that the entity says it is of, or null: the reader of entities finds what is wrong.
const EntityType* type_of(const object& entity, const Schema& schema) {
  const Json* uid = entity.if_contains("uid");
  if (uid == nullptr || !uid->is_object()) return nullptr;
  const object* fields = &uid->get_object();
  if (const Json* escaped = fields->if_contains("__entity"); escaped && escaped->is_object()) {
    fields = &escaped->get_object();
  }
  const Json* type = fields->if_contains("type");
  if (type == nullptr || !type->is_string()) return nullptr;
  return schema.find_entity_type(std::string_view(type->get_string()));
}

/// Puts in what is left out, and says what that was.
UnknownParts complete(object& entity, const EntityType& type, const Schema& schema) {
  UnknownParts unknown{.uid = nullptr,
                       .attributes = !entity.contains("attrs"),
                       .tags = type.tags != nullptr && !entity.contains("tags"),
                       .ancestors = !entity.contains("parents")};
  if (unknown.attributes) entity.emplace("attrs", placeholder(*type.shape, schema));
  if (unknown.ancestors) entity.emplace("parents", array());
  return unknown;
}

}  // namespace

Result<PartialEntityFile> partial_entities_from_json(const Json& json, const Schema& schema) {
  Json completed = json;
  std::vector<UnknownParts> unknown;
  if (array* list = completed.if_array()) {
    for (Json& each : *list) {
      object* entity = each.if_object();
      const EntityType* type = entity == nullptr ? nullptr : type_of(*entity, schema);
      unknown.push_back(type == nullptr ? UnknownParts{} : complete(*entity, *type, schema));
    }
  }
  PartialEntityFile file{TRY(entities_from_json(completed, &schema)), {}};
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    UnknownParts& parts = unknown[i];
    if (!parts.attributes && !parts.tags && !parts.ancestors) continue;
    Arena arena;
    const EntityUid* uid = TRY(uid_from_json(completed.get_array()[i].at("uid"), arena, "uid"));
    parts.uid = file.known.find(*uid)->uid();
    file.unknown_parts.push_back(parts);
  }
  return file;
}

}  // namespace wardlock::cedar
