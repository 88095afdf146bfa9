#include "prover/condition/formula.h"

namespace wardlock::prover {
namespace {

/// Of operands in a row, where `goes_on` is the outcome after which the next one is evaluated.
Outcomes in_a_row(const Formula& formula, const Assumptions& assumptions, Outcomes goes_on) {
  Outcomes found = Outcomes::none();
  for (const Formula* operand : formula.operands) {
    const Outcomes here = outcomes_of(*operand, assumptions);
    found = found | here.without(goes_on);
    if (!here.has(goes_on)) return found;
  }
  return found | goes_on;
}

Outcomes negated(Outcomes outcomes) {
  Outcomes out = outcomes & Outcomes::is_error();
  if (outcomes.has(Outcomes::is_true())) out = out | Outcomes::is_false();
  if (outcomes.has(Outcomes::is_false())) out = out | Outcomes::is_true();
  return out;
}

Outcomes branched(const Formula& formula, const Assumptions& assumptions) {
  const Outcomes condition = outcomes_of(*formula.operands[0], assumptions);
  Outcomes found = condition & Outcomes::is_error();
  if (condition.has(Outcomes::is_true())) {
    found = found | outcomes_of(*formula.operands[1], assumptions);
  }
  if (condition.has(Outcomes::is_false())) {
    found = found | outcomes_of(*formula.operands[2], assumptions);
  }
  return found;
}

std::optional<AtomId> first_in_a_row(const Formula& formula, const Assumptions& assumptions,
                                     Outcomes goes_on) {
  for (const Formula* operand : formula.operands) {
    if (const auto open = first_open(*operand, assumptions)) return open;
    if (!outcomes_of(*operand, assumptions).has(goes_on)) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Outcomes outcomes_of(const Formula& formula, const Assumptions& assumptions) {
  switch (formula.op) {
    case Formula::Op::kConstant: return Outcomes::of(formula.value);
    case Formula::Op::kAtom: return assumptions[formula.atom];
    case Formula::Op::kNot: return negated(outcomes_of(*formula.operands[0], assumptions));
    case Formula::Op::kAnd: return in_a_row(formula, assumptions, Outcomes::is_true());
    case Formula::Op::kOr: return in_a_row(formula, assumptions, Outcomes::is_false());
    case Formula::Op::kIf: return branched(formula, assumptions);
  }
  return Outcomes::all();
}

std::optional<AtomId> first_open(const Formula& formula, const Assumptions& assumptions) {
  switch (formula.op) {
    case Formula::Op::kConstant: return std::nullopt;
    case Formula::Op::kAtom:
      return assumptions[formula.atom].is_settled() ? std::nullopt : std::optional(formula.atom);
    case Formula::Op::kNot: return first_open(*formula.operands[0], assumptions);
    case Formula::Op::kAnd: return first_in_a_row(formula, assumptions, Outcomes::is_true());
    case Formula::Op::kOr: return first_in_a_row(formula, assumptions, Outcomes::is_false());
    case Formula::Op::kIf: break;
  }
  if (const auto open = first_open(*formula.operands[0], assumptions)) return open;
  const Outcomes condition = outcomes_of(*formula.operands[0], assumptions);
  if (condition == Outcomes::is_error()) return std::nullopt;
  return first_open(*formula.operands[condition.has(Outcomes::is_true()) ? 1 : 2], assumptions);
}

}  // namespace wardlock::prover
