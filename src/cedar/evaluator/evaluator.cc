#include "cedar/evaluator/evaluator.h"

#include <fmt/format.h>

#include <algorithm>

#include "cedar/evaluator/value_operations.h"
#include "cedar/extension/extension.h"

namespace wardlock::cedar {
namespace {

std::unexpected<EvalError> type_error(const Expr& at, std::string_view expected, Kind found) {
  return std::unexpected(EvalError{
      .kind = EvalErrorKind::kTypeError, .found = found, .what = expected, .span = at.span});
}

std::unexpected<EvalError> overflow(const Expr& at, std::string_view operation) {
  return std::unexpected(
      EvalError{.kind = EvalErrorKind::kArithmeticOverflow, .what = operation, .span = at.span});
}

std::unexpected<EvalError> missing(EvalErrorKind kind, const Expr& at, std::string_view what,
                                   const EntityUid* entity) {
  return std::unexpected(EvalError{.kind = kind, .what = what, .entity = entity, .span = at.span});
}

/// Whether `<` and `<=` are defined on the kind.
bool is_ordered(Kind kind) {
  return kind == Kind::kLong || kind == Kind::kDatetime || kind == Kind::kDuration;
}

}  // namespace

std::string_view to_string(EvalErrorKind kind) {
  switch (kind) {
    case EvalErrorKind::kEntityDoesNotExist: return "entity_does_not_exist";
    case EvalErrorKind::kAttributeDoesNotExist: return "attribute_does_not_exist";
    case EvalErrorKind::kTagDoesNotExist: return "tag_does_not_exist";
    case EvalErrorKind::kTypeError: return "type_error";
    case EvalErrorKind::kArithmeticOverflow: return "arithmetic_overflow";
    case EvalErrorKind::kExtensionError: return "extension_error";
  }
  return "unknown";
}

std::string EvalError::message() const {
  switch (kind) {
    case EvalErrorKind::kEntityDoesNotExist:
      return fmt::format("the entity `{}` does not exist", to_text(*entity));
    case EvalErrorKind::kAttributeDoesNotExist:
      return entity != nullptr
                 ? fmt::format("`{}` has no attribute `{}`; test it with `has` first",
                               to_text(*entity), what)
                 : fmt::format("the record has no attribute `{}`; test it with `has` first", what);
    case EvalErrorKind::kTagDoesNotExist:
      return fmt::format("`{}` has no tag `{}`; test it with `hasTag` first", to_text(*entity),
                         what);
    case EvalErrorKind::kTypeError:
      return fmt::format("expected {}, found {}", what, to_string(found));
    case EvalErrorKind::kArithmeticOverflow:
      return fmt::format("the result of `{}` does not fit into 64 bits", what);
    case EvalErrorKind::kExtensionError: return std::string(what);
  }
  return "";
}

/// One overload per kind of node. `at` is the node, for the place in errors.
struct Evaluator::Visitor {
  Evaluator& self;
  const Expr& at;

  Evaluated<Value> operator()(const Literal& e) const { return e.value; }

  Evaluated<Value> operator()(Variable variable) const {
    switch (variable) {
      case Variable::kPrincipal: return Value::entity(self.request_.principal);
      case Variable::kAction: return Value::entity(self.request_.action);
      case Variable::kResource: return Value::entity(self.request_.resource);
      case Variable::kContext: break;
    }
    return self.request_.context;
  }

  Evaluated<Value> operator()(const UnaryExpr& e) const {
    if (e.op == UnaryOp::kNot) return Value::boolean(!TRY(self.evaluate_bool(*e.argument)));
    const Value argument = TRY(self.evaluate(*e.argument));
    if (e.op == UnaryOp::kIsEmpty) {
      if (!argument.is(Kind::kSet)) return type_error(*e.argument, "set", argument.kind());
      return Value::boolean(argument.as_set().empty());
    }
    if (!argument.is(Kind::kLong)) return type_error(*e.argument, "long", argument.kind());
    if (argument.as_long() == INT64_MIN) return overflow(at, "-");
    return Value::integer(-argument.as_long());
  }

