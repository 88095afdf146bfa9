#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/step_budget.h"

namespace wardlock::cedar {

/// What is asked. Borrows from the arena it was made in. `context` is a record.
struct Request {
  const EntityUid* principal;
  const EntityUid* action;
  const EntityUid* resource;
  Value context = Value::record({});
};

/// Why an expression has no value: the closed list of Cedar's specification.
enum class EvalErrorKind : std::uint8_t {
  kEntityDoesNotExist,
  kAttributeDoesNotExist,
  kTagDoesNotExist,
  kTypeError,
  kArithmeticOverflow,
  kExtensionError,
};

std::string_view to_string(EvalErrorKind kind);

/// Why, and where. Borrows from the policy, the request and the evaluation's arena; the sentence is
/// only made when somebody reads it.
struct EvalError {
  EvalErrorKind kind;
  Kind found = Kind::kBool;           ///< of kTypeError: the kind that was there
  std::string_view what;              ///< the attribute, tag, operation, expectation or reason
  const EntityUid* entity = nullptr;  ///< the entity that lacks it, or does not exist
  Span span;

  std::string message() const;
};

template <typename T>
using Evaluated = std::expected<T, EvalError>;

/// Evaluates expressions for one request. Borrows everything it is given; results and errors live
/// as long as the arena, the policies, the request and the entities. Not thread-safe; make one per
/// request. Recursion is bounded by the depth of the expressions (ParseLimits).
class Evaluator {
 public:
  /// With a budget, evaluation takes steps from it, and stops with some error when it is used up.
  Evaluator(const Request& request, const EntityView& entities, Arena& arena,
            StepBudget* budget = nullptr);
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  Evaluated<Value> evaluate(const Expr& expr);

  /// Whether the policy's scope and conditions hold.
  Evaluated<bool> is_satisfied(const Policy& policy);

  /// Whether the policy's conditions hold, whatever its scope.
  Evaluated<bool> conditions_hold(const Policy& policy);

  /// Whether one element of the policy's scope holds, whatever the others do.
  bool matches_principal(const Policy& policy) const;
  bool matches_action(const Policy& policy) const;
  bool matches_resource(const Policy& policy) const;

 private:
  struct Visitor;

  Evaluated<bool> evaluate_bool(const Expr& expr);
  const Entity* find(const EntityUid& uid) const;
  bool is_in(const EntityUid& uid, const EntityUid& group) const;
  bool matches(const ScopeConstraint& scope, const EntityUid& uid, const EntityUid* slot) const;
  bool matches(const ActionConstraint& scope) const;

  const Request& request_;
  EntityView entities_;
  Arena& arena_;
  StepBudget unlimited_{UINT64_MAX};  ///< where no other is given
  StepBudget& budget_;
  // The request's own entities are looked up once.
  const Entity* principal_;
  const Entity* action_;
  const Entity* resource_;
};

}  // namespace wardlock::cedar
