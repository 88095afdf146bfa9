#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/partial/partial_evaluator.h"
#include "cedar/schema/schema.h"
#include "pdp/rule.h"
#include "plan/condition.h"

namespace wardlock::plan {

/// A question about many at once: the principal, the resource or both are of a known type only.
/// Borrows everything.
struct PlanQuestion {
  const cedar::PartialRequest& request;  ///< its context, where known, has no `override` field
  const cedar::PartialEntities& entities;
  std::int64_t now = 0;  ///< milliseconds since the epoch
  std::span<const std::string_view> supported_obligations = {};
  const pdp::Grant* grant = nullptr;  ///< the one the request names, if it exists
  bool is_override_declared = true;   ///< false: the schema gives this action no `context.override`
};

/// An obligation, and for which of those allowed it is owed.
struct Owed {
  std::string_view obligation;
  Condition condition;
};

/// One way of being allowed: by the rights there are, or under the grant.
struct Path {
  Condition condition = {};
  std::vector<Owed> obligations = {};  ///< each once, and none that is never owed
};

/// Which of the unknown are allowed. Borrows from the policies, the question and the arena.
///
/// INVARIANT: for each principal, resource, context and entities that agree with the question,
/// `pdp::decide` allows iff the condition of `strict` or of `under_override` holds; and its
/// obligations are those owed by `strict` where that holds, else by `under_override`.
struct QueryPlan {
  enum class Kind : std::uint8_t { kAlwaysDenied, kAlwaysAllowed, kConditional };
  Path strict = {};
  Path under_override = {};
  /// The one that `under_override` stands on, where it can hold.
  const pdp::Grant* grant = nullptr;

  Kind kind() const;
};

std::string_view to_string(QueryPlan::Kind kind);

/// Plans by Wardlock's decision rule (pdp/rule.h), an erring forbid included: it denies. For
/// `Mode::kCedar`, by Cedar's. Error (kInvalidArgument): a grant with an unknown context. Pure;
/// thread-safe with an arena for each call.
Result<QueryPlan> make_plan(const cedar::Schema& schema, const pdp::Partition& policies,
                            const PlanQuestion& question, Arena& arena);

}  // namespace wardlock::plan
