#include "prover/question/goals.h"

#include <algorithm>

#include "cedar/ast/policy_text.h"
#include "cedar/trace/trace.h"
#include "pdp/override.h"
#include "prover/condition/translation.h"

namespace wardlock::prover {
namespace {

using cedar::Expr;
using cedar::Part;

/// Collects what must hold for the evaluation of an expression to come to one in it.
class Path {
 public:
  Path(const Expr& target, Conditions& conditions, std::vector<Requirement>& out)
      : target_(target), conditions_(conditions), out_(out) {}

  /// Whether the target is in the expression.
  bool find(const Expr& expr) {
    if (&expr == &target_) return true;
    if (const auto* e = std::get_if<cedar::AndExpr>(&expr.node)) {
      return find_in(e->operands, Outcomes::is_true());
    }
    if (const auto* e = std::get_if<cedar::OrExpr>(&expr.node)) {
      return find_in(e->operands, Outcomes::is_false());
    }
    if (const auto* e = std::get_if<cedar::IfExpr>(&expr.node)) {
      if (find(*e->condition)) return true;
      return find_behind(*e->condition, Outcomes::is_true(), *e->then_branch) ||
             find_behind(*e->condition, Outcomes::is_false(), *e->else_branch);
    }
    const auto* negated = std::get_if<cedar::UnaryExpr>(&expr.node);
    return negated != nullptr && negated->op == cedar::UnaryOp::kNot && find(*negated->argument);
  }

 private:
  bool find_in(std::span<const Expr* const> operands, Outcomes goes_on) {
    const std::size_t before = out_.size();
    for (const Expr* operand : operands) {
      if (find(*operand)) return true;
      out_.push_back({translate(*operand, conditions_), goes_on});
    }
    out_.resize(before);
    return false;
  }
  bool find_behind(const Expr& condition, Outcomes outcome, const Expr& branch) {
    out_.push_back({translate(condition, conditions_), outcome});
    if (find(branch)) return true;
    out_.pop_back();
    return false;
  }

  const Expr& target_;
  Conditions& conditions_;
  std::vector<Requirement>& out_;
};

}  // namespace

std::vector<Requirement> requirements_of(const cedar::Policy& policy, const Part& part,
                                         bool outcome, Conditions& conditions) {
  const Outcomes wanted = Outcomes::of(outcome);
  const Requirement principal{translate_principal(policy, conditions), Outcomes::is_true()};
  const Requirement action{translate_action(policy, conditions), Outcomes::is_true()};
  const Requirement resource{translate_resource(policy, conditions), Outcomes::is_true()};
  switch (part.kind) {
    case Part::Kind::kPrincipal: return {{principal.formula, wanted}};
    case Part::Kind::kAction: return {principal, {action.formula, wanted}};
    case Part::Kind::kResource: return {principal, action, {resource.formula, wanted}};
    case Part::Kind::kCondition: break;
  }
  std::vector<Requirement> out = {principal, action, resource};
  for (std::size_t i = 0; i < part.condition; ++i) {
    out.push_back({translate(policy.body->conditions[i], conditions), Outcomes::is_true()});
  }
  Path(*part.expr, conditions, out).find(*policy.body->conditions[part.condition].body);
  out.push_back({translate(*part.expr, conditions), wanted});
  return out;
}

void ReachedGoals::trace(const cedar::Policy& policy, const cedar::Request& request,
                         const TriedQuestion& tried) {
  const cedar::PolicyTrace traced =
      cedar::trace(policy, request, tried.entities(), *tried.arena, cedar::TraceDetail::kOutcomes);
  auto& reached = parts_[policy.body->id];
  for (std::size_t i = 0; i < traced.parts.size(); ++i) {
    const cedar::Outcome outcome = traced.parts[i].outcome;
    if (outcome == cedar::Outcome::kTrue) reached.emplace(i, true);
    if (outcome == cedar::Outcome::kFalse) reached.emplace(i, false);
  }
}

/// Policies are evaluated as the decision rule does: those of an override where it comes to one,
/// with the grant or one that could be opened.
void ReachedGoals::add(const TriedQuestion& tried) {
  const pdp::Partition& all = tried.snapshot->partition();
  const auto trace_all = [&](const pdp::Partition::Policies& policies,
                             const cedar::Request& request) {
    for (const cedar::Policy* policy : policies) trace(*policy, request, tried);
  };
  for (const auto* policies : {&all.forbids, &all.waivables, &all.obligations, &all.permits}) {
    trace_all(*policies, tried.plain);
  }
  const bool is_asked = tried.decision.cause != pdp::Cause::kPermit && !all.overrides.empty() &&
                        pdp::declares_override(*tried.snapshot, *tried.plain.action);
  if (is_asked) {
    const pdp::Question question{
        .request = tried.plain, .entities = tried.entities(), .now = tried.at};
    const bool is_override = tried.decision.cause == pdp::Cause::kOverride;
    const pdp::Grant grant = pdp::hypothetical_grant(question, *tried.arena);
    const cedar::Request request =
        is_override ? tried.request : pdp::with_override(tried.plain, grant, *tried.arena);
    for (const auto* policies : {&all.overrides, &all.forbids, &all.obligations}) {
      trace_all(*policies, request);
    }
  }
  const auto note = [&](const cedar::Policy& policy) { determining_.insert(policy.body->id); };
  for (const std::string_view id : tried.decision.policies) {
    note(*tried.snapshot->policies().find_policy(id));
  }
  for (const cedar::Policy* policy : all.obligations) {
    cedar::Evaluator evaluator(tried.request, tried.entities(), *tried.arena);
    const auto name = policy->body->annotation("obligation").value_or("");
    const bool is_owed =
        std::ranges::find(tried.decision.obligations, name) != tried.decision.obligations.end();
    if (is_owed && evaluator.is_satisfied(*policy).value_or(false)) note(*policy);
  }
}

bool ReachedGoals::has(const Goal& goal) const {
  if (goal.kind == Goal::Kind::kDetermine) return determining_.contains(goal.policy);
  const auto it = parts_.find(goal.policy);
  return it != parts_.end() && it->second.contains({goal.part, goal.outcome});
}

std::vector<Goal> goals_of(const cedar::PolicySet& policies) {
  std::vector<Goal> out;
  std::set<std::string_view> seen;
  for (const cedar::Policy& policy : policies.policies()) {
    if (!seen.insert(policy.body->id).second) continue;
    out.push_back({.kind = Goal::Kind::kDetermine, .policy = policy.body->id});
    const std::vector<Part> parts = cedar::parts_of(*policy.body);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string text =
          parts[i].expr == nullptr ? "" : cedar::to_text(*parts[i].expr).value_or("");
      for (const bool outcome : {true, false}) {
        out.push_back({.policy = policy.body->id, .part = i, .outcome = outcome, .text = text});
      }
    }
  }
  return out;
}

}  // namespace wardlock::prover
