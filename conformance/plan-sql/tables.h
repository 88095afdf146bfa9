#pragma once

#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"
#include "plan/mapping.h"

namespace wardlock::plan {

/// The tables that a mapping speaks of, filled with the entities: a list of
/// `{"name", "columns": [[name, type]], "rows": [[value]]}`, a type being text, bigint, boolean or
/// timestamptz. Times in a timestamptz are milliseconds here too.
codec::Json tables_of(const Mapping& mapping, const cedar::Schema& schema,
                      const cedar::EntityStore& entities);

/// A statement's parameter, or a value in a column.
codec::Json parameter_to_json(const cedar::Value& value);

}  // namespace wardlock::plan
