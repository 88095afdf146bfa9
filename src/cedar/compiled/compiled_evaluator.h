#pragma once

#include <cstdint>

#include "base/arena.h"
#include "cedar/compiled/compiled_policies.h"
#include "cedar/compiled/request_entities.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/evaluator/step_budget.h"

namespace wardlock::cedar {

/// Evaluates the conditions of compiled policies for one request. Borrows everything it is given;
/// errors live as long as the arena, the policies, the request and the entities. Not thread-safe;
/// make one per request, or per context of a request.
class CompiledEvaluator {
 public:
  /// Requires `entities` to be of the request's principal, action and resource.
  CompiledEvaluator(const CompiledPolicies& policies, const Request& request,
                    RequestEntities& entities, Arena& arena, StepBudget& budget)
      : policies_(policies),
        request_(request),
        entities_(entities),
        arena_(arena),
        budget_(budget) {}

  /// Whether the conditions of a policy hold; its scope is `candidates`' part. Errors are the
  /// Evaluator's, word for word. Once the budget is used up the answer counts for nothing.
  Evaluated<bool> conditions_hold(std::uint32_t policy);

 private:
  const CompiledPolicies& policies_;
  const Request& request_;
  RequestEntities& entities_;
  Arena& arena_;
  StepBudget& budget_;
};

}  // namespace wardlock::cedar
