#include "plan/query_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pdp/override.h"

namespace wardlock::plan {
namespace {

using cedar::BinaryExpr;
using cedar::BinaryOp;
using cedar::Expr;
using cedar::Literal;
using cedar::PartialEvaluator;
using cedar::Policy;
using cedar::Value;
using cedar::Variable;

using Policies = pdp::Partition::Policies;

bool supports(const PlanQuestion& question, const Policy& policy) {
  const auto obligation = policy.body->annotation("obligation");
  return std::ranges::find(question.supported_obligations, obligation) !=
         question.supported_obligations.end();
}

/// The tests of one policy after the other.
class Tests {
 public:
  explicit Tests(PartialEvaluator& evaluator) : evaluator_(evaluator) {}

  void add(const Policies& policies, Outcomes is) {
    add(policies, is, [](const Policy&) { return true; });
  }
  template <typename Applies>
  void add(const Policies& policies, Outcomes is, Applies applies) {
    for (const Policy* policy : policies) {
      if (applies(*policy)) tests_.push_back(Condition::test(evaluator_.evaluate(*policy), is));
    }
  }

  std::vector<Condition> take() { return std::move(tests_); }

 private:
  PartialEvaluator& evaluator_;
  std::vector<Condition> tests_;
};

/// Some permit is true, and every forbid is false: neither true nor in error.
Condition strict(PartialEvaluator& evaluator, const Policies& permits, Tests forbids) {
  std::vector<Condition> all = forbids.take();
  const bool is_denied = std::ranges::any_of(all, &Condition::is_never);
  if (is_denied) return Condition::never();
  Tests satisfied(evaluator);
  satisfied.add(permits, Outcome::kTrue);
  all.insert(all.begin(), Condition::any(satisfied.take()));
  return Condition::all(std::move(all));
}

/// The supported obligations whose policies are true or err.
std::vector<Owed> obligations(PartialEvaluator& evaluator, const pdp::Partition& policies,
                              const PlanQuestion& question) {
  std::vector<Owed> owed;
  for (const Policy* policy : policies.obligations) {
    if (!supports(question, *policy)) continue;
    const std::string_view name = *policy->body->annotation("obligation");
    Condition condition =
        Condition::test(evaluator.evaluate(*policy), {Outcome::kTrue, Outcome::kError});
    if (condition.is_never()) continue;
    const auto same = std::ranges::find(owed, name, &Owed::obligation);
    if (same == owed.end()) {
      owed.push_back({name, std::move(condition)});
    } else {
      same->condition = Condition::any({std::move(same->condition), std::move(condition)});
    }
  }
  return owed;
}

Path strict_path(PartialEvaluator& evaluator, const pdp::Partition& policies,
                 const PlanQuestion& question) {
  Tests forbids(evaluator);
  forbids.add(policies.forbids, Outcome::kFalse);
  forbids.add(policies.waivables, Outcome::kFalse);
  forbids.add(policies.obligations, Outcome::kFalse,
              [&](const Policy& policy) { return !supports(question, policy); });
  Path path{strict(evaluator, policies.permits, std::move(forbids))};
  if (!path.condition.is_never()) path.obligations = obligations(evaluator, policies, question);
  return path;
}

/// What the grant covers: its principal, what is in its target, its actions. The time is known.
class Coverage {
 public:
  Coverage(PartialEvaluator& evaluator, Arena& arena) : evaluator_(evaluator), arena_(arena) {}

  Condition of(const pdp::Grant& grant, std::int64_t now) {
    if (now < grant.opens_at || grant.expires_at <= now) return Condition::never();
    std::vector<Condition> actions;
    for (const Value& action : grant.actions) {
      actions.push_back(holds(BinaryOp::kIn, Variable::kAction, &action.as_entity()));
    }
    return Condition::all({holds(BinaryOp::kEqual, Variable::kPrincipal, grant.principal),
                           holds(BinaryOp::kIn, Variable::kResource, grant.target),
                           Condition::any(std::move(actions))});
  }

