#pragma once

#include <string>

#include "cedar/entities/entity_store.h"

namespace wardlock::cedar {

// The entities, those of one type in a box, and from each an arrow to its direct parents. Types
// come in the order of their names, entities in that of their ids. A parent that is not in the
// store has no box.

/// For Graphviz: as the reference draws it.
std::string to_dot(const EntityStore& entities);

/// A Mermaid flowchart, as Markdown viewers show it.
std::string to_mermaid(const EntityStore& entities);

}  // namespace wardlock::cedar
