#include "cedar/compiled/scope.h"

#include <algorithm>

namespace wardlock::cedar {
namespace {

/// One uid for equal literals of all policies.
class UidLiterals {
 public:
  explicit UidLiterals(const EntityStore* entities) : entities_(entities) {}

  const EntityUid* get(const EntityUid* literal) {
    const auto [it, is_new] = known_.try_emplace(literal, literal);
    if (is_new && entities_ != nullptr) {
      if (const EntityUid* own = entities_->canonical(*literal)) it->second = own;
    }
    return it->second;
  }

 private:
  const EntityStore* entities_;
  std::unordered_map<const EntityUid*, const EntityUid*, UidHash, UidEqual> known_;
};

Demand demand_of(const ScopeConstraint& scope, const EntityUid* slot, TypeNumbers& types,
                 UidLiterals& literals) {
  const auto entity = [&] { return literals.get(scope.entity != nullptr ? scope.entity : slot); };
  switch (scope.op) {
    case ScopeConstraint::Op::kAny: break;
    case ScopeConstraint::Op::kEqual: return {.op = Demand::Op::kEqual, .entity = entity()};
    case ScopeConstraint::Op::kIn: return {.op = Demand::Op::kIn, .entity = entity()};
    case ScopeConstraint::Op::kIs: return {.op = Demand::Op::kIs, .type = types.add(scope.type)};
    case ScopeConstraint::Op::kIsIn:
      return {.op = Demand::Op::kIsIn, .type = types.add(scope.type), .entity = entity()};
  }
  return {};
}

Demand::Op op_of(const ActionConstraint& action) {
  switch (action.op) {
    case ActionConstraint::Op::kAny: break;
    case ActionConstraint::Op::kEqual: return Demand::Op::kEqual;
    case ActionConstraint::Op::kIn: return Demand::Op::kIn;
  }
  return Demand::Op::kAny;
}

}  // namespace

std::uint32_t TypeNumbers::add(std::string_view type) {
  const auto [it, is_new] =
      numbers_.try_emplace(type, static_cast<std::uint32_t>(types_.size() + 1));
  if (is_new) types_.push_back(type);
  return it->second;
}

std::uint32_t TypeNumbers::find(std::string_view type) const {
  constexpr std::size_t kCompareUpTo = 32;  // mostly of different sizes
  if (types_.size() <= kCompareUpTo) {
    const auto it = std::ranges::find(types_, type);
    return it == types_.end() ? 0 : static_cast<std::uint32_t>(it - types_.begin() + 1);
  }
  const auto it = numbers_.find(type);
  return it == numbers_.end() ? 0 : it->second;
}

Scopes scopes_of(std::span<const Policy> policies, const EntityStore* entities) {
  UidLiterals literals(entities);
  Scopes scopes;
  scopes.all.reserve(policies.size());
  for (const Policy& policy : policies) {
    const Template& body = *policy.body;
    scopes.all.push_back(
        {.principal = demand_of(body.principal, policy.principal_slot, scopes.types, literals),
         .resource = demand_of(body.resource, policy.resource_slot, scopes.types, literals),
         .action_op = op_of(body.action),
         .first_action = static_cast<std::uint32_t>(scopes.actions.size()),
         .action_count = static_cast<std::uint32_t>(body.action.actions.size())});
    for (const EntityUid* action : body.action.actions) {
      scopes.actions.push_back(literals.get(action));
    }
  }
  return scopes;
}

}  // namespace wardlock::cedar
