#pragma once

#include <string>

#include "base/arena.h"
#include "cedar/ast/expr.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/request_environment.h"

namespace wardlock::lsp {

/// The type an expression has in the environment, where it has one, or null. It is the type that
/// its author means: an optional attribute counts as there, and what is wrong elsewhere in the
/// expression does not matter. (The validator says what is wrong; whoever types needs to know what
/// could come next.) The type lives in the schema or the arena.
const cedar::Type* expr_type(const cedar::Expr& expr, const cedar::Schema& schema,
                             const cedar::RequestEnvironment& environment, Arena& arena);

/// The attributes that a value of the type has: a record's, or those of the entity's shape; null
/// for any other type.
const cedar::Type* attributes_of(const cedar::Type& type, const cedar::Schema& schema);

/// As a schema would have it, e.g. `Set<User>`; records are written out, long ones cut short.
std::string schema_text(const cedar::Type& type);

}  // namespace wardlock::lsp
