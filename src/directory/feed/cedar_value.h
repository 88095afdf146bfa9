#pragma once

#include <optional>

#include "base/arena.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "codec/json.h"

namespace wardlock::directory {

/// What a document says, as a value of the type that a schema wants: texts become datetimes,
/// durations, addresses or decimals where such are wanted; of objects, what the record type
/// declares is taken. Nothing: it is no such value. Never an entity.
std::optional<cedar::Value> to_value(const codec::Json& json, const cedar::Type& type,
                                     Arena& arena);

}  // namespace wardlock::directory
