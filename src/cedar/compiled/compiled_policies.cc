#include "cedar/compiled/compiled_policies.h"

#include <memory_resource>
#include <vector>

#include "cedar/compiled/compiled_evaluator.h"

namespace wardlock::cedar {

void RequestEntities::look_up(std::size_t i) {
  entities_[i] = view_.find(*uids_[i]);
  is_known_[i] = true;
}

CompiledPolicies::CompiledPolicies(CompiledPolicies&&) noexcept = default;
CompiledPolicies& CompiledPolicies::operator=(CompiledPolicies&&) noexcept = default;
CompiledPolicies::~CompiledPolicies() = default;

CompiledPolicies CompiledPolicies::compile(std::span<const Policy> policies,
                                           const CompileOptions&) {
  CompiledPolicies compiled;
  compiled.policies_ = policies;
  return compiled;
}

std::span<const std::uint32_t> CompiledPolicies::candidates(RequestEntities& entities, Arena& arena,
                                                            StepBudget& budget) const {
  const Request request{&entities.uid(Variable::kPrincipal), &entities.uid(Variable::kAction),
                        &entities.uid(Variable::kResource)};
  const Evaluator evaluator(request, entities.view(), arena);
  std::pmr::vector<std::uint32_t> found(arena.resource());
  for (std::uint32_t i = 0; i < policies_.size(); ++i) {
    if (!budget.take()) break;
    const Policy& policy = policies_[i];
    if (evaluator.matches_action(policy) && evaluator.matches_principal(policy) &&
        evaluator.matches_resource(policy)) {
      found.push_back(i);
    }
  }
  return arena.copy(found);
}

Evaluated<bool> CompiledEvaluator::conditions_hold(std::uint32_t policy) {
  Evaluator evaluator(request_, entities_.view(), arena_, &budget_);
  return evaluator.conditions_hold(policies_.policy(policy));
}

}  // namespace wardlock::cedar
