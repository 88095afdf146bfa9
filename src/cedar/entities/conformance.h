#pragma once

#include <string_view>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {

/// Whether the value is of the type: kinds, entity types, attributes, and for enumerated entity
/// types and actions a declared id. The error names the place, beginning with `where`.
Result<void> check_value(const Value& value, const Type& type, const Schema& schema,
                         std::string_view where);

/// Whether the entity, which is no action, is as the schema declares its type: id, attributes, tags
/// and the types of its direct parents.
Result<void> check_entity(const EntityDraft& entity, const Schema& schema);

/// What a schema declares of a request's parts; null what it does not declare.
struct RequestTypes {
  const EntityType* principal = nullptr;
  const ActionType* action = nullptr;
  const EntityType* resource = nullptr;
};

/// Whether the schema allows such a request: the action is declared and applies to the types of
/// principal and resource, ids of enumerated types are declared, and the context is of its type.
Result<void> validate_request(const Schema& schema, const EntityUid& principal,
                              const EntityUid& action, const EntityUid& resource,
                              const Value& context);
/// The same of all but the context, for who has looked the types up. Then its action is there.
Result<void> validate_request(const RequestTypes& types, const EntityUid& principal,
                              const EntityUid& action, const EntityUid& resource);

}  // namespace wardlock::cedar