 private:
  Condition holds(BinaryOp op, Variable variable, const cedar::EntityUid* uid) {
    const Expr* left = cedar::make_expr(arena_, variable);
    const Expr* right = cedar::make_expr(arena_, Literal{Value::entity(uid)});
    const cedar::Partial partial =
        evaluator_.evaluate(*cedar::make_expr(arena_, BinaryExpr{op, left, right}));
    if (partial.is_open()) {
      return {.kind = Condition::Kind::kTest, .expression = partial.expr, .can_err = false};
    }
    return partial.is(true) ? Condition::always() : Condition::never();
  }

  PartialEvaluator& evaluator_;
  Arena& arena_;
};

Path override_path(PartialEvaluator& without, PartialEvaluator& with,
                   const pdp::Partition& policies, const PlanQuestion& question, Arena& arena) {
  const pdp::Grant& grant = *question.grant;
  const Condition covered = Coverage(without, arena).of(grant, question.now);
  if (covered.is_never()) return {};
  // A forbid that may be waived is asked without the override, as the rule does.
  Tests not_waived(without);
  not_waived.add(policies.waivables, Outcome::kFalse, [&](const Policy& policy) {
    return !contains(grant.waives, Value::string(policy.id));
  });
  Tests forbids(with);
  forbids.add(policies.forbids, Outcome::kFalse);
  forbids.add(policies.obligations, Outcome::kFalse,
              [&](const Policy& policy) { return !supports(question, policy); });
  std::vector<Condition> all = not_waived.take();
  all.insert(all.begin(), covered);
  all.push_back(strict(with, policies.overrides, std::move(forbids)));
  Path path{Condition::all(std::move(all))};
  if (!path.condition.is_never()) path.obligations = obligations(with, policies, question);
  return path;
}

Path cedar_path(PartialEvaluator& evaluator, const pdp::Partition& policies) {
  Tests forbids(evaluator);
  // Cedar skips what errors.
  forbids.add(policies.forbids, {Outcome::kFalse, Outcome::kError});
  return {strict(evaluator, policies.permits, std::move(forbids))};
}

}  // namespace

QueryPlan::Kind QueryPlan::kind() const {
  if (strict.condition.is_always() || under_override.condition.is_always()) {
    return Kind::kAlwaysAllowed;
  }
  const bool is_denied = strict.condition.is_never() && under_override.condition.is_never();
  return is_denied ? Kind::kAlwaysDenied : Kind::kConditional;
}

std::string_view to_string(QueryPlan::Kind kind) {
  switch (kind) {
    case QueryPlan::Kind::kAlwaysDenied: return "always_denied";
    case QueryPlan::Kind::kAlwaysAllowed: return "always_allowed";
    case QueryPlan::Kind::kConditional: return "conditional";
  }
  return "unknown";
}

Result<QueryPlan> make_plan(const cedar::Schema& schema, const pdp::Partition& policies,
                            const PlanQuestion& question, Arena& arena) {
  PartialEvaluator evaluator(schema, question.request, question.entities, arena);
  if (policies.mode == pdp::Mode::kCedar)
    return QueryPlan{.strict = cedar_path(evaluator, policies)};

  QueryPlan plan{.strict = strict_path(evaluator, policies, question)};
  const bool may_override = question.grant != nullptr && question.is_override_declared &&
                            !policies.overrides.empty() && !plan.strict.condition.is_always();
  if (!may_override) return plan;
  if (!question.request.context) {
    return invalid(
        fmt::format("a plan under the grant `{}` needs the context; give one", question.grant->id));
  }
  cedar::PartialRequest with_override = question.request;
  with_override.context = pdp::with_override(*question.request.context, *question.grant, arena);
  PartialEvaluator overridden(schema, with_override, question.entities, arena);
  plan.under_override = override_path(evaluator, overridden, policies, question, arena);
  if (!plan.under_override.condition.is_never()) plan.grant = question.grant;
  return plan;
}

}  // namespace wardlock::plan
