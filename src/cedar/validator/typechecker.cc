#include "cedar/validator/typechecker.h"

#include <fmt/format.h>

#include "cedar/ast/names.h"

namespace wardlock::cedar {

/// One overload per kind of node. `at` is the node, for the place in errors.
struct Typechecker::Visitor {
  Typechecker& self;
  const Expr& at;

  Typed operator()(const Literal& e) const {
    switch (e.value.kind()) {
      case Kind::kBool: return {TypePool::constant(e.value.as_bool())};
      case Kind::kEntity: return {self.type_of(e.value.as_entity())};
      default: return {TypePool::basic(e.value.kind())};
    }
  }
  Typed operator()(Variable variable) const {
    const RequestEnvironment& environment = self.environment_;
    switch (variable) {
      case Variable::kPrincipal: return {self.pool_.entity(environment.principal)};
      case Variable::kAction: return {self.pool_.entity(environment.action->uid->type)};
      case Variable::kResource: return {self.pool_.entity(environment.resource)};
      case Variable::kContext: break;
    }
    return {self.pool_.from_schema(*environment.action->context)};
  }
  Typed operator()(const UnaryExpr& e) const {
    switch (e.op) {
      case UnaryOp::kNot: return {TypePool::negation(self.check_bool(*e.argument, "!").type)};
      case UnaryOp::kNegate:
        self.check(*e.argument, Wanted::kLong, "-");
        return {TypePool::basic(Kind::kLong)};
      case UnaryOp::kIsEmpty: self.check(*e.argument, Wanted::kSet, "isEmpty");
    }
    return {TypePool::basic(Kind::kBool)};
  }
  Typed operator()(const BinaryExpr& e) const { return self.check_binary(at, e); }
  Typed operator()(const AndExpr& e) const { return self.check_and(e.operands); }
  Typed operator()(const OrExpr& e) const { return self.check_or(e.operands); }
  Typed operator()(const IfExpr& e) const { return self.check_if(at, e); }
  Typed operator()(const GetAttr& e) const { return self.check_get(at, e); }
  Typed operator()(const HasAttr& e) const { return self.check_has(at, e); }
  Typed operator()(const LikeExpr& e) const {
    self.check(*e.target, Wanted::kString, "like");
    return {TypePool::basic(Kind::kBool)};
  }
  Typed operator()(const IsExpr& e) const { return self.check_is(e); }
  Typed operator()(const SetExpr& e) const { return self.check_set(at, e); }
  Typed operator()(const RecordExpr& e) const { return self.check_record(e); }
  Typed operator()(const ExtensionCall& e) const { return self.check_call(at, e); }
};

ConditionsTyping Typechecker::check(const Template& policy) {
  ConditionsTyping typing;
  typing.conditions.resize(policy.conditions.size());
  Capabilities learned;
  for (std::size_t i = 0; i < policy.conditions.size(); ++i) {
    const Condition& condition = policy.conditions[i];
    const std::string_view keyword = condition.is_unless ? "unless" : "when";
    Typed typed = check(*condition.body, Wanted::kBool, keyword);
    typing.conditions[i] = typed.type;
    if (typed.type != nullptr && typed.type->is_always(condition.is_unless)) {
      typing.is_impossible = true;
      break;
    }
    if (condition.is_unless) continue;  // what is learned where it is true is of no use
    capabilities_.assume(typed.learned);
    add_all(learned, typed.learned);
  }
  capabilities_.forget(learned);
  return typing;
}

Typechecker::Typed Typechecker::check(const Expr& expr) {
  steps_.spend(1);
  if (steps_.are_used_up()) return {};
  Typed typed = std::visit(Visitor{*this, expr}, expr.node);
  if (types_ != nullptr && typed.type != nullptr) (*types_)[&expr] = typed.type;
  return typed;
}

Typechecker::Typed Typechecker::check(const Expr& expr, Wanted wanted, std::string_view operation) {
  Typed typed = check(expr);
  if (typed.type == nullptr || matches(wanted, *typed.type)) return typed;
  report_mismatch(expr, wanted, *typed.type, operation);
  return {};
}

Typechecker::Typed Typechecker::check_bool(const Expr& expr, std::string_view operation) {
  Typed typed = check(expr, Wanted::kBool, operation);
  if (typed.type == nullptr) typed.type = TypePool::basic(Kind::kBool);
  return typed;
}

/// An operand is evaluated where all before it are true, so what they teach is known there. Behind
/// one that is always false nothing is evaluated.
Typechecker::Typed Typechecker::check_and(std::span<const Expr* const> operands) {
  Typed all = {TypePool::constant(true)};
  for (const Expr* operand : operands) {
    const Typed typed = check_bool(*operand, "&&");
    if (typed.type->is_always(false)) {
      all.type = typed.type;
      break;
    }
    if (all.type->is_always(true)) {
      all.type = typed.type;
    } else if (!typed.type->is_always(true)) {
      all.type = TypePool::basic(Kind::kBool);
    }
    capabilities_.assume(typed.learned);
    add_all(all.learned, typed.learned);
  }
  capabilities_.forget(all.learned);
  if (all.type->is_always(false)) all.learned.clear();
  return all;
}

/// Where a chain of `||` is true, one operand is: only what all could have taught is known.
Typechecker::Typed Typechecker::check_or(std::span<const Expr* const> operands) {
  Typed any = {TypePool::constant(false)};
  for (const Expr* operand : operands) {
    Typed typed = check_bool(*operand, "||");
    if (typed.type->is_always(false)) continue;
    if (typed.type->is_always(true) || any.type->is_always(false)) {
      any = std::move(typed);
      if (any.type->is_always(true)) break;
    } else {
      any = {TypePool::basic(Kind::kBool), common(any.learned, typed.learned)};
    }
  }
  return any;
}

Typechecker::Typed Typechecker::check_if(const Expr& at, const IfExpr& e) {
  const Typed condition = check_bool(*e.condition, "if");
  if (condition.type->is_always(false)) return check(*e.else_branch);
  capabilities_.assume(condition.learned);
  Typed then_branch = check(*e.then_branch);
  capabilities_.forget(condition.learned);
  add_all(then_branch.learned, condition.learned);
  if (condition.type->is_always(true)) return then_branch;
  const Typed else_branch = check(*e.else_branch);
  if (then_branch.type == nullptr || else_branch.type == nullptr) return {};
  const InferredType* bound = pool_.least_upper_bound(then_branch.type, else_branch.type);
  if (bound == nullptr) {
    error(at, ValidationCode::kIncompatibleTypes,
          fmt::format("the branches of `if` differ in type: {}",
                      pool_.why_incompatible(then_branch.type, else_branch.type)),
          "let both branches be of one type");
    return {};
  }
  return {bound, common(then_branch.learned, else_branch.learned)};
}

Typechecker::Typed Typechecker::check_record(const RecordExpr& e) {
  std::vector<InferredAttribute> attributes;
  attributes.reserve(e.entries.size());
  bool is_known = true;
  for (const RecordEntry& entry : e.entries) {
    const InferredType* type = check(*entry.value).type;
    is_known = is_known && type != nullptr;
    attributes.push_back({entry.name, type, true});
  }
  if (!is_known) return {};
  return {pool_.record(attributes)};
}

Typechecker::Typed Typechecker::check_set(const Expr& at, const SetExpr& e) {
  if (e.members.empty() && pool_.is_strict()) {
    error(at, ValidationCode::kEmptySet, "an empty set has no type of its own",
          "compare with `isEmpty()`, or leave the set out");
    return {};
  }
  std::vector<const InferredType*> types;
  types.reserve(e.members.size());
  bool is_known = true;
  for (const Expr* member : e.members) {
    types.push_back(check(*member).type);
    is_known = is_known && types.back() != nullptr;
  }
  if (!is_known) return {};
  if (types.empty()) return {pool_.set(nullptr)};
  if (const InferredType* bound = pool_.least_upper_bound(types)) return {pool_.set(bound)};
  std::size_t odd = 1;
  while (odd + 1 < types.size() && pool_.least_upper_bound(types.front(), types[odd])) ++odd;
  error(*e.members[odd], ValidationCode::kIncompatibleTypes,
        fmt::format("the members of a set must be of one type: {}",
                    pool_.why_incompatible(types.front(), types[odd])),
        "use a set for each type");
  return {};
}

const InferredType* Typechecker::type_of(const EntityUid& uid) {
  if (is_action_type(uid.type)) {
    return pool_.schema().find_action(uid) == nullptr ? nullptr : pool_.entity(uid.type);
  }
  return pool_.schema().find_entity_type(uid.type) == nullptr ? nullptr : pool_.entity(uid.type);
}

const EntityUid* Typechecker::known_entity(const Expr& expr) const {
  if (const auto* variable = std::get_if<Variable>(&expr.node)) {
    return *variable == Variable::kAction ? environment_.action->uid : nullptr;
  }
  const auto* literal = std::get_if<Literal>(&expr.node);
  return literal != nullptr && literal->value.is(Kind::kEntity) ? &literal->value.as_entity()
                                                                : nullptr;
}

std::optional<Value> Typechecker::known_value(const Expr& expr) const {
  const EntityUid* uid = known_entity(expr);
  return uid != nullptr ? Value::entity(uid) : literal_of(expr);
}

void Typechecker::expect_compatible(const Expr& at, const InferredType* a, const InferredType* b,
                                    std::string_view what) {
  if (!pool_.is_strict() || a == nullptr || b == nullptr) return;
  if (pool_.least_upper_bound(a, b) != nullptr) return;
  error(at, ValidationCode::kIncompatibleTypes,
        fmt::format("{}: {}", what, pool_.why_incompatible(a, b)),
        "values of different types are never equal");
}

void Typechecker::error(const Expr& at, ValidationCode code, std::string message,
                        std::string help) {
  findings_.error(at.span, &at, code, std::move(message), std::move(help));
}

bool Typechecker::matches(Wanted wanted, const InferredType& type) {
  switch (wanted) {
    case Wanted::kBool: return type.is(Kind::kBool);
    case Wanted::kLong: return type.is(Kind::kLong);
    case Wanted::kString: return type.is(Kind::kString);
    case Wanted::kDecimal: return type.is(Kind::kDecimal);
    case Wanted::kDatetime: return type.is(Kind::kDatetime);
    case Wanted::kDuration: return type.is(Kind::kDuration);
    case Wanted::kIp: return type.is(Kind::kIp);
    case Wanted::kEntity: return type.is(Kind::kEntity);
    case Wanted::kSet: return type.is(Kind::kSet);
    case Wanted::kEntityOrRecord: return type.is(Kind::kEntity) || type.is(Kind::kRecord);
    case Wanted::kEntityOrEntities:
      return type.is(Kind::kEntity) ||
             (type.is(Kind::kSet) && (type.element == nullptr || type.element->is(Kind::kEntity)));
    case Wanted::kOrdered:
      return type.is(Kind::kLong) || type.is(Kind::kDatetime) || type.is(Kind::kDuration);
  }
  return false;
}

std::string_view Typechecker::name_of(Wanted wanted) {
  switch (wanted) {
    case Wanted::kBool: return "bool";
    case Wanted::kLong: return "long";
    case Wanted::kString: return "string";
    case Wanted::kDecimal: return "decimal";
    case Wanted::kDatetime: return "datetime";
    case Wanted::kDuration: return "duration";
    case Wanted::kIp: return "ipaddr";
    case Wanted::kEntity: return "entity";
    case Wanted::kSet: return "set";
    case Wanted::kEntityOrRecord: return "entity or record";
    case Wanted::kEntityOrEntities: return "entity or set of entities";
    case Wanted::kOrdered: return "long, datetime or duration";
  }
  return "";
}

namespace {

/// What the author may have had in mind.
std::string_view advice(std::string_view operation, const InferredType& found) {
  if (operation == "has") {
    if (found.is(Kind::kSet)) return "did you mean `contains`?";
    if (found.is(Kind::kString)) return "did you mean `like`?";
  }
  if (operation.starts_with("contains")) {
    if (found.is(Kind::kEntity)) return "did you mean `in`?";
    if (found.is(Kind::kRecord)) return "did you mean `has`?";
    if (found.is(Kind::kString)) return "did you mean `like`?";
  }
  if (operation == "in") {
    if (found.is(Kind::kSet)) return "did you mean `contains`?";
    if (found.is(Kind::kString)) return "did you mean `like`?";
  }
  if (operation == "like" && found.is(Kind::kEntity)) return "did you mean `==`, `in` or `is`?";
  if (operation == "isEmpty" && found.is(Kind::kString)) return "did you mean `== \"\"`?";
  if (operation == "+" && found.is(Kind::kString)) return "strings cannot be joined";
  return "";
}

}  // namespace

void Typechecker::report_mismatch(const Expr& at, Wanted wanted, const InferredType& found,
                                  std::string_view operation) {
  error(at, ValidationCode::kTypeMismatch,
        fmt::format("`{}` expects: {}; found: {}", operation, name_of(wanted), to_string(found)),
        std::string(advice(operation, found)));
}

}  // namespace wardlock::cedar
