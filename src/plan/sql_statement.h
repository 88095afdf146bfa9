#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "plan/mapping.h"
#include "plan/query_plan.h"
#include "plan/sql_dialect.h"

namespace wardlock::plan {

/// One SELECT: the column `id` of each row that is allowed, and a Boolean column for each
/// obligation that some of them owe. Values are parameters, `?1` … or `$1` …; names are from the
/// mapping.
struct SqlStatement {
  struct OwedColumn {
    std::string name;  ///< `owes_1`, …
    std::string obligation;
  };

  std::string text;
  std::vector<cedar::Value> parameters;  ///< Booleans, longs and strings, in the statement's arena
  std::vector<OwedColumn> obligations;
  bool tells_override = false;  ///< there is a column `under_override`
};

/// What a plan is said in SQL with. Borrows everything.
struct SqlTarget {
  const Mapping& mapping;
  SqlDialect dialect;
  const cedar::EntityStore& directory;  ///< the known entities of types that are not mapped
};

/// The plan as a statement over the table of the principal's or the resource's type, whichever is
/// unknown. A row is selected iff `pdp::decide` allows it: where a part of a policy errs for a row
/// – an absent attribute, a dangling reference, an overflow – that counts as the rule counts it.
///
/// Requires entities in the question that leave the types of the mapping open, and no others.
/// Error (kUnimplemented): the policy and the part that cannot be said in SQL, and why;
/// (kInvalidArgument): principal and resource are both known, or both unknown.
Result<SqlStatement> to_sql(const QueryPlan& plan, const cedar::Schema& schema,
                            const PlanQuestion& question, const SqlTarget& target, Arena& arena);

}  // namespace wardlock::plan
