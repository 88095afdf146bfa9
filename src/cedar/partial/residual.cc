#include <algorithm>
#include <vector>

#include "base/check.h"
#include "cedar/extension/function.h"
#include "cedar/parser/parser.h"
#include "cedar/partial/partial_evaluator.h"

namespace wardlock::cedar {
namespace {

/// The scope of a policy as an expression, in front of its conditions: it cannot err.
class ScopeExpression {
 public:
  ScopeExpression(Arena& arena, Span span) : arena_(arena), span_(span) {}

  void add(const ScopeConstraint& scope, Variable variable, const EntityUid* slot) {
    const Expr* who = make(variable);
    const EntityUid* wanted = scope.entity != nullptr ? scope.entity : slot;
    switch (scope.op) {
      case ScopeConstraint::Op::kAny: return;
      case ScopeConstraint::Op::kEqual:
        return add(BinaryExpr{BinaryOp::kEqual, who, literal(wanted)});
      case ScopeConstraint::Op::kIn: return add(BinaryExpr{BinaryOp::kIn, who, literal(wanted)});
      case ScopeConstraint::Op::kIs: return add(IsExpr{who, scope.type, nullptr});
      case ScopeConstraint::Op::kIsIn: return add(IsExpr{who, scope.type, literal(wanted)});
    }
  }

  void add(const ActionConstraint& scope) {
    const Expr* action = make(Variable::kAction);
    switch (scope.op) {
      case ActionConstraint::Op::kAny: return;
      case ActionConstraint::Op::kEqual:
        return add(BinaryExpr{BinaryOp::kEqual, action, literal(scope.actions.front())});
      case ActionConstraint::Op::kIn: break;
    }
    std::vector<Value> groups;
    for (const EntityUid* group : scope.actions) groups.push_back(Value::entity(group));
    add(BinaryExpr{BinaryOp::kIn, action, make(Literal{make_set(arena_, groups)})});
  }

  void add(const Condition& condition) {
    if (condition.is_unless) {
      operands_.push_back(
          make_expr(arena_, UnaryExpr{UnaryOp::kNot, condition.body}, condition.body->span));
    } else {
      operands_.push_back(condition.body);
    }
  }

  /// A conjunction even of one: each operand must be a Boolean.
  const Expr* conjunction() { return make(AndExpr{arena_.copy(operands_)}); }

 private:
  void add(const Expr::Node& node) { operands_.push_back(make(node)); }
  const Expr* make(const Expr::Node& node) { return make_expr(arena_, node, span_); }
  const Expr* literal(const EntityUid* uid) { return make(Literal{Value::entity(uid)}); }

  Arena& arena_;
  Span span_;
  std::vector<const Expr*> operands_;
};

/// Spells out one level; the children are done.
class Speller {
 public:
  explicit Speller(Arena& arena) : arena_(arena) {}

  const Expr* spell(const Expr& expr) {
    if (const auto* literal = std::get_if<Literal>(&expr.node)) {
      return is_plain(literal->value.kind()) ? &expr : spell(literal->value, expr.span);
    }
    return make_expr(arena_, std::visit(*this, expr.node), expr.span);
  }

  Expr::Node operator()(const Literal& e) { return e; }
  Expr::Node operator()(Variable e) { return e; }
  Expr::Node operator()(const UnaryExpr& e) { return UnaryExpr{e.op, spell(*e.argument)}; }
  Expr::Node operator()(const BinaryExpr& e) {
    return BinaryExpr{e.op, spell(*e.left), spell(*e.right)};
  }
  Expr::Node operator()(const AndExpr& e) { return AndExpr{spell(e.operands)}; }
  Expr::Node operator()(const OrExpr& e) { return OrExpr{spell(e.operands)}; }
  Expr::Node operator()(const IfExpr& e) {
    return IfExpr{spell(*e.condition), spell(*e.then_branch), spell(*e.else_branch)};
  }
  Expr::Node operator()(const GetAttr& e) { return GetAttr{spell(*e.target), e.name}; }
  Expr::Node operator()(const HasAttr& e) { return HasAttr{spell(*e.target), e.path}; }
  Expr::Node operator()(const LikeExpr& e) { return LikeExpr{spell(*e.target), e.segments}; }
  Expr::Node operator()(const IsExpr& e) {
    return IsExpr{spell(*e.target), e.type, e.in == nullptr ? nullptr : spell(*e.in)};
  }
  Expr::Node operator()(const SetExpr& e) { return SetExpr{spell(e.members)}; }
  Expr::Node operator()(const RecordExpr& e) {
    const std::span<RecordEntry> entries = arena_.allocate<RecordEntry>(e.entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i] = {e.entries[i].name, spell(*e.entries[i].value)};
    }
    return RecordExpr{entries};
  }
  Expr::Node operator()(const ExtensionCall& e) {
    return ExtensionCall{e.function, spell(e.arguments)};
  }

