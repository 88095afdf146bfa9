#pragma once

#include <optional>
#include <vector>

#include "prover/condition/outcomes.h"
#include "prover/condition/term.h"

namespace wardlock::prover {

/// A condition over atoms, with Cedar's order of evaluation and its errors. Nodes belong to the
/// `Conditions` that made them.
struct Formula {
  enum class Op : std::uint8_t { kConstant, kAtom, kNot, kAnd, kOr, kIf };
  Op op = Op::kConstant;
  bool value = true;  ///< of kConstant
  AtomId atom = 0;    ///< of kAtom
  std::vector<const Formula*> operands = {};
};

/// What is assumed of each atom: the outcomes that are left.
using Assumptions = std::vector<Outcomes>;

/// The outcomes that the formula can have: never one too few; some too many where one atom stands
/// in it several times and is not settled.
Outcomes outcomes_of(const Formula& formula, const Assumptions& assumptions);

/// The first atom, in the order of evaluation, that is not settled and may matter, or nothing.
std::optional<AtomId> first_open(const Formula& formula, const Assumptions& assumptions);

}  // namespace wardlock::prover
