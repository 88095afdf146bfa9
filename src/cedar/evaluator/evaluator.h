#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"

namespace wardlock::cedar {

/// What is asked. Borrows from the arena it was made in. `context` is a record.
struct Request {
  const EntityUid* principal;
  const EntityUid* action;
  const EntityUid* resource;
  Value context = Value::record({});
};

/// Why an expression has no value: the closed list of Cedar's specification, plus our own limit.
enum class EvalErrorKind : std::uint8_t {
  kEntityDoesNotExist,
  kAttributeDoesNotExist,
  kTagDoesNotExist,
  kTypeError,
  kArithmeticOverflow,
  kExtensionError,
  kLimitExceeded,
};

std::string_view to_string(EvalErrorKind kind);

/// `what` is made when the error happens: cheap for a missing attribute, a sentence elsewhere.
struct EvalError {
  EvalErrorKind kind;
  std::string message;
  Span span;
};

template <typename T>
using Evaluated = std::expected<T, EvalError>;

/// Evaluates expressions for one request. Borrows everything it is given; results live as long as
/// the arena, the policies, the request and the entities. Not thread-safe; make one per request.
class Evaluator {
 public:
  Evaluator(const Request& request, const EntityView& entities, Arena& arena);

  Evaluated<Value> evaluate(const Expr& expr);

  /// Whether the policy's scope and conditions hold.
  Evaluated<bool> is_satisfied(const Policy& policy);

 private:
  friend class ExprEvaluation;

  const Entity* find(const EntityUid& uid);
  bool is_in(const EntityUid& uid, const EntityUid& group);
  bool matches(const ScopeConstraint& scope, const EntityUid& uid, const EntityUid* slot);
  bool matches(const ActionConstraint& scope);

  const Request& request_;
  EntityView entities_;
  Arena& arena_;
  const Entity* principal_;
  const Entity* action_;
  const Entity* resource_;
};

}  // namespace wardlock::cedar