 private:
  static bool is_plain(Kind kind) {
    return kind == Kind::kBool || kind == Kind::kLong || kind == Kind::kString ||
           kind == Kind::kEntity;
  }

  std::span<const Expr* const> spell(std::span<const Expr* const> exprs) {
    const std::span<const Expr*> spelled = arena_.allocate<const Expr*>(exprs.size());
    for (std::size_t i = 0; i < exprs.size(); ++i) spelled[i] = spell(*exprs[i]);
    return spelled;
  }

  const Expr* spell(const Value& value, Span span) {
    if (is_plain(value.kind())) return make_expr(arena_, Literal{value}, span);
    if (value.is(Kind::kSet)) {
      const std::span<const Expr*> members = arena_.allocate<const Expr*>(value.as_set().size());
      for (std::size_t i = 0; i < members.size(); ++i) {
        members[i] = spell(value.as_set()[i], span);
      }
      return make_expr(arena_, SetExpr{members}, span);
    }
    if (value.is(Kind::kRecord)) {
      const auto fields = value.as_record();
      const std::span<RecordEntry> entries = arena_.allocate<RecordEntry>(fields.size());
      for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i] = {fields[i].name, spell(fields[i].value, span)};
      }
      return make_expr(arena_, RecordExpr{entries}, span);
    }
    // The text of an extension value is the call that makes it.
    const auto call = parse_expression(arena_.copy(std::string_view(to_text(value))), arena_);
    CHECK(call.has_value());
    return *call;
  }

  Arena& arena_;
};

Residual::Outcome outcome_of(const Partial& partial) {
  if (partial.is_error()) return Residual::Outcome::kError;
  if (partial.is_open()) return Residual::Outcome::kUnknown;
  return partial.is(true) ? Residual::Outcome::kTrue : Residual::Outcome::kFalse;
}

}  // namespace

std::string_view to_string(Residual::Outcome outcome) {
  switch (outcome) {
    case Residual::Outcome::kFalse: return "false";
    case Residual::Outcome::kTrue: return "true";
    case Residual::Outcome::kError: return "error";
    case Residual::Outcome::kUnknown: return "unknown";
  }
  return "unknown";
}

Residual PartialEvaluator::evaluate(const Policy& policy) {
  const Template& body = *policy.body;
  ScopeExpression scope(arena_, body.span);
  scope.add(body.principal, Variable::kPrincipal, policy.principal_slot);
  scope.add(body.action);
  scope.add(body.resource, Variable::kResource, policy.resource_slot);
  for (const Condition& condition : body.conditions) scope.add(condition);
  const Partial partial = evaluate(*scope.conjunction());
  return {.policy = &policy,
          .outcome = outcome_of(partial),
          .condition = expr_of(partial, body.span),
          .error = partial.error,
          .is_total = !partial.is_error() && knowledge_of(partial).is_total};
}

const Expr* spell_out(const Expr& expr, Arena& arena) { return Speller(arena).spell(expr); }

std::unique_ptr<Template> to_policy(const Residual& residual) {
  auto policy = std::make_unique<Template>();
  Arena& arena = *policy->arena;
  policy->id = residual.policy->id;
  policy->effect = residual.policy->body->effect;
  policy->annotations = residual.policy->body->annotations;
  if (residual.outcome != Residual::Outcome::kTrue) {
    const Condition condition{.body = spell_out(*residual.condition, arena)};
    policy->conditions = arena.copy(std::span(&condition, 1));
  }
  return policy;
}

}  // namespace wardlock::cedar
