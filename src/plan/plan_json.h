#pragma once

#include "base/arena.h"
#include "cedar/partial/partial_evaluator.h"
#include "codec/json.h"
#include "plan/query_plan.h"
#include "plan/sql_statement.h"

namespace wardlock::plan {

/// The plan as JSON; docs/query-plans.md has the format. The evaluator is one of the plan's
/// request: it tells the types of the unknown. Error: an expression that has no Cedar text.
Result<codec::Json> to_json(const QueryPlan& plan, const cedar::PartialEvaluator& evaluator,
                            Arena& arena);

/// `{"dialect", "statement", "parameters", "columns"}`.
codec::Json to_json(const SqlStatement& statement, SqlDialect dialect);

}  // namespace wardlock::plan
