#include "pdp/source_readers.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::pdp {
namespace {

using cedar::BinaryOp;
using cedar::Expr;

/// The class of actions after which everybody is safer: `@audit("safety")`.
constexpr std::string_view kSafety = "safety";

/// How the truth of a part moves that of the whole.
enum class Sense : std::uint8_t {
  kWith,     ///< the whole can only become true with it
  kAgainst,  ///< only false
  kEither,
};

Sense opposite(Sense sense) {
  if (sense == Sense::kEither) return sense;
  return sense == Sense::kWith ? Sense::kAgainst : Sense::kWith;
}

bool is_context(const Expr& expr) {
  const auto* variable = std::get_if<cedar::Variable>(&expr.node);
  return variable != nullptr && *variable == cedar::Variable::kContext;
}

/// Looks through the conditions of one policy.
class Reader {
 public:
  Reader(const cedar::Template& policy, const SourcedAttributes& sourced)
      : policy_(policy), sourced_(sourced) {}

  void read() {
    for (const cedar::Condition& condition : policy_.conditions) {
      walk(*condition.body, condition.is_unless ? Sense::kAgainst : Sense::kWith);
    }
  }

  const std::vector<std::string_view>& names() const { return names_; }
  /// Of one that is absent, and the policy allows more for it; empty: there is none.
  std::string_view gained_by_absence() const { return gained_; }

 private:
  void note(std::string_view name) {
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  }

  void walk(const Expr& expr, Sense sense) {
    if (const auto* unary = std::get_if<cedar::UnaryExpr>(&expr.node);
        unary != nullptr && unary->op == cedar::UnaryOp::kNot) {
      return walk(*unary->argument, opposite(sense));
    }
    if (const auto* all = std::get_if<cedar::AndExpr>(&expr.node)) {
      for (const Expr* each : all->operands) walk(*each, sense);
      return;
    }
    if (const auto* some = std::get_if<cedar::OrExpr>(&expr.node)) {
      for (const Expr* each : some->operands) walk(*each, sense);
      return;
    }
    if (const auto* choice = std::get_if<cedar::IfExpr>(&expr.node)) {
      walk(*choice->condition, Sense::kEither);
      walk(*choice->then_branch, sense);
      return walk(*choice->else_branch, sense);
    }
    if (const auto* has = std::get_if<cedar::HasAttr>(&expr.node)) read_has(*has, sense);
    if (const auto* get = std::get_if<cedar::GetAttr>(&expr.node)) {
      if (sourced_.has_name(get->name) && !is_context(*get->target)) note(get->name);
    }
    cedar::for_each_child(expr.node, [this](const Expr& child) { walk(child, Sense::kEither); });
  }

  void read_has(const cedar::HasAttr& has, Sense sense) {
    const bool is_key = is_context(*has.target);
    for (std::size_t i = is_key ? 1 : 0; i < has.path.size(); ++i) {
      const std::string_view name = has.path[i];
      if (!sourced_.has_name(name)) continue;
      note(name);
      const bool is_permit = policy_.effect == cedar::Effect::kPermit;
      if (sense != (is_permit ? Sense::kWith : Sense::kAgainst)) gained_ = name;
    }
  }

  const cedar::Template& policy_;
  const SourcedAttributes& sourced_;
  std::vector<std::string_view> names_;
  std::string_view gained_;
};

/// What of a scope is known without entities.
bool may_match(const cedar::ScopeConstraint& scope, std::span<const std::string_view> types) {
  using Op = cedar::ScopeConstraint::Op;
  const auto has = [&](std::string_view type) {
    return std::ranges::find(types, type) != types.end();
  };
  switch (scope.op) {
    case Op::kIs:
    case Op::kIsIn: return has(scope.type);
    case Op::kEqual: return scope.entity == nullptr || has(scope.entity->type);
    default: return true;
  }
}

bool may_match(const cedar::ActionConstraint& scope, const cedar::ActionType& action) {
  using Op = cedar::ActionConstraint::Op;
  if (scope.op == Op::kAny) return true;
  return std::ranges::any_of(scope.actions, [&](const cedar::EntityUid* each) {
    if (*each == *action.uid) return true;
    return scope.op == Op::kIn && std::ranges::any_of(action.ancestors, [&](const auto* group) {
             return *group == *each;
           });
  });
}

/// An action of the class that the policy may decide about; null: there is none.
const cedar::ActionType* find_safety(const cedar::Template& policy, const cedar::Schema& schema,
                                     const Accountability& accountability) {
  for (const cedar::ActionType& action : schema.actions()) {
    if (accountability.class_of(*action.uid) != kSafety || action.principals.empty()) continue;
    if (may_match(policy.action, action) && may_match(policy.principal, action.principals) &&
        may_match(policy.resource, action.resources)) {
      return &action;
    }
  }
  return nullptr;
}

std::string absence_fault(const cedar::Template& policy, std::string_view name) {
  if (policy.effect == cedar::Effect::kPermit) {
    return fmt::format(
        "policy `{}`: it permits where `{}` is not known, and not knowing must not allow; permit "
        "only what `has {}` and its value say",
        policy.id, name, name);
  }
  return fmt::format(
      "policy `{}`: it does not forbid where `{}` is not known, and not knowing must not allow; "
      "write it as `unless {{ … has {} && … }}`",
      policy.id, name, name);
}

}  // namespace

Result<SourceReaders> SourceReaders::find(const cedar::PolicySet& policies,
                                          const cedar::Schema& schema,
                                          const SourcedAttributes& sourced,
                                          const Accountability& accountability) {
  SourceReaders readers;
  if (sourced.empty()) return readers;
  std::string faults;
  const auto look_at = [&](const cedar::Template& policy) {
    if (readers.names_.contains(&policy)) return;
    Reader reader(policy, sourced);
    reader.read();
    if (reader.names().empty()) return;
    readers.names_.emplace(&policy, reader.names());
    const auto add = [&](const std::string& fault) {
      faults += fmt::format("{}{}", faults.empty() ? "" : "\n", fault);
    };
    if (!reader.gained_by_absence().empty()) {
      add(absence_fault(policy, reader.gained_by_absence()));
    }
    if (const auto* action = find_safety(policy, schema, accountability)) {
      add(
          fmt::format("policy `{}`: it reads `{}`, which a source tells, and decides about `{}`; a "
                      "source's silence must not stop what makes safer: name other actions, or "
                      "types, in its scope",
                      policy.id, reader.names().front(), action->uid->id));
    }
  };
  for (const cedar::Policy& policy : policies.policies()) look_at(*policy.body);
  for (const cedar::Template* each : policies.templates()) look_at(*each);
  if (!faults.empty()) return fail(ErrorCode::kFailedPrecondition, std::move(faults));
  return readers;
}

std::span<const std::string_view> SourceReaders::read_by(const cedar::Policy& policy) const {
  const auto found = names_.find(policy.body);
  if (found == names_.end()) return {};
  return found->second;
}

}  // namespace wardlock::pdp
