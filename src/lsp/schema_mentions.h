#pragma once

#include <vector>

#include "cedar/schema/schema.h"
#include "lsp/folder_schema.h"

namespace wardlock::lsp {

/// All mentions of what the schema declares, in the order of the text. `schema` is what the syntax
/// resolved to.
std::vector<Mention> find_mentions(const cedar::SchemaSyntax& syntax, const cedar::Schema& schema);

}  // namespace wardlock::lsp
