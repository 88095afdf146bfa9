#include "plan/condition.h"

#include <utility>

namespace wardlock::plan {
namespace {

using Kind = Condition::Kind;

/// `neutral` changes nothing, `decider` decides.
Condition combine(Kind kind, Kind neutral, Kind decider, std::vector<Condition> parts) {
  std::vector<Condition> kept;
  for (Condition& part : parts) {
    if (part.kind == neutral) continue;
    if (part.kind == decider) return {.kind = decider};
    if (part.kind == kind) {
      for (Condition& inner : part.parts) kept.push_back(std::move(inner));
    } else {
      kept.push_back(std::move(part));
    }
  }
  if (kept.empty()) return {.kind = neutral};
  if (kept.size() == 1) return std::move(kept.front());
  return {.kind = kind, .parts = std::move(kept)};
}

}  // namespace

Condition Condition::test(const cedar::Residual& residual, Outcomes is) {
  const auto decided = [&](Outcome outcome) { return is.has(outcome) ? always() : never(); };
  switch (residual.outcome) {
    case cedar::Residual::Outcome::kTrue: return decided(Outcome::kTrue);
    case cedar::Residual::Outcome::kFalse: return decided(Outcome::kFalse);
    case cedar::Residual::Outcome::kError: return decided(Outcome::kError);
    case cedar::Residual::Outcome::kUnknown: break;
  }
  return {.kind = Kind::kTest,
          .policy = residual.policy,
          .expression = residual.condition,
          .is = residual.is_total ? is.without(Outcome::kError) : is,
          .can_err = !residual.is_total};
}

Condition Condition::all(std::vector<Condition> parts) {
  return combine(Kind::kAll, Kind::kAlways, Kind::kNever, std::move(parts));
}

Condition Condition::any(std::vector<Condition> parts) {
  return combine(Kind::kAny, Kind::kNever, Kind::kAlways, std::move(parts));
}

}  // namespace wardlock::plan
