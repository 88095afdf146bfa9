#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/trace/parts.h"

namespace wardlock::cedar {

/// What evaluating a part came to. A part's outcome is its own value: under `unless` or `!` it is
/// kFalse that lets the policy match.
enum class Outcome : std::uint8_t { kTrue, kFalse, kError, kNotEvaluated };

std::string_view to_string(Outcome outcome);

/// A sub-expression that reads something (`principal.ward`, `context.rate`), and its value.
struct Seen {
  const Expr* expr;
  Value value;
};

struct PartTrace {
  Outcome outcome = Outcome::kNotEvaluated;
  std::optional<EvalError> error = {};  ///< with kError, and only then
  std::vector<Seen> seen = {};          ///< in the order read; at most kMaxSeen
};

inline constexpr std::size_t kMaxSeen = 16;

struct PolicyTrace {
  Outcome outcome = Outcome::kFalse;  ///< of the policy; never kNotEvaluated
  std::vector<PartTrace> parts;       ///< in the order of `parts_of`
};

enum class TraceDetail : std::uint8_t {
  kOutcomes,  ///< leaves `seen` empty, which costs little more than deciding
  kValues,
};

/// Evaluates the policy and notes what each part came to. Agrees with `Evaluator::is_satisfied`,
/// the error included; what that does not reach (an element of the scope behind one that fails, an
/// operand behind a short circuit or an error) is kNotEvaluated. Borrows from everything it is
/// given. With a budget, it takes steps from it, and what it finds when it is used up counts for
/// nothing. Errors have the span of the part where the evaluator has that of what is around it.
PolicyTrace trace(const Policy& policy, const Request& request, const EntityView& entities,
                  Arena& arena, TraceDetail detail = TraceDetail::kValues,
                  StepBudget* budget = nullptr);

/// What one part comes to by itself, whether or not the policy's evaluation reaches it. Requires
/// the part to be one of the policy's, and the entities to be the evaluator's.
PartTrace trace_part(const Policy& policy, const Part& part, Evaluator& evaluator,
                     const EntityView& entities, TraceDetail detail = TraceDetail::kValues);

}  // namespace wardlock::cedar
