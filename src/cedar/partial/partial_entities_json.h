#pragma once

#include <vector>

#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/partial/partial_evaluator.h"
#include "cedar/schema/schema.h"
#include "codec/json.h"

namespace wardlock::cedar {

/// Entities as read, and what is not known of them. What is not known reads as if it were some
/// value of its type: look at `unknown_parts` first, as the partial evaluator does.
struct PartialEntityFile {
  EntityStore known;
  std::vector<UnknownParts> unknown_parts;
};

/// Reads entities of which `attrs`, `parents` or `tags` may be left out: those are unknown. All
/// else is as in `entities_from_json`.
Result<PartialEntityFile> partial_entities_from_json(const codec::Json& json, const Schema& schema);

}  // namespace wardlock::cedar
