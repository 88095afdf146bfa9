#pragma once

#include <string>

#include "base/error.h"
#include "cedar/schema/schema_syntax.h"
#include "codec/json.h"

namespace wardlock::cedar {

// A schema as written in the other syntax, names not resolved. Reading the result gives a schema
// that means the same; declarations of several names come one by one, and all comments are gone.

/// Error: something is declared twice or has a reserved name.
Result<codec::Json> schema_to_json(const SchemaSyntax& schema);

/// Error: as above, or the text syntax cannot say it: a type in a place where it takes records
/// only, or a name that it would understand as another type's.
Result<std::string> schema_to_text(const SchemaSyntax& schema);

}  // namespace wardlock::cedar
