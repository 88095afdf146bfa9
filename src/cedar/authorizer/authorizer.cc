#include "cedar/authorizer/authorizer.h"

#include <memory_resource>
#include <vector>

#include "cedar/compiled/compiled_evaluator.h"
#include "cedar/compiled/request_entities.h"

namespace wardlock::cedar {
namespace {

/// What the policies came to, and the decision that follows from it.
class Tally {
 public:
  explicit Tally(Arena& arena)
      : permits_(arena.resource()), forbids_(arena.resource()), errors_(arena.resource()) {}

  void add(const Policy& policy, Effect effect, const Evaluated<bool>& satisfied) {
    if (!satisfied) {
      errors_.push_back({&policy, satisfied.error()});
    } else if (*satisfied) {
      (effect == Effect::kPermit ? permits_ : forbids_).push_back(&policy);
    }
  }

  Response response(Arena& arena) const {
    const bool is_allowed = forbids_.empty() && !permits_.empty();
    return {.decision = is_allowed ? Decision::kAllow : Decision::kDeny,
            .reasons = arena.copy(forbids_.empty() ? permits_ : forbids_),
            .errors = arena.copy(errors_)};
  }

 private:
  std::pmr::vector<const Policy*> permits_, forbids_;
  std::pmr::vector<PolicyError> errors_;
};

}  // namespace

std::string_view to_string(Decision decision) {
  return decision == Decision::kAllow ? "allow" : "deny";
}

Response authorize(std::span<const Policy> policies, const Request& request,
                   const EntityView& entities, Arena& arena) {
  Evaluator evaluator(request, entities, arena);
  Tally tally(arena);
  for (const Policy& policy : policies) {
    tally.add(policy, policy.body->effect, evaluator.is_satisfied(policy));
  }
  return tally.response(arena);
}

Response authorize(const CompiledPolicies& policies, const Request& request, const EntityView& view,
                   Arena& arena, StepBudget& budget) {
  RequestEntities entities(request, view);
  CompiledEvaluator evaluator(policies, request, entities, arena, budget);
  Tally tally(arena);
  for (const std::uint32_t index : policies.candidates(entities, arena, budget)) {
    tally.add(policies.policy(index), policies.effect(index), evaluator.conditions_hold(index));
  }
  return budget.is_used_up() ? Response{} : tally.response(arena);
}

}  // namespace wardlock::cedar
