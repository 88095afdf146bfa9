#pragma once

#include "cli/admin_client.h"
#include "cli/styled_text.h"

namespace wardlock::cli {

/// Adds the relations of a thing (an answer of `…/relations`), a line each, with the names of what
/// stands at their other ends.
Result<void> add_relations(AdminClient& client, const codec::Json& thing,
                           const codec::Json& relations, StyledText& out);

/// One relation for people. Names are asked for.
Result<std::string> relation_line(AdminClient& client, const codec::Json& relation);

}  // namespace wardlock::cli
