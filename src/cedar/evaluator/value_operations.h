#pragma once

#include <span>
#include <string_view>

#include "base/arena.h"
#include "cedar/evaluator/step_budget.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

// Operations on values that take longer the larger the values are, so that whoever chooses the
// values chooses how long. Each is linear but for a logarithm, and takes its steps from a budget:
// about one for each member looked at, however deep, and for 64 bytes of text. Once that is used up
// they return at once, and what they return counts for nothing. Thread-safe, as the budget is not.

/// Cedar's `==`.
bool equal(const Value& a, const Value& b, StepBudget& budget);

bool contains(std::span<const Value> set, const Value& member, StepBudget& budget);
bool contains_all(std::span<const Value> set, std::span<const Value> members, StepBudget& budget);
bool contains_any(std::span<const Value> set, std::span<const Value> members, StepBudget& budget);

/// `make_set` of these members, which it sorts.
Value make_set(Arena& arena, std::span<Value> members, StepBudget& budget);

/// Whether `text` consists of the literal segments in this order with anything between them; see
/// LikeExpr. Bytes stand for code points, which is sound for valid UTF-8. Without backtracking.
bool is_like(std::string_view text, std::span<const std::string_view> segments, StepBudget& budget);

}  // namespace wardlock::cedar
