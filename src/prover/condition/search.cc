#include "prover/condition/search.h"

#include <array>
#include <optional>

namespace wardlock::prover {
namespace {

class CaseSearch {
 public:
  CaseSearch(const Conditions& conditions, std::span<const Requirement> requirements,
             const cedar::EntityStore& given, SearchBudget& budget, const TryCase& try_case)
      : conditions_(conditions),
        requirements_(requirements),
        given_(given),
        budget_(budget),
        try_case_(try_case),
        assumptions_(conditions.start()) {}

  // Recursion is bounded by the number of atoms.
  SearchEnd run() {
    std::optional<AtomId> next;
    for (const Requirement& each : requirements_) {
      const Outcomes possible = outcomes_of(*each.formula, assumptions_);
      if ((possible & each.wanted).is_empty()) return SearchEnd::kExhausted;
      if (!next && !each.wanted.has(possible)) next = first_open(*each.formula, assumptions_);
    }
    if (budget_.steps_left == 0) return SearchEnd::kOutOfBudget;
    --budget_.steps_left;
    const Consistency consistency(conditions_, assumptions_, given_);
    if (consistency.is_contradictory()) return SearchEnd::kExhausted;
    if (!next) {
      return try_case_(assumptions_, consistency) ? SearchEnd::kStopped : SearchEnd::kExhausted;
    }
    return branch(*next);
  }

 private:
  SearchEnd branch(AtomId atom) {
    constexpr std::array kOrder = {Outcomes::is_true(), Outcomes::is_false(), Outcomes::is_error()};
    const Outcomes before = assumptions_[atom];
    for (const Outcomes outcome : kOrder) {
      if (!before.has(outcome)) continue;
      assumptions_[atom] = outcome;
      const SearchEnd end = run();
      assumptions_[atom] = before;
      if (end != SearchEnd::kExhausted) return end;
    }
    return SearchEnd::kExhausted;
  }

  const Conditions& conditions_;
  std::span<const Requirement> requirements_;
  const cedar::EntityStore& given_;
  SearchBudget& budget_;
  const TryCase& try_case_;
  Assumptions assumptions_;
};

}  // namespace

SearchEnd search(const Conditions& conditions, std::span<const Requirement> requirements,
                 const cedar::EntityStore& given, SearchBudget& budget, const TryCase& try_case) {
  return CaseSearch(conditions, requirements, given, budget, try_case).run();
}

}  // namespace wardlock::prover
