#include "explain/shortfall.h"

#include <algorithm>

namespace wardlock::explain {
namespace {

using cedar::AndExpr;
using cedar::Expr;
using cedar::IfExpr;
using cedar::OrExpr;
using cedar::UnaryExpr;

PartOutcome to_outcome(bool value) { return value ? PartOutcome::kTrue : PartOutcome::kFalse; }

PartOutcome negate(PartOutcome outcome) {
  if (outcome == PartOutcome::kTrue) return PartOutcome::kFalse;
  return outcome == PartOutcome::kFalse ? PartOutcome::kTrue : outcome;
}

/// The operands of `&&` or `||`, and the value with which it goes on to the next.
struct Chain {
  std::span<const Expr* const> operands;
  bool goes_on_while;
};
std::optional<Chain> as_chain(const Expr& expr) {
  if (const auto* e = std::get_if<AndExpr>(&expr.node)) return Chain{e->operands, true};
  if (const auto* e = std::get_if<OrExpr>(&expr.node)) return Chain{e->operands, false};
  return std::nullopt;
}

}  // namespace

std::string_view to_string(PolicyOutcome outcome) {
  switch (outcome) {
    case PolicyOutcome::kSatisfied: return "satisfied";
    case PolicyOutcome::kUnsatisfied: return "not_satisfied";
    case PolicyOutcome::kError: return "error";
    case PolicyOutcome::kWithheld: return "withheld";
  }
  return "unknown";
}

Reckoning::Reckoning(const cedar::Template& policy, std::span<const cedar::Part> parts,
                     std::span<const PartOutcome> outcomes)
    : policy_(policy),
      parts_(parts),
      outcomes_(outcomes),
      reached_(parts.size(), false),
      wanted_(parts.size(), true) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].expr != nullptr) leaves_.emplace(parts[i].expr, i);
  }
  for (const cedar::Condition& condition : policy.conditions) {
    weigh(*condition.body);
    want(*condition.body, !condition.is_unless);
  }
  outcome_ = run();
}

// ---- The least that would have to change

/// What it costs to make the expression true, and false: the number of parts that would have to
/// come to another value.
Reckoning::Cost Reckoning::weigh(const Expr& expr) {
  Cost cost;
  if (!cedar::is_connective(expr)) {
    const PartOutcome outcome = outcomes_[index_of(expr)];
    cost = {outcome == PartOutcome::kTrue ? 0U : 1U, outcome == PartOutcome::kFalse ? 0U : 1U,
            outcome == PartOutcome::kError ? 1U : 0U};
  } else if (const auto* e = std::get_if<UnaryExpr>(&expr.node)) {
    const Cost argument = weigh(*e->argument);
    cost = {argument.to_false, argument.to_true, argument.to_either};
  } else if (const auto chain = as_chain(expr)) {
    cost = weigh_chain(chain->operands, chain->goes_on_while);
  } else {
    const auto& branches = std::get<IfExpr>(expr.node);
    const Cost condition = weigh(*branches.condition), then = weigh(*branches.then_branch),
               otherwise = weigh(*branches.else_branch);
    const auto to = [&](bool value) {
      return std::min(condition.to_true + then.to(value), condition.to_false + otherwise.to(value));
    };
    // Which way a condition goes that is withheld is not known: then neither branch may err.
    cost = {to(true), to(false),
            std::min({condition.to_true + then.to_either, condition.to_false + otherwise.to_either,
                      condition.to_either + then.to_either + otherwise.to_either})};
  }
  costs_.emplace(&expr, cost);
  return cost;
}

/// A chain comes to the value it goes on with when all operands do, and to the other when one does
/// and none before it errs.
Reckoning::Cost Reckoning::weigh_chain(Operands operands, bool goes_on_while) {
  std::size_t all = 0, before = 0, least = SIZE_MAX;
  for (const Expr* operand : operands) {
    const Cost cost = weigh(*operand);
    least = std::min(least, before + cost.to(!goes_on_while));
    before += cost.to_either;
    all += cost.to(goes_on_while);
  }
  const std::size_t either = std::min(before, least);
  return goes_on_while ? Cost{all, least, either} : Cost{least, all, either};
}

