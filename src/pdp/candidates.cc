#include "pdp/candidates.h"

namespace wardlock::pdp {

using cedar::Policy;

Candidates::Candidates(const Partition& policies, const cedar::Request& request,
                       const cedar::EntityView& entities, Arena& arena, cedar::StepBudget& budget)
    : policies_(policies), entities_(request, entities), arena_(arena), budget_(budget) {
  if (policies_.compiled != nullptr) {
    find_compiled();
  } else {
    find_by_evaluating(request, entities);
  }
}

/// Sorts by part those that the index finds; within one they stay in the order of the set.
void Candidates::find_compiled() {
  const auto all = policies_.compiled->candidates(entities_, arena_, budget_);
  std::array<std::size_t, kRulePartCount> counts = {};
  for (const std::uint32_t place : all) ++counts[index(traits(place).part)];
  std::span<Candidate> rest = arena_.allocate<Candidate>(all.size());
  std::array<Candidate*, kRulePartCount> ends = {};
  for (std::size_t part = 0; part < kRulePartCount; ++part) {
    ends[part] = rest.data();
    parts_[part] = rest.first(counts[part]);
    rest = rest.subspan(counts[part]);
  }
  for (const std::uint32_t place : all) *ends[index(traits(place).part)]++ = {place};
}

void Candidates::find_by_evaluating(const cedar::Request& request,
                                    const cedar::EntityView& entities) {
  const cedar::Evaluator evaluator(request, entities, arena_, &budget_);
  for (std::size_t part = 0; part < kRulePartCount; ++part) {
    const auto& policies = policies_.of(static_cast<RulePart>(part));
    const std::span<Candidate> room = arena_.allocate<Candidate>(policies.size());
    std::size_t count = 0;
    for (const Policy* policy : policies) {
      if (!budget_.take()) return;
      if (evaluator.matches_principal(*policy) && evaluator.matches_resource(*policy) &&
          evaluator.matches_action(*policy)) {
        room[count++] = {static_cast<std::uint32_t>(policy - policies_.set.data())};
      }
    }
    parts_[part] = room.first(count);
  }
}

void Outcome::add(const Outcome& other) {
  matched.insert(matched.end(), other.matched.begin(), other.matched.end());
  errors.insert(errors.end(), other.errors.begin(), other.errors.end());
}

Judge::Judge(Candidates& candidates, const cedar::Request& request) : candidates_(candidates) {
  if (const auto* compiled = candidates.policies_.compiled; compiled != nullptr) {
    engine_.emplace<cedar::CompiledEvaluator>(*compiled, request, candidates.entities_,
                                              candidates.arena_, candidates.budget_);
  } else {
    engine_.emplace<cedar::Evaluator>(request, candidates.entities_.view(), candidates.arena_,
                                      &candidates.budget_);
  }
}

void Judge::judge(Candidate& candidate, Outcome& outcome) {
  using Standing = Candidate::Standing;
  const std::uint32_t place = candidate.place;
  const Policy& policy = candidates_.policy(place);
  Standing standing = candidate.standing;
  if (standing == Standing::kUnknown) {
    const auto holds = evaluate(place);
    if (!holds) return outcome.errors.push_back({&policy, holds.error()});
    standing = *holds ? Standing::kHolds : Standing::kDoesNotHold;
    if (candidates_.traits(place).is_steady) candidate.standing = standing;
  }
  if (standing == Standing::kHolds) outcome.matched.push_back(&policy);
}

cedar::Evaluated<bool> Judge::evaluate(std::uint32_t place) {
  auto* compiled = std::get_if<cedar::CompiledEvaluator>(&engine_);
  return compiled != nullptr
             ? compiled->conditions_hold(place)
             : std::get<cedar::Evaluator>(engine_).conditions_hold(candidates_.policy(place));
}

}  // namespace wardlock::pdp
