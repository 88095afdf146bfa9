#include "prover/condition/translation.h"

#include <algorithm>
#include <utility>

#include "cedar/evaluator/evaluator.h"
#include "cedar/trace/parts.h"

namespace wardlock::prover {
namespace {

using cedar::BinaryOp;
using cedar::Expr;
using cedar::ExtensionFunction;
using cedar::Kind;
using cedar::Variable;
using Form = Atom::Form;

/// Takes expressions of one environment apart.
class Translator {
 public:
  explicit Translator(Conditions& conditions) : conditions_(conditions) {}

  const Formula* boolean(const Expr& expr) {
    return std::visit([&](const auto& node) { return boolean(expr, node); }, expr.node);
  }
  TermId term(const Expr& expr) {
    return std::visit([&](const auto& node) { return term(expr, node); }, expr.node);
  }

 private:
  using Formulas = std::vector<const Formula*>;

  // What a Boolean is wanted of.
  template <typename Node>
  const Formula* boolean(const Expr& expr, const Node& /*node*/) {
    return conditions_.atom(Form::kTrue, term(expr));
  }
  const Formula* boolean(const Expr& expr, const cedar::Literal& literal) {
    if (literal.value.is(Kind::kBool)) return conditions_.constant_formula(literal.value.as_bool());
    return conditions_.atom(Form::kTrue, term(expr));
  }
  const Formula* boolean(const Expr& /*expr*/, const cedar::AndExpr& e) {
    return row(Formula::Op::kAnd, e.operands);
  }
  const Formula* boolean(const Expr& /*expr*/, const cedar::OrExpr& e) {
    return row(Formula::Op::kOr, e.operands);
  }
  const Formula* boolean(const Expr& /*expr*/, const cedar::IfExpr& e) {
    return conditions_.branch(boolean(*e.condition), boolean(*e.then_branch),
                              boolean(*e.else_branch));
  }
  const Formula* boolean(const Expr& expr, const cedar::UnaryExpr& e) {
    switch (e.op) {
      case cedar::UnaryOp::kNot: return conditions_.negation(boolean(*e.argument));
      case cedar::UnaryOp::kIsEmpty: return conditions_.atom(Form::kIsEmpty, term(*e.argument));
      case cedar::UnaryOp::kNegate: break;
    }
    return conditions_.atom(Form::kTrue, term(expr));
  }
  const Formula* boolean(const Expr& expr, const cedar::BinaryExpr& e);
  const Formula* boolean(const Expr& expr, const cedar::HasAttr& e);
  const Formula* boolean(const Expr& expr, const cedar::IsExpr& e);
  const Formula* boolean(const Expr& expr, const cedar::ExtensionCall& e);

  const Formula* row(Formula::Op op, std::span<const Expr* const> operands) {
    Formulas all;
    for (const Expr* operand : operands) all.push_back(boolean(*operand));
    return conditions_.row(op, std::move(all));
  }
  const Formula* compare(Form form, const Expr& left, const Expr& right) {
    const TermId first = term(left);
    return conditions_.atom(form, first, term(right));
  }
  const Formula* is_in(const Expr& expr, const cedar::BinaryExpr& e);
  const Formula* contains(const Expr& expr, const cedar::BinaryExpr& e);
  const Formula* contains_members(const Expr& expr, const cedar::BinaryExpr& e, Formula::Op op);

  // Whatever has a value.
  template <typename Node>
  TermId term(const Expr& expr, const Node& /*node*/) {
    return computed(expr);
  }
  TermId term(const Expr& /*expr*/, const cedar::Literal& literal) {
    return conditions_.constant(literal.value);
  }
  TermId term(const Expr& /*expr*/, Variable variable) { return conditions_.variable(variable); }
  TermId term(const Expr& /*expr*/, const cedar::GetAttr& e) {
    return conditions_.attribute(term(*e.target), e.name);
  }
  TermId term(const Expr& expr, const cedar::BinaryExpr& e) {
    if (e.op != BinaryOp::kGetTag) return computed(expr);
    const TermId target = term(*e.left);
    return conditions_.tag(target, term(*e.right));
  }
  TermId computed(const Expr& expr);