  Evaluated<Value> operator()(const BinaryExpr& e) const {
    const Value left = TRY(self.evaluate(*e.left));
    const Value right = TRY(self.evaluate(*e.right));
    switch (e.op) {
      case BinaryOp::kEqual: return Value::boolean(equal(left, right, self.budget_));
      case BinaryOp::kNotEqual: return Value::boolean(!equal(left, right, self.budget_));
      case BinaryOp::kLess:
      case BinaryOp::kLessEqual:
      case BinaryOp::kGreater:
      case BinaryOp::kGreaterEqual: return ordered(e, left, right);
      case BinaryOp::kIn: return is_in(e, left, right);
      case BinaryOp::kAdd:
      case BinaryOp::kSubtract:
      case BinaryOp::kMultiply: return arithmetic(e, left, right);
      case BinaryOp::kContains:
        if (!left.is(Kind::kSet)) return type_error(*e.left, "set", left.kind());
        return Value::boolean(contains(left.as_set(), right, self.budget_));
      case BinaryOp::kContainsAll:
      case BinaryOp::kContainsAny: return contains_many(e, left, right);
      case BinaryOp::kGetTag:
      case BinaryOp::kHasTag: return tag(e, left, right);
    }
    return overflow(at, "");
  }

  Evaluated<Value> ordered(const BinaryExpr& e, const Value& left, const Value& right) const {
    if (!is_ordered(left.kind())) {
      return type_error(*e.left, "long, datetime or duration", left.kind());
    }
    if (right.kind() != left.kind()) {
      return type_error(*e.right, to_string(left.kind()), right.kind());
    }
    const auto order = compare(left, right);
    switch (e.op) {
      case BinaryOp::kLess: return Value::boolean(order < 0);
      case BinaryOp::kLessEqual: return Value::boolean(order <= 0);
      case BinaryOp::kGreater: return Value::boolean(order > 0);
      default: return Value::boolean(order >= 0);
    }
  }

  Evaluated<Value> arithmetic(const BinaryExpr& e, const Value& left, const Value& right) const {
    if (!left.is(Kind::kLong)) return type_error(*e.left, "long", left.kind());
    if (!right.is(Kind::kLong)) return type_error(*e.right, "long", right.kind());
    std::int64_t result = 0;
    switch (e.op) {
      case BinaryOp::kAdd:
        if (__builtin_add_overflow(left.as_long(), right.as_long(), &result)) {
          return overflow(at, "+");
        }
        break;
      case BinaryOp::kSubtract:
        if (__builtin_sub_overflow(left.as_long(), right.as_long(), &result)) {
          return overflow(at, "-");
        }
        break;
      default:
        if (__builtin_mul_overflow(left.as_long(), right.as_long(), &result)) {
          return overflow(at, "*");
        }
    }
    return Value::integer(result);
  }

  Evaluated<Value> is_in(const BinaryExpr& e, const Value& left, const Value& right) const {
    if (!left.is(Kind::kEntity)) return type_error(*e.left, "entity", left.kind());
    const EntityUid& uid = left.as_entity();
    if (right.is(Kind::kEntity)) return Value::boolean(self.is_in(uid, right.as_entity()));
    if (!right.is(Kind::kSet)) return type_error(*e.right, "entity or set", right.kind());
    // Every member must be an entity, also behind the first that matches.
    if (!self.budget_.take(right.as_set().size())) return overflow(at, "");
    for (const Value& group : right.as_set()) {
      if (!group.is(Kind::kEntity)) return type_error(*e.right, "set of entities", group.kind());
    }
    return Value::boolean(std::ranges::any_of(
        right.as_set(), [&](const Value& group) { return self.is_in(uid, group.as_entity()); }));
  }

  Evaluated<Value> contains_many(const BinaryExpr& e, const Value& left, const Value& right) const {
    if (!left.is(Kind::kSet)) return type_error(*e.left, "set", left.kind());
    if (!right.is(Kind::kSet)) return type_error(*e.right, "set", right.kind());
    const auto holds = e.op == BinaryOp::kContainsAll ? contains_all : contains_any;
    return Value::boolean(holds(left.as_set(), right.as_set(), self.budget_));
  }

