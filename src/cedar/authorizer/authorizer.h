#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cedar/compiled/compiled_policies.h"
#include "cedar/evaluator/evaluator.h"

namespace wardlock::cedar {

enum class Decision : std::uint8_t { kDeny, kAllow };

std::string_view to_string(Decision decision);

struct PolicyError {
  const Policy* policy;
  EvalError error;
};

/// Cedar's answer. `reasons` are the determining policies: the satisfied forbids if there are any,
/// else the satisfied permits. Both lists are in the order of the policy set.
struct Response {
  Decision decision = Decision::kDeny;
  std::span<const Policy* const> reasons;
  std::span<const PolicyError> errors;
};

/// Decides as the Cedar specification says: allow iff a permit is satisfied and no forbid is;
/// a policy whose evaluation errors is skipped. The response borrows from all arguments; its lists
/// are in the arena. Thread-safe with an arena for each call.
Response authorize(std::span<const Policy> policies, const Request& request,
                   const EntityView& entities, Arena& arena);

/// The same answer from compiled policies. Denies without reasons when the budget is used up, which
/// the caller asks the budget.
Response authorize(const CompiledPolicies& policies, const Request& request,
                   const EntityView& entities, Arena& arena, StepBudget& budget);

}  // namespace wardlock::cedar