  Conditions& conditions_;
};

bool is_total(const Term& term) {
  return term.form == Term::Form::kConstant || term.form == Term::Form::kVariable;
}

bool has_variable(const Expr& expr) {
  bool found = std::holds_alternative<Variable>(expr.node);
  cedar::for_each_child(expr.node,
                        [&](const Expr& child) { found = found || has_variable(child); });
  return found;
}

/// Some operand may be left out of the evaluation.
bool is_lazy(const Expr& expr) {
  return std::holds_alternative<cedar::AndExpr>(expr.node) ||
         std::holds_alternative<cedar::OrExpr>(expr.node) ||
         std::holds_alternative<cedar::IfExpr>(expr.node);
}

std::optional<Kind> kind_of(ExtensionFunction function) {
  switch (function) {
    case ExtensionFunction::kDecimal: return Kind::kDecimal;
    case ExtensionFunction::kIp: return Kind::kIp;
    case ExtensionFunction::kDatetime:
    case ExtensionFunction::kOffset:
    case ExtensionFunction::kToDate: return Kind::kDatetime;
    case ExtensionFunction::kDuration:
    case ExtensionFunction::kDurationSince:
    case ExtensionFunction::kToTime: return Kind::kDuration;
    case ExtensionFunction::kToMilliseconds:
    case ExtensionFunction::kToSeconds:
    case ExtensionFunction::kToMinutes:
    case ExtensionFunction::kToHours:
    case ExtensionFunction::kToDays: return Kind::kLong;
    default: return Kind::kBool;
  }
}

std::optional<Kind> kind_of(const Expr& expr) {
  if (const auto* call = std::get_if<cedar::ExtensionCall>(&expr.node)) {
    return kind_of(call->function);
  }
  if (std::holds_alternative<cedar::SetExpr>(expr.node)) return Kind::kSet;
  if (std::holds_alternative<cedar::RecordExpr>(expr.node)) return Kind::kRecord;
  if (std::holds_alternative<cedar::IfExpr>(expr.node)) return std::nullopt;
  if (const auto* unary = std::get_if<cedar::UnaryExpr>(&expr.node)) {
    return unary->op == cedar::UnaryOp::kNegate ? Kind::kLong : Kind::kBool;
  }
  if (const auto* binary = std::get_if<cedar::BinaryExpr>(&expr.node)) {
    const bool is_sum = binary->op == BinaryOp::kAdd || binary->op == BinaryOp::kSubtract ||
                        binary->op == BinaryOp::kMultiply;
    return is_sum ? Kind::kLong : Kind::kBool;
  }
  return Kind::kBool;
}

/// `toTime` never fails; sets and records have a value where their members do.
bool is_partial(const Expr& expr) {
  if (std::holds_alternative<cedar::SetExpr>(expr.node)) return false;
  if (std::holds_alternative<cedar::RecordExpr>(expr.node)) return false;
  if (std::holds_alternative<cedar::LikeExpr>(expr.node)) return false;
  const auto* call = std::get_if<cedar::ExtensionCall>(&expr.node);
  return call == nullptr || (call->function != ExtensionFunction::kToTime &&
                             call->function != ExtensionFunction::kIsInRange &&
                             call->function != ExtensionFunction::kIsIpv4 &&
                             call->function != ExtensionFunction::kIsIpv6 &&
                             call->function != ExtensionFunction::kIsLoopback &&
                             call->function != ExtensionFunction::kIsMulticast);
}

/// What it is computed from. Where that is lazy, nothing is known of what is evaluated before it,
/// and it is taken to be partial.
TermId Translator::computed(const Expr& expr) {
  if (!has_variable(expr)) {
    const cedar::EntityStore none;
    const cedar::EntityView nobody(none);
    const cedar::Request request{.principal = conditions_.environment().action->uid,
                                 .action = conditions_.environment().action->uid,
                                 .resource = conditions_.environment().action->uid};
    // Entities that are not there could make a difference only to what asks for them.
    bool asks = false;
    const auto look = [&](const auto& self, const Expr& each) -> void {
      asks = asks || std::holds_alternative<cedar::GetAttr>(each.node) ||
             std::holds_alternative<cedar::HasAttr>(each.node) ||
             std::holds_alternative<cedar::IsExpr>(each.node);
      const auto* binary = std::get_if<cedar::BinaryExpr>(&each.node);
      asks = asks || (binary != nullptr &&
                      (binary->op == BinaryOp::kIn || binary->op == BinaryOp::kGetTag ||
                       binary->op == BinaryOp::kHasTag));
      cedar::for_each_child(each.node, [&](const Expr& child) { self(self, child); });
    };
    look(look, expr);
    if (!asks) {
      cedar::Evaluator evaluator(request, nobody, conditions_.arena());
      if (const auto value = evaluator.evaluate(expr)) return conditions_.constant(*value);
    }
  }
  std::vector<TermId> parts;
  if (is_lazy(expr)) return conditions_.other(expr, {}, true, kind_of(expr));
  cedar::for_each_child(expr.node, [&](const Expr& child) { parts.push_back(term(child)); });
  return conditions_.other(expr, std::move(parts), is_partial(expr), kind_of(expr));
}

const Formula* Translator::is_in(const Expr& expr, const cedar::BinaryExpr& e) {
  const auto* set = std::get_if<cedar::SetExpr>(&e.right->node);
  if (set == nullptr) {
    const TermId group = term(*e.right);
    const Term& right = conditions_.term(group);
    if (!right.type.is_entity()) return conditions_.atom(Form::kTrue, computed(expr));
    return compare(Form::kIn, *e.left, *e.right);
  }
  Formulas all;
  const TermId left = term(*e.left);
  for (const Expr* member : set->members) {
    const TermId group = term(*member);
    const Term& right = conditions_.term(group);
    if (!is_total(right)) return conditions_.atom(Form::kTrue, computed(expr));
    all.push_back(conditions_.atom(Form::kIn, left, group));
  }
  if (all.empty()) return conditions_.atom(Form::kTrue, computed(expr));
  return conditions_.row(Formula::Op::kOr, std::move(all));
}

/// `[a, b].contains(x)` asks whether x is one of them; what is no list of constants is asked as it
/// is.
const Formula* Translator::contains(const Expr& expr, const cedar::BinaryExpr& e) {
  const auto* set = std::get_if<cedar::SetExpr>(&e.left->node);
  if (set == nullptr) return compare(Form::kContains, *e.left, *e.right);
  Formulas all;
  const TermId right = term(*e.right);
  for (const Expr* member : set->members) {
    const TermId left = term(*member);
    if (!is_total(conditions_.term(left))) return conditions_.atom(Form::kTrue, computed(expr));
    all.push_back(conditions_.atom(Form::kEqual, right, left));
  }
  if (all.empty()) return conditions_.atom(Form::kTrue, computed(expr));
  return conditions_.row(Formula::Op::kOr, std::move(all));
}

const Formula* Translator::contains_members(const Expr& expr, const cedar::BinaryExpr& e,
                                            Formula::Op op) {
  const auto* set = std::get_if<cedar::SetExpr>(&e.right->node);
  if (set == nullptr || set->members.empty()) return conditions_.atom(Form::kTrue, computed(expr));
  Formulas all;
  const TermId left = term(*e.left);
  for (const Expr* member : set->members) {
    const TermId right = term(*member);
    if (!is_total(conditions_.term(right))) return conditions_.atom(Form::kTrue, computed(expr));
    all.push_back(conditions_.atom(Form::kContains, left, right));
  }
  return conditions_.row(op, std::move(all));
}

const Formula* Translator::boolean(const Expr& expr, const cedar::BinaryExpr& e) {
  switch (e.op) {
    case BinaryOp::kEqual: return compare(Form::kEqual, *e.left, *e.right);
    case BinaryOp::kNotEqual: return conditions_.negation(compare(Form::kEqual, *e.left, *e.right));
    case BinaryOp::kLess: return compare(Form::kLess, *e.left, *e.right);
    case BinaryOp::kLessEqual: return compare(Form::kLessEqual, *e.left, *e.right);
    case BinaryOp::kGreater:
      return conditions_.negation(compare(Form::kLessEqual, *e.left, *e.right));
    case BinaryOp::kGreaterEqual:
      return conditions_.negation(compare(Form::kLess, *e.left, *e.right));
    case BinaryOp::kIn: return is_in(expr, e);
    case BinaryOp::kContains: return contains(expr, e);
    case BinaryOp::kContainsAll: return contains_members(expr, e, Formula::Op::kAnd);
    case BinaryOp::kContainsAny: return contains_members(expr, e, Formula::Op::kOr);
    case BinaryOp::kHasTag:
      conditions_.tag(term(*e.left), term(*e.right));
      return compare(Form::kHasTag, *e.left, *e.right);
    default: break;
  }
  return conditions_.atom(Form::kTrue, term(expr));
}

/// `a has b.c` is `a has b && a.b has c`.
const Formula* Translator::boolean(const Expr& /*expr*/, const cedar::HasAttr& e) {
  Formulas all;
  TermId target = term(*e.target);
  for (const std::string_view name : e.path) {
    all.push_back(conditions_.atom(Form::kHas, target, 0, name));
    target = conditions_.attribute(target, name);
  }
  return conditions_.row(Formula::Op::kAnd, std::move(all));
}

/// The type of what the schema types is known.
const Formula* Translator::boolean(const Expr& expr, const cedar::IsExpr& e) {
  const TermId target = term(*e.target);
  const Term& asked = conditions_.term(target);
  if (!is_total(asked) || asked.type.entity_type.empty()) {
    return conditions_.atom(Form::kTrue, computed(expr));
  }
  if (asked.type.entity_type != e.type) return conditions_.constant_formula(false);
  if (e.in == nullptr) return conditions_.constant_formula(true);
  const TermId group = term(*e.in);
  const Term& right = conditions_.term(group);
  if (!right.type.is_entity()) return conditions_.atom(Form::kTrue, computed(expr));
  return conditions_.atom(Form::kIn, target, group);
}

const Formula* Translator::boolean(const Expr& expr, const cedar::ExtensionCall& e) {
  const auto arguments = [&](Form form, std::size_t left, std::size_t right) {
    return compare(form, *e.arguments[left], *e.arguments[right]);
  };
  if (e.arguments.size() == 2) {
    switch (e.function) {
      case ExtensionFunction::kLessThan: return arguments(Form::kLess, 0, 1);
      case ExtensionFunction::kLessThanOrEqual: return arguments(Form::kLessEqual, 0, 1);
      case ExtensionFunction::kGreaterThan:
        return conditions_.negation(arguments(Form::kLessEqual, 0, 1));
      case ExtensionFunction::kGreaterThanOrEqual:
        return conditions_.negation(arguments(Form::kLess, 0, 1));
      default: break;
    }
  }
  return conditions_.atom(Form::kTrue, term(expr));
}

const Formula* translate(const cedar::ScopeConstraint& scope, Variable variable,
                         const cedar::EntityUid* slot, Conditions& conditions) {
  using Op = cedar::ScopeConstraint::Op;
  const TermId asked = conditions.variable(variable);
  const cedar::EntityUid* uid = scope.entity != nullptr ? scope.entity : slot;
  const bool is_typed = scope.op == Op::kIs || scope.op == Op::kIsIn;
  if (is_typed && conditions.term(asked).type.entity_type != scope.type) {
    return conditions.constant_formula(false);
  }
  if (scope.op == Op::kAny || scope.op == Op::kIs) return conditions.constant_formula(true);
  return conditions.atom(scope.op == Op::kEqual ? Form::kEqual : Form::kIn, asked,
                         conditions.constant(cedar::Value::entity(uid)));
}

}  // namespace

const Formula* translate(const Expr& expr, Conditions& conditions) {
  return Translator(conditions).boolean(expr);
}

const Formula* translate(const cedar::Condition& condition, Conditions& conditions) {
  const Formula* body = translate(*condition.body, conditions);
  return condition.is_unless ? conditions.negation(body) : body;
}

const Formula* translate_principal(const cedar::Policy& policy, Conditions& conditions) {
  return translate(policy.body->principal, Variable::kPrincipal, policy.principal_slot, conditions);
}

const Formula* translate_resource(const cedar::Policy& policy, Conditions& conditions) {
  return translate(policy.body->resource, Variable::kResource, policy.resource_slot, conditions);
}

const Formula* translate_action(const cedar::Policy& policy, Conditions& conditions) {
  const cedar::ActionConstraint& scope = policy.body->action;
  const cedar::ActionType& action = *conditions.environment().action;
  const auto covers = [&](const cedar::EntityUid* uid) {
    if (*uid == *action.uid) return true;
    return scope.op == cedar::ActionConstraint::Op::kIn &&
           std::ranges::any_of(action.ancestors, [&](const auto* each) { return *each == *uid; });
  };
  return conditions.constant_formula(scope.op == cedar::ActionConstraint::Op::kAny ||
                                     std::ranges::any_of(scope.actions, covers));
}

const Formula* translate(const cedar::Policy& policy, Conditions& conditions) {
  std::vector<const Formula*> all = {translate_principal(policy, conditions),
                                     translate_action(policy, conditions),
                                     translate_resource(policy, conditions)};
  for (const cedar::Condition& condition : policy.body->conditions) {
    all.push_back(translate(condition, conditions));
  }
  return conditions.row(Formula::Op::kAnd, std::move(all));
}

}  // namespace wardlock::prover
