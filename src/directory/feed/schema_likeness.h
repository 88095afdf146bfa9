#pragma once

#include "cedar/schema/schema.h"

namespace wardlock::directory {

/// Whether both declare the same types of entities: then what is seen of a directory is the same.
bool have_same_entity_types(const cedar::Schema& a, const cedar::Schema& b);

}  // namespace wardlock::directory
