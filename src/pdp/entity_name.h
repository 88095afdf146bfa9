#pragma once

#include <optional>

#include "base/arena.h"
#include "cedar/value/value.h"

namespace wardlock::pdp {

// Entities of any type as attributes, which a schema gives one type only: by name, as records of
// the texts `type` and `id`.

/// The entity that the record names. Borrows from the value. Nothing: it is no such record.
std::optional<cedar::EntityUid> named_entity(const cedar::Value* value);

/// The name of one, for holding a schema against it.
cedar::Value sample_name(Arena& arena);

}  // namespace wardlock::pdp