void Reckoning::gather(const Expr& expr, bool value, std::vector<PartValue>& out) const {
  if (cost(expr, value) == 0) return;
  if (!cedar::is_connective(expr)) {
    out.push_back({index_of(expr), value});
  } else if (const auto* e = std::get_if<UnaryExpr>(&expr.node)) {
    gather(*e->argument, !value, out);
  } else if (const auto chain = as_chain(expr)) {
    gather_chain(chain->operands, chain->goes_on_while, value, out);
  } else {
    const auto& branches = std::get<IfExpr>(expr.node);
    const bool takes_then = cost(*branches.condition, true) + cost(*branches.then_branch, value) <=
                            cost(*branches.condition, false) + cost(*branches.else_branch, value);
    gather(*branches.condition, takes_then, out);
    gather(takes_then ? *branches.then_branch : *branches.else_branch, value, out);
  }
}

void Reckoning::gather_chain(Operands operands, bool goes_on_while, bool value,
                             std::vector<PartValue>& out) const {
  if (value == goes_on_while) {
    for (const Expr* operand : operands) gather(*operand, value, out);
    return;
  }
  std::size_t end = 0, before = 0, least = SIZE_MAX;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const std::size_t here = before + cost(*operands[i], value);
    if (here < least) least = here, end = i;
    before += costs_.at(operands[i]).to_either;
  }
  for (std::size_t i = 0; i < end; ++i) gather_either(*operands[i], out);
  gather(*operands[end], value, out);
}

/// What keeps the expression from erring, by whichever value is nearer.
void Reckoning::gather_either(const Expr& expr, std::vector<PartValue>& out) const {
  const auto either = [&](const Expr& each) { return costs_.at(&each).to_either; };
  const std::size_t least = either(expr);
  if (least == 0) return;
  if (!cedar::is_connective(expr)) {
    out.push_back({index_of(expr), wanted_[index_of(expr)]});
  } else if (const auto* e = std::get_if<UnaryExpr>(&expr.node)) {
    gather_either(*e->argument, out);
  } else if (const auto chain = as_chain(expr)) {
    std::size_t all = 0;
    for (const Expr* operand : chain->operands) all += either(*operand);
    if (all > least) return gather(expr, !chain->goes_on_while, out);
    for (const Expr* operand : chain->operands) gather_either(*operand, out);
  } else {
    const auto& branches = std::get<IfExpr>(expr.node);
    const bool is_then = cost(*branches.condition, true) + either(*branches.then_branch) == least;
    const bool is_else = cost(*branches.condition, false) + either(*branches.else_branch) == least;
    if (is_then || is_else) {
      gather(*branches.condition, is_then, out);
      gather_either(is_then ? *branches.then_branch : *branches.else_branch, out);
    } else {
      cedar::for_each_child(expr.node, [&](const Expr& child) { gather_either(child, out); });
    }
  }
}

std::vector<PartValue> Reckoning::missing() const {
  std::vector<PartValue> out;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].expr == nullptr && outcomes_[i] != PartOutcome::kTrue) out.push_back({i, true});
  }
  for (const cedar::Condition& condition : policy_.conditions) {
    gather(*condition.body, !condition.is_unless, out);
  }
  return out;
}

// ---- What evaluation comes to

PolicyOutcome Reckoning::run() {
  // Whether all came to what is wanted; kWithheld: it may not be known.
  PolicyOutcome outcome = PolicyOutcome::kSatisfied;
  const auto take = [&](std::size_t part) {
    reached_[part] = outcome == PolicyOutcome::kSatisfied;
    if (outcomes_[part] == PartOutcome::kFalse) outcome = PolicyOutcome::kUnsatisfied;
    if (outcomes_[part] == PartOutcome::kWithheld) outcome = PolicyOutcome::kWithheld;
  };
  for (std::size_t i = 0; i < parts_.size() && parts_[i].expr == nullptr; ++i) {
    take(i);
    if (outcome == PolicyOutcome::kUnsatisfied) return outcome;
  }
  for (const cedar::Condition& condition : policy_.conditions) {
    const bool is_sure = outcome == PolicyOutcome::kSatisfied;
    const Met value = run(*condition.body, is_sure);
    if (value == to_outcome(condition.is_unless)) return PolicyOutcome::kUnsatisfied;
    if (value == PartOutcome::kError && is_sure) return PolicyOutcome::kError;
    if (value != to_outcome(!condition.is_unless)) outcome = PolicyOutcome::kWithheld;
  }
  return outcome;
}

