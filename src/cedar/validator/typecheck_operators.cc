#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cedar/ast/names.h"
#include "cedar/extension/extension.h"
#include "cedar/validator/typechecker.h"

namespace wardlock::cedar {

Typechecker::Typed Typechecker::check_binary(const Expr& at, const BinaryExpr& e) {
  switch (e.op) {
    case BinaryOp::kEqual: return check_equal(at, e);
    case BinaryOp::kNotEqual: return {TypePool::negation(check_equal(at, e).type)};
    case BinaryOp::kLess:
    case BinaryOp::kLessEqual:
    case BinaryOp::kGreater:
    case BinaryOp::kGreaterEqual: return check_less(e);
    case BinaryOp::kIn: return check_in(e);
    case BinaryOp::kAdd: return check_arithmetic(e, "+");
    case BinaryOp::kSubtract: return check_arithmetic(e, "-");
    case BinaryOp::kMultiply: return check_arithmetic(e, "*");
    case BinaryOp::kContains:
    case BinaryOp::kContainsAll:
    case BinaryOp::kContainsAny: return check_contains(at, e);
    case BinaryOp::kGetTag: return check_get_tag(at, e);
    case BinaryOp::kHasTag: return check_has_tag(e);
  }
  return {};
}

/// Literals are compared, and entities of different types are never equal. What else differs in
/// type is refused in strict mode.
Typechecker::Typed Typechecker::check_equal(const Expr& at, const BinaryExpr& e) {
  const InferredType* left = check(*e.left).type;
  const InferredType* right = check(*e.right).type;
  const InferredType* unknown = TypePool::basic(Kind::kBool);
  if (left == nullptr || right == nullptr) return {unknown};
  if (left->is(Kind::kEntity) && right->is(Kind::kEntity) && pool_.are_disjoint(*left, *right)) {
    return {TypePool::constant(false)};
  }
  const auto left_value = known_value(*e.left);
  const auto right_value = known_value(*e.right);
  if (left_value && right_value) return {TypePool::constant(*left_value == *right_value)};
  expect_compatible(at, left, right, "both sides of `==` or `!=` must be of one type");
  return {unknown};
}

Typechecker::Typed Typechecker::check_less(const BinaryExpr& e) {
  const std::string_view operation = e.op == BinaryOp::kLess        ? "<"
                                     : e.op == BinaryOp::kLessEqual ? "<="
                                     : e.op == BinaryOp::kGreater   ? ">"
                                                                    : ">=";
  const Typed boolean = {TypePool::basic(Kind::kBool)};
  const Typed left = check(*e.left, Wanted::kOrdered, operation);
  const Typed right = check(*e.right, Wanted::kOrdered, operation);
  if (left.type == nullptr || right.type == nullptr || left.type == right.type) return boolean;
  error(*e.right, ValidationCode::kTypeMismatch,
        fmt::format("`{}` compares a {} with a {}", operation, to_string(*left.type),
                    to_string(*right.type)),
        "both sides must be of one type");
  return boolean;
}

Typechecker::Typed Typechecker::check_arithmetic(const BinaryExpr& e, std::string_view operation) {
  check(*e.left, Wanted::kLong, operation);
  check(*e.right, Wanted::kLong, operation);
  return {TypePool::basic(Kind::kLong)};
}

Typechecker::Typed Typechecker::check_contains(const Expr& at, const BinaryExpr& e) {
  const bool is_one = e.op == BinaryOp::kContains;
  const std::string_view operation = is_one                           ? "contains"
                                     : e.op == BinaryOp::kContainsAll ? "containsAll"
                                                                      : "containsAny";
  const InferredType* set = check(*e.left, Wanted::kSet, operation).type;
  const InferredType* other =
      is_one ? check(*e.right).type : check(*e.right, Wanted::kSet, operation).type;
  if (set != nullptr && is_one) {
    expect_compatible(at, set->element, other, "`contains` looks for a value of another type");
  } else {
    expect_compatible(at, set, other, "the two sets must be of one type");
  }
  return {TypePool::basic(Kind::kBool)};
}

Typechecker::Typed Typechecker::check_in(const BinaryExpr& e) {
  const InferredType* left = check(*e.left, Wanted::kEntity, "in").type;
  const InferredType* right = check(*e.right, Wanted::kEntityOrEntities, "in").type;
  if (left == nullptr || right == nullptr) return {TypePool::basic(Kind::kBool)};
  return {type_of_in(*e.left, *left, *e.right, *right)};
}

/// `x is T in y` is `x is T && x in y`.
Typechecker::Typed Typechecker::check_is(const IsExpr& e) {
  const InferredType* target = check(*e.target, Wanted::kEntity, "is").type;
  const InferredType* is = TypePool::basic(Kind::kBool);
  if (target != nullptr) {
    const bool may_be = std::ranges::binary_search(target->entity_types, e.type);
    if (!may_be) return {TypePool::constant(false)};
    if (target->entity_types.size() == 1) is = TypePool::constant(true);
  }
  if (e.in == nullptr) return {is};
  const InferredType* group = check(*e.in, Wanted::kEntityOrEntities, "in").type;
  if (target == nullptr || group == nullptr) return {TypePool::basic(Kind::kBool)};
  const InferredType* in = type_of_in(*e.target, *target, *e.in, *group);
  return {is->is_always(true) || in->is_always(false) ? in : TypePool::basic(Kind::kBool)};
}

/// An action's groups are known, so `in` between actions that are known is too. Otherwise the types
/// may rule it out.
const InferredType* Typechecker::type_of_in(const Expr& left, const InferredType& left_type,
                                            const Expr& right, const InferredType& right_type) {
  const EntityUid* action = known_entity(left);
  if (action != nullptr && is_action_type(action->type)) {
    if (const auto is_in = is_action_in(*action, right)) return TypePool::constant(*is_in);
  }
  const InferredType* groups = right_type.is(Kind::kSet) ? right_type.element : &right_type;
  if (groups != nullptr && !pool_.may_be_in(left_type, *groups)) return TypePool::constant(false);
  return TypePool::basic(Kind::kBool);
}

std::optional<bool> Typechecker::is_action_in(const EntityUid& action, const Expr& groups) const {
  if (const EntityUid* group = known_entity(groups)) return pool_.is_in(action, *group);
  const auto* set = std::get_if<SetExpr>(&groups.node);
  if (set == nullptr) return std::nullopt;
  bool is_in_any = false;
  for (const Expr* member : set->members) {
    const EntityUid* group = known_entity(*member);
    if (group == nullptr) return std::nullopt;
    is_in_any = is_in_any || pool_.is_in(action, *group);
  }
  return is_in_any;
}

/// What an extension function takes and gives.
struct Typechecker::Signature {
  std::array<Wanted, 2> arguments;
  Kind result;
};

const Typechecker::Signature& Typechecker::signature_of(ExtensionFunction function) {
  using enum Wanted;
  static constexpr Signature kDecimals = {{kDecimal, kDecimal}, Kind::kBool};
  static constexpr Signature kIps = {{kIp, kIp}, Kind::kBool};
  static constexpr Signature kUnit = {{kDuration}, Kind::kLong};
  static constexpr Signature kMakeDecimal = {{kString}, Kind::kDecimal};
  static constexpr Signature kMakeIp = {{kString}, Kind::kIp};
  static constexpr Signature kMakeDatetime = {{kString}, Kind::kDatetime};
  static constexpr Signature kMakeDuration = {{kString}, Kind::kDuration};
  static constexpr Signature kOffset = {{kDatetime, kDuration}, Kind::kDatetime};
  static constexpr Signature kSince = {{kDatetime, kDatetime}, Kind::kDuration};
  static constexpr Signature kDate = {{kDatetime}, Kind::kDatetime};
  static constexpr Signature kTime = {{kDatetime}, Kind::kDuration};
  switch (function) {
    case ExtensionFunction::kDecimal: return kMakeDecimal;
    case ExtensionFunction::kLessThan:
    case ExtensionFunction::kLessThanOrEqual:
    case ExtensionFunction::kGreaterThan:
    case ExtensionFunction::kGreaterThanOrEqual: return kDecimals;
    case ExtensionFunction::kIp: return kMakeIp;
    case ExtensionFunction::kIsIpv4:
    case ExtensionFunction::kIsIpv6:
    case ExtensionFunction::kIsLoopback:
    case ExtensionFunction::kIsMulticast:
    case ExtensionFunction::kIsInRange: return kIps;
    case ExtensionFunction::kDatetime: return kMakeDatetime;
    case ExtensionFunction::kDuration: return kMakeDuration;
    case ExtensionFunction::kOffset: return kOffset;
    case ExtensionFunction::kDurationSince: return kSince;
    case ExtensionFunction::kToDate: return kDate;
    case ExtensionFunction::kToTime: return kTime;
    case ExtensionFunction::kToMilliseconds:
    case ExtensionFunction::kToSeconds:
    case ExtensionFunction::kToMinutes:
    case ExtensionFunction::kToHours:
    case ExtensionFunction::kToDays: break;
  }
  return kUnit;
}

Typechecker::Typed Typechecker::check_call(const Expr& at, const ExtensionCall& e) {
  const Signature& signature = signature_of(e.function);
  const std::size_t wanted = arity(e.function);
  if (e.arguments.size() != wanted) {
    error(at, ValidationCode::kArgumentCount,
          fmt::format("`{}` takes {} argument{}, not {}", to_string(e.function),
                      call_style(e.function) == CallStyle::kMethod ? wanted - 1 : wanted,
                      wanted == 1 ? "" : "s", e.arguments.size()));
    for (const Expr* argument : e.arguments) check(*argument);
    return {TypePool::basic(signature.result)};
  }
  if (call_style(e.function) == CallStyle::kFunction) check_constructor(at, e);
  for (std::size_t i = 0; i < wanted; ++i) {
    check(*e.arguments[i], signature.arguments[i], to_string(e.function));
  }
  return {TypePool::basic(signature.result)};
}

/// What can be built now is; in strict mode nothing else is allowed.
void Typechecker::check_constructor(const Expr& at, const ExtensionCall& e) {
  const auto argument = literal_of(*e.arguments.front());
  if (!argument) {
    if (!pool_.is_strict()) return;
    error(at, ValidationCode::kNotLiteral,
          fmt::format("the argument of `{}` is not a literal", to_string(e.function)),
          "write the value itself, or let an attribute be of this type");
    return;
  }
  if (!argument->is(Kind::kString)) return;
  Arena arena;
  const auto value = call_extension(e.function, std::span(&*argument, 1), arena);
  if (!value) error(at, ValidationCode::kBadArgument, value.error().message);
}

}  // namespace wardlock::cedar
