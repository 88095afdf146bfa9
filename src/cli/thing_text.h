#pragma once

#include <string>
#include <vector>

#include "cli/admin_client.h"
#include "cli/styled_text.h"
#include "directory/model/schema.h"

namespace wardlock::cli {

/// A thing for people: its name, state and attributes, a line each; and the revision of the
/// directory since it was changed, where that was just done. Or what it would be, after a dry run.
StyledText thing_text(const codec::Json& thing, bool is_dry_run = false);

/// A further line that tells the revision of the directory since a change; empty: it was a dry run,
/// or the answer is of no change.
std::string revision_line(const codec::Json& answer);

/// Lines of columns that stand under each other, the first line above them.
StyledText table_text(const std::vector<std::vector<std::string>>& rows);

/// What a list of things shows of each.
std::vector<std::string> columns_of(const directory::Schema& schema);
std::vector<std::string> row_of(const directory::Schema& schema, const codec::Json& thing);

}  // namespace wardlock::cli
