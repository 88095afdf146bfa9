#pragma once

#include <string>

#include "base/arena.h"
#include "base/error.h"
#include "plan/query_plan.h"
#include "plan/sql_statement.h"

namespace wardlock::plan {

/// The plan for people. Error: an expression that has no Cedar text.
Result<std::string> to_text(const QueryPlan& plan, Arena& arena);

/// The statement, its parameters and columns as comments before it.
std::string to_text(const SqlStatement& statement, SqlDialect dialect);

}  // namespace wardlock::plan
