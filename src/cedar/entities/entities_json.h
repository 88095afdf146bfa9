#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/json/value_json.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"

namespace wardlock::cedar {

/// Reads `[{"uid": …, "attrs": {…}, "parents": […], "tags": {…}}, …]`; `tags` may be left out.
///
/// With a schema, attributes and tags are read by their types, every entity must be as the schema
/// declares it, and the store holds all actions of the schema with their groups; actions in the
/// JSON must agree with those. The store does not borrow from the schema. It shares with `before`,
/// if given, what is equal in both.
Result<EntityStore> entities_from_json(const codec::Json& json, const Schema* schema = nullptr,
                                       const EntityStore* before = nullptr);

/// Reads a request's context, a record. With a schema and an action it is read by the type of that
/// action's context, which must be declared; that it is of the type is left to `validate_request`,
/// so that unvalidated requests can be evaluated.
Result<Value> context_from_json(Arena& arena, const codec::Json& json,
                                const Schema* schema = nullptr, const EntityUid* action = nullptr,
                                const ValueJsonOptions& options = {});

}  // namespace wardlock::cedar