/// `is_sure`: evaluation surely comes here. Nothing: it may be a value that is withheld, or an
/// error.
Reckoning::Met Reckoning::run(const Expr& expr, bool is_sure) {
  Met met;
  if (!cedar::is_connective(expr)) {
    const std::size_t part = index_of(expr);
    reached_[part] = is_sure;
    met = outcomes_[part];
  } else if (const auto* e = std::get_if<UnaryExpr>(&expr.node)) {
    met = run(*e->argument, is_sure);
    if (met) met = negate(*met);
  } else if (const auto chain = as_chain(expr)) {
    met = run_chain(chain->operands, chain->goes_on_while, is_sure);
  } else {
    met = run_branches(std::get<IfExpr>(expr.node), is_sure);
  }
  if (met) values_.emplace(&expr, *met);
  return met;
}

Reckoning::Met Reckoning::run_chain(Operands operands, bool goes_on_while, bool is_sure) {
  PartOutcome outcome = to_outcome(goes_on_while);
  for (const Expr* operand : operands) {
    const bool is_withheld = outcome == PartOutcome::kWithheld;
    const Met met = run(*operand, is_sure && !is_withheld);
    if (!met || (met == PartOutcome::kError && is_withheld)) return std::nullopt;
    if (met == PartOutcome::kError || met == to_outcome(!goes_on_while)) return met;
    if (met == PartOutcome::kWithheld) outcome = *met;
  }
  return outcome;
}

Reckoning::Met Reckoning::run_branches(const IfExpr& e, bool is_sure) {
  const Met condition = run(*e.condition, is_sure);
  if (condition == PartOutcome::kTrue) return run(*e.then_branch, is_sure);
  if (condition == PartOutcome::kFalse) return run(*e.else_branch, is_sure);
  if (condition != PartOutcome::kWithheld) return condition;
  const Met then = run(*e.then_branch, false), otherwise = run(*e.else_branch, false);
  const auto may_err = [](const Met& met) { return !met || met == PartOutcome::kError; };
  return may_err(then) || may_err(otherwise) ? Met() : condition;
}

// ---- What holds

std::vector<PartValue> Reckoning::held() const {
  std::vector<PartValue> out;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].expr == nullptr && outcomes_[i] == PartOutcome::kTrue) out.push_back({i, true});
  }
  for (const cedar::Condition& condition : policy_.conditions) witness(*condition.body, out);
  return out;
}

void Reckoning::witness(const Expr& expr, std::vector<PartValue>& out) const {
  const auto met = values_.find(&expr);
  if (met == values_.end()) return;
  if (met->second != PartOutcome::kTrue && met->second != PartOutcome::kFalse) return;
  const bool value = met->second == PartOutcome::kTrue;
  if (!cedar::is_connective(expr)) {
    out.push_back({index_of(expr), value});
  } else if (const auto* e = std::get_if<UnaryExpr>(&expr.node)) {
    witness(*e->argument, out);
  } else if (const auto chain = as_chain(expr)) {
    for (const Expr* operand : chain->operands) {
      const auto last = values_.find(operand);
      // The one that ended the chain is the whole reason.
      const bool is_end =
          last != values_.end() && last->second == to_outcome(!chain->goes_on_while);
      if (value == chain->goes_on_while || is_end) witness(*operand, out);
      if (is_end) return;
    }
  } else {
    const auto& branches = std::get<IfExpr>(expr.node);
    witness(*branches.condition, out);
    const bool is_then = values_.at(branches.condition) == PartOutcome::kTrue;
    witness(is_then ? *branches.then_branch : *branches.else_branch, out);
  }
}

void Reckoning::want(const Expr& expr, bool value) {
  if (!cedar::is_connective(expr)) {
    wanted_[index_of(expr)] = value;
  } else if (const auto* e = std::get_if<UnaryExpr>(&expr.node)) {
    want(*e->argument, !value);
  } else if (const auto* branches = std::get_if<IfExpr>(&expr.node)) {
    want(*branches->condition, true);
    want(*branches->then_branch, value);
    want(*branches->else_branch, value);
  } else {
    cedar::for_each_child(expr.node, [&](const Expr& child) { want(child, value); });
  }
}

}  // namespace wardlock::explain