  Evaluated<Value> tag(const BinaryExpr& e, const Value& left, const Value& right) const {
    if (!left.is(Kind::kEntity)) return type_error(*e.left, "entity", left.kind());
    if (!right.is(Kind::kString)) return type_error(*e.right, "string", right.kind());
    const Entity* entity = self.find(left.as_entity());
    const Value* found =
        entity == nullptr ? nullptr : find_field(entity->tags(), right.as_string());
    if (e.op == BinaryOp::kHasTag) return Value::boolean(found != nullptr);
    if (entity == nullptr) {
      return missing(EvalErrorKind::kEntityDoesNotExist, at, "", &left.as_entity());
    }
    if (found == nullptr) {
      return missing(EvalErrorKind::kTagDoesNotExist, at, right.as_string(), entity->uid());
    }
    return *found;
  }

  Evaluated<Value> operator()(const AndExpr& e) const {
    for (const Expr* operand : e.operands) {
      if (!TRY(self.evaluate_bool(*operand))) return Value::boolean(false);
    }
    return Value::boolean(true);
  }

  Evaluated<Value> operator()(const OrExpr& e) const {
    for (const Expr* operand : e.operands) {
      if (TRY(self.evaluate_bool(*operand))) return Value::boolean(true);
    }
    return Value::boolean(false);
  }

  Evaluated<Value> operator()(const IfExpr& e) const {
    return self.evaluate(TRY(self.evaluate_bool(*e.condition)) ? *e.then_branch : *e.else_branch);
  }

  Evaluated<Value> operator()(const GetAttr& e) const {
    const Value target = TRY(self.evaluate(*e.target));
    if (target.is(Kind::kRecord)) {
      if (const Value* value = find_field(target.as_record(), e.name)) return *value;
      return missing(EvalErrorKind::kAttributeDoesNotExist, at, e.name, nullptr);
    }
    if (!target.is(Kind::kEntity)) return type_error(*e.target, "entity or record", target.kind());
    const Entity* entity = self.find(target.as_entity());
    if (entity == nullptr) {
      return missing(EvalErrorKind::kEntityDoesNotExist, at, "", &target.as_entity());
    }
    if (const Value* value = find_field(entity->attributes(), e.name)) return *value;
    return missing(EvalErrorKind::kAttributeDoesNotExist, at, e.name, entity->uid());
  }

  Evaluated<Value> operator()(const HasAttr& e) const {
    Value target = TRY(self.evaluate(*e.target));
    for (const std::string_view name : e.path) {
      const Value* found = nullptr;
      if (target.is(Kind::kRecord)) {
        found = find_field(target.as_record(), name);
      } else if (target.is(Kind::kEntity)) {
        const Entity* entity = self.find(target.as_entity());
        if (entity != nullptr) found = find_field(entity->attributes(), name);
      } else {
        return type_error(*e.target, "entity or record", target.kind());
      }
      if (found == nullptr) return Value::boolean(false);
      target = *found;
    }
    return Value::boolean(true);
  }

  Evaluated<Value> operator()(const LikeExpr& e) const {
    const Value target = TRY(self.evaluate(*e.target));
    if (!target.is(Kind::kString)) return type_error(*e.target, "string", target.kind());
    return Value::boolean(is_like(target.as_string(), e.segments, self.budget_));
  }

  Evaluated<Value> operator()(const IsExpr& e) const {
    const Value target = TRY(self.evaluate(*e.target));
    if (!target.is(Kind::kEntity)) return type_error(*e.target, "entity", target.kind());
    const bool is_type = target.as_entity().type == e.type;
    if (e.in == nullptr || !is_type) return Value::boolean(is_type);
    const Value group = TRY(self.evaluate(*e.in));
    return is_in(BinaryExpr{BinaryOp::kIn, e.target, e.in}, target, group);
  }

  Evaluated<Value> operator()(const SetExpr& e) const {
    const std::span<Value> members = self.arena_.allocate<Value>(e.members.size());
    for (std::size_t i = 0; i < members.size(); ++i) members[i] = TRY(self.evaluate(*e.members[i]));
    return make_set(self.arena_, members, self.budget_);
  }

