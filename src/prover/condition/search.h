#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "cedar/entities/entity_store.h"
#include "prover/condition/conditions.h"
#include "prover/condition/consistency.h"

namespace wardlock::prover {

/// A formula, and the outcomes that are wanted of it.
struct Requirement {
  const Formula* formula = nullptr;
  Outcomes wanted = Outcomes::is_true();
};

/// How many steps may still be taken: assumptions made about an atom.
struct SearchBudget {
  std::uint64_t steps_left = 0;
};

enum class SearchEnd : std::uint8_t {
  kExhausted,    ///< there are no other cases
  kStopped,      ///< who was told of a case had enough
  kOutOfBudget,  ///< there may be others
};

/// Tells whether the search may stop: this case will do.
using TryCase = std::function<bool(const Assumptions&, const Consistency&)>;

/// Goes through all cases in which every requirement is met: outcomes of atoms, no more of them
/// settled than it takes, that do not contradict one another (`Consistency`). Deterministic.
///
/// INVARIANT: every request that fits the schema, over entities that fit it among which the given
/// ones are as they are, and in which the requirements are met, is of one of the cases, if the end
/// is kExhausted.
SearchEnd search(const Conditions& conditions, std::span<const Requirement> requirements,
                 const cedar::EntityStore& given, SearchBudget& budget, const TryCase& try_case);

}  // namespace wardlock::prover
