#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cedar/ast/expr.h"
#include "cedar/evaluator/evaluator.h"

namespace wardlock::cedar {

/// A place of an expression that asks the request or the entities for something, and what it got.
/// Borrows from the policy, the request, the entities and the evaluation's arena.
struct Read {
  enum class Kind : std::uint8_t {
    kVariable,   ///< `principal`, …, `context` alone
    kAttribute,  ///< `target.name`, `target has name`
    kTag,        ///< `target.getTag(…)`, `target.hasTag(…)`
    kHierarchy,  ///< `target in group`
  };
  Kind kind = Kind::kVariable;
  const Expr* expr = nullptr;
  std::optional<Value> target = {};  ///< what was asked; nothing for a variable
  std::string_view name = {};  ///< the attribute or tag; of `has a.b.c` there is a read for each
  std::optional<Value> group = {};  ///< of kHierarchy
  std::optional<Value> value = {};  ///< of the place; nothing where it errs
  bool is_outermost = false;        ///< its value is no other read's target; never of `has`, `in`
};

/// All reads that evaluating the expression comes to, in the order of the evaluation: what is
/// behind a short circuit or an error is not among them. Cost: at most the expression's size times
/// its depth. `entities` are the evaluator's own.
std::vector<Read> reads_of(const Expr& expr, Evaluator& evaluator, const EntityView& entities);

}  // namespace wardlock::cedar