  Evaluated<Value> operator()(const RecordExpr& e) const {
    const std::span<Field> fields = self.arena_.allocate<Field>(e.entries.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      fields[i] = {e.entries[i].name, TRY(self.evaluate(*e.entries[i].value))};
    }
    return Value::record(fields);
  }

  Evaluated<Value> operator()(const ExtensionCall& e) const {
    const std::span<Value> arguments = self.arena_.allocate<Value>(e.arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      arguments[i] = TRY(self.evaluate(*e.arguments[i]));
    }
    auto result = call_extension(e.function, arguments, self.arena_);
    if (result) return *result;
    return missing(EvalErrorKind::kExtensionError, at,
                   self.arena_.copy(std::string_view(result.error().message)), nullptr);
  }
};

Evaluator::Evaluator(const Request& request, const EntityView& entities, Arena& arena,
                     StepBudget* budget)
    : request_(request),
      entities_(entities),
      arena_(arena),
      budget_(budget == nullptr ? unlimited_ : *budget),
      principal_(entities.find(*request.principal)),
      action_(entities.find(*request.action)),
      resource_(entities.find(*request.resource)) {}

Evaluated<Value> Evaluator::evaluate(const Expr& expr) {
  // Whoever gave the budget knows that this error is none.
  if (!budget_.take()) return overflow(expr, "");
  return std::visit(Visitor{*this, expr}, expr.node);
}

Evaluated<bool> Evaluator::evaluate_bool(const Expr& expr) {
  const Value value = TRY(evaluate(expr));
  if (!value.is(Kind::kBool)) return type_error(expr, "bool", value.kind());
  return value.as_bool();
}

const Entity* Evaluator::find(const EntityUid& uid) const {
  if (&uid == request_.principal) return principal_;
  if (&uid == request_.resource) return resource_;
  if (&uid == request_.action) return action_;
  return entities_.find(uid);
}

bool Evaluator::is_in(const EntityUid& uid, const EntityUid& group) const {
  if (uid == group) return true;
  const Entity* entity = find(uid);
  return entity != nullptr && entities_.has_ancestor(*entity, group);
}

bool Evaluator::matches(const ScopeConstraint& scope, const EntityUid& uid,
                        const EntityUid* slot) const {
  const EntityUid* wanted = scope.entity != nullptr ? scope.entity : slot;
  switch (scope.op) {
    case ScopeConstraint::Op::kAny: return true;
    case ScopeConstraint::Op::kEqual: return uid == *wanted;
    case ScopeConstraint::Op::kIn: return is_in(uid, *wanted);
    case ScopeConstraint::Op::kIs: return uid.type == scope.type;
    case ScopeConstraint::Op::kIsIn: return uid.type == scope.type && is_in(uid, *wanted);
  }
  return false;
}

bool Evaluator::matches(const ActionConstraint& scope) const {
  const EntityUid& action = *request_.action;
  switch (scope.op) {
    case ActionConstraint::Op::kAny: return true;
    case ActionConstraint::Op::kEqual: return action == *scope.actions.front();
    case ActionConstraint::Op::kIn:
      return std::ranges::any_of(scope.actions,
                                 [&](const EntityUid* group) { return is_in(action, *group); });
  }
  return false;
}

bool Evaluator::matches_principal(const Policy& policy) const {
  return matches(policy.body->principal, *request_.principal, policy.principal_slot);
}

bool Evaluator::matches_action(const Policy& policy) const { return matches(policy.body->action); }

bool Evaluator::matches_resource(const Policy& policy) const {
  return matches(policy.body->resource, *request_.resource, policy.resource_slot);
}

Evaluated<bool> Evaluator::is_satisfied(const Policy& policy) {
  if (!matches_principal(policy) || !matches_action(policy) || !matches_resource(policy)) {
    return false;
  }
  return conditions_hold(policy);
}

Evaluated<bool> Evaluator::conditions_hold(const Policy& policy) {
  for (const Condition& condition : policy.body->conditions) {
    if (TRY(evaluate_bool(*condition.body)) == condition.is_unless) return false;
  }
  return true;
}

}  // namespace wardlock::cedar
