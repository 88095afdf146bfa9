#pragma once

#include <string>

#include "codec/json.h"
#include "directory/model/kind.h"
#include "directory/model/relation.h"

namespace wardlock::directory {

// Exported items (export.h) as CSV that an import reads again. Lines end with CRLF.

/// The header for things of a kind, and the row of one; `relations` of the item are columns.
std::string csv_header(Kind kind);
std::string csv_row(Kind kind, const codec::Json& thing);

/// The same for relations.
std::string csv_header(Relation relation);
std::string csv_row(Relation relation, const codec::Json& item);

}  // namespace wardlock::directory
