#include "cedar/trace/trace.h"

#include "cedar/trace/reads.h"

namespace wardlock::cedar {
namespace {

Outcome to_outcome(bool value) { return value ? Outcome::kTrue : Outcome::kFalse; }

std::vector<Seen> seen_in(const Expr& expr, Evaluator& evaluator, const EntityView& entities) {
  std::vector<Seen> seen;
  for (const Read& read : reads_of(expr, evaluator, entities)) {
    if (!read.is_outermost || !read.value || read.kind == Read::Kind::kVariable) continue;
    if (seen.size() == kMaxSeen) break;
    seen.push_back({read.expr, *read.value});
  }
  return seen;
}

PartTrace trace_leaf(const Expr& expr, Evaluator& evaluator, const EntityView& entities,
                     TraceDetail detail) {
  PartTrace part;
  const auto value = evaluator.evaluate(expr);
  if (!value) {
    part.outcome = Outcome::kError;
    part.error = value.error();
  } else if (!value->is(Kind::kBool)) {
    part.outcome = Outcome::kError;
    part.error = EvalError{.kind = EvalErrorKind::kTypeError,
                           .found = value->kind(),
                           .what = "bool",
                           .span = expr.span};
  } else {
    part.outcome = to_outcome(value->as_bool());
  }
  if (detail == TraceDetail::kValues) part.seen = seen_in(expr, evaluator, entities);
  return part;
}

/// Walks a policy's conditions as the evaluator does. The parts come in the order written, so the
/// walk counts past the leaves of what it does not reach.
class PolicyWalk {
 public:
  PolicyWalk(Evaluator& evaluator, const EntityView& entities, TraceDetail detail,
             PolicyTrace& trace)
      : evaluator_(evaluator), entities_(entities), detail_(detail), trace_(trace) {}

  /// An element of the scope; `is_part` is false where it constrains nothing.
  bool scope(bool is_part, bool matches) {
    if (is_part) trace_.parts[next_++].outcome = to_outcome(matches);
    return matches;
  }

  /// The expression's value as a Boolean.
  Outcome condition(const Expr& expr) {
    if (!is_connective(expr)) return leaf(expr);
    if (const auto* e = std::get_if<UnaryExpr>(&expr.node)) {
      const Outcome outcome = condition(*e->argument);
      if (outcome == Outcome::kError) return outcome;
      return to_outcome(outcome == Outcome::kFalse);
    }
    if (const auto* e = std::get_if<AndExpr>(&expr.node)) return chain(e->operands, Outcome::kTrue);
    if (const auto* e = std::get_if<OrExpr>(&expr.node)) return chain(e->operands, Outcome::kFalse);
    return branch(std::get<IfExpr>(expr.node));
  }

 private:
  Outcome leaf(const Expr& expr) {
    PartTrace& part = trace_.parts[next_++];
    part = trace_leaf(expr, evaluator_, entities_, detail_);
    return part.outcome;
  }

  Outcome chain(std::span<const Expr* const> operands, Outcome goes_on_while) {
    Outcome outcome = goes_on_while;
    for (const Expr* operand : operands) {
      if (outcome == goes_on_while) {
        outcome = condition(*operand);
      } else {
        pass(*operand);
      }
    }
    return outcome;
  }

  Outcome branch(const IfExpr& e) {
    const Outcome chosen = condition(*e.condition);
    if (chosen == Outcome::kTrue) {
      const Outcome outcome = condition(*e.then_branch);
      pass(*e.else_branch);
      return outcome;
    }
    pass(*e.then_branch);
    if (chosen == Outcome::kFalse) return condition(*e.else_branch);
    pass(*e.else_branch);
    return chosen;
  }

  void pass(const Expr& expr) {
    if (!is_connective(expr)) {
      ++next_;
      return;
    }
    for_each_child(expr.node, [this](const Expr& child) { pass(child); });
  }

  Evaluator& evaluator_;
  const EntityView& entities_;
  TraceDetail detail_;
  PolicyTrace& trace_;
  std::size_t next_ = 0;
};

bool is_constrained(const ScopeConstraint& scope) { return scope.op != ScopeConstraint::Op::kAny; }

Outcome walk(const Policy& policy, Evaluator& evaluator, PolicyWalk& walk) {
  const Template& body = *policy.body;
  const bool holds =
      walk.scope(is_constrained(body.principal), evaluator.matches_principal(policy)) &&
      walk.scope(body.action.op != ActionConstraint::Op::kAny, evaluator.matches_action(policy)) &&
      walk.scope(is_constrained(body.resource), evaluator.matches_resource(policy));
  if (!holds) return Outcome::kFalse;
  for (const Condition& condition : body.conditions) {
    const Outcome outcome = walk.condition(*condition.body);
    if (outcome == Outcome::kError) return outcome;
    if (outcome == to_outcome(condition.is_unless)) return Outcome::kFalse;
  }
  return Outcome::kTrue;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kTrue: return "true";
    case Outcome::kFalse: return "false";
    case Outcome::kError: return "error";
    case Outcome::kNotEvaluated: return "not_evaluated";
  }
  return "unknown";
}

PolicyTrace trace(const Policy& policy, const Request& request, const EntityView& entities,
                  Arena& arena, TraceDetail detail, StepBudget* budget) {
  Evaluator evaluator(request, entities, arena, budget);
  PolicyTrace trace;
  trace.parts.resize(parts_of(*policy.body).size());
  PolicyWalk policy_walk(evaluator, entities, detail, trace);
  trace.outcome = walk(policy, evaluator, policy_walk);
  return trace;
}

PartTrace trace_part(const Policy& policy, const Part& part, Evaluator& evaluator,
                     const EntityView& entities, TraceDetail detail) {
  switch (part.kind) {
    case Part::Kind::kPrincipal: return {to_outcome(evaluator.matches_principal(policy))};
    case Part::Kind::kAction: return {to_outcome(evaluator.matches_action(policy))};
    case Part::Kind::kResource: return {to_outcome(evaluator.matches_resource(policy))};
    case Part::Kind::kCondition: break;
  }
  return trace_leaf(*part.expr, evaluator, entities, detail);
}

}  // namespace wardlock::cedar
