#pragma once

#include <string>

#include "base/error.h"
#include "cedar/entities/entity.h"

namespace wardlock::directory {

/// An entity as entities JSON has it. Error: a record in it cannot be written so.
Result<std::string> to_entity_json(const cedar::EntityDraft& entity);

}  // namespace wardlock::directory
