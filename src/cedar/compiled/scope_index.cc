#include "cedar/compiled/scope_index.h"

#include <algorithm>
#include <array>
#include <memory_resource>

namespace wardlock::cedar {

/// Decides where each policy is kept, and lays the lists out.
class ScopeIndex::Builder {
 public:
  explicit Builder(ScopeIndex& index) : index_(index) {}

  void build(std::span<const Policy> policies) {
    index_.scopes_.reserve(policies.size());
    for (const Policy& policy : policies) index_.scopes_.push_back(scope_of(policy));
    if (policies.size() <= kAskEachUpTo) return;
    for (const Scope& scope : index_.scopes_) count(scope);
    for (std::uint32_t place = 0; place < index_.scopes_.size(); ++place) keep(place);
    index_.principal_ = lay_out(principal_);
    index_.action_ = lay_out(action_);
    index_.resource_ = lay_out(resource_);
  }

 private:
  using Op = Demand::Op;

  /// What is collected for one Part.
  struct Draft {
    struct List {
      std::vector<std::uint32_t> in, equal;
    };
    std::unordered_map<const EntityUid*, std::uint32_t, UidHash, UidEqual> users;  ///< policies
    std::unordered_map<const EntityUid*, List, UidHash, UidEqual> entities;
    std::vector<std::uint32_t> users_of_type;
    std::vector<std::vector<std::uint32_t>> types;
  };

  std::uint32_t number(std::string_view type) {
    return index_.types_.try_emplace(type, index_.types_.size() + 1).first->second;
  }

  Demand demand(const ScopeConstraint& scope, const EntityUid* slot) {
    const EntityUid* entity = scope.entity != nullptr ? scope.entity : slot;
    switch (scope.op) {
      case ScopeConstraint::Op::kAny: break;
      case ScopeConstraint::Op::kEqual: return {.entity = entity, .op = Op::kEqual};
      case ScopeConstraint::Op::kIn: return {.entity = entity, .op = Op::kIn};
      case ScopeConstraint::Op::kIs: return {.type = number(scope.type), .op = Op::kIs};
      case ScopeConstraint::Op::kIsIn:
        return {.entity = entity, .type = number(scope.type), .op = Op::kIsIn};
    }
    return {};
  }

  Scope scope_of(const Policy& policy) {
    const Template& body = *policy.body;
    Scope scope{.principal = demand(body.principal, policy.principal_slot),
                .action = {},
                .resource = demand(body.resource, policy.resource_slot),
                .further_actions = {}};
    if (body.action.op == ActionConstraint::Op::kAny) return scope;
    const bool is_equal = body.action.op == ActionConstraint::Op::kEqual;
    if (body.action.actions.empty()) {
      scope.action.op = Op::kNever;
      return scope;
    }
    scope.action = {.entity = body.action.actions.front(), .op = is_equal ? Op::kEqual : Op::kIn};
    scope.further_actions = body.action.actions.subspan(1);
    return scope;
  }

  static void count(Draft& draft, const Demand& demand) {
    if (demand.entity != nullptr) ++draft.users[demand.entity];
    if (demand.op == Op::kIs) {
      draft.users_of_type.resize(
          std::max<std::size_t>(draft.users_of_type.size(), demand.type + 1));
      ++draft.users_of_type[demand.type];
    }
  }

  void count(const Scope& scope) {
    count(principal_, scope.principal);
    count(resource_, scope.resource);
    count(action_, scope.action);
    for (const EntityUid* action : scope.further_actions) ++action_.users[action];
  }

  /// How many policies are found together with one that is kept under this demand.
  std::size_t company(const Draft& draft, const Demand& demand) const {
    if (demand.entity != nullptr) return draft.users.at(demand.entity);
    if (demand.op == Op::kIs) return draft.users_of_type[demand.type];
    return index_.scopes_.size();
  }

  static void keep(Draft& draft, const Demand& demand, std::uint32_t place) {
    if (demand.op == Op::kIs) {
      draft.types.resize(std::max<std::size_t>(draft.types.size(), demand.type + 1));
      draft.types[demand.type].push_back(place);
    } else {
      Draft::List& list = draft.entities[demand.entity];
      (demand.op == Op::kEqual ? list.equal : list.in).push_back(place);
    }
  }

  void keep(std::uint32_t place) {
    const Scope& scope = index_.scopes_[place];
    if (scope.action.op == Op::kNever) return;
    const std::size_t by_principal = company(principal_, scope.principal);
    const std::size_t by_resource = company(resource_, scope.resource);
    std::size_t by_action = company(action_, scope.action);
    for (const EntityUid* action : scope.further_actions) by_action += action_.users.at(action);
    const bool has_principal = scope.principal.op != Op::kAny;
    const bool has_resource = scope.resource.op != Op::kAny;
    const bool has_action = scope.action.op != Op::kAny;
    if (has_principal && by_principal <= by_resource &&
        (!has_action || by_principal <= by_action)) {
      keep(principal_, scope.principal, place);
    } else if (has_resource && (!has_action || by_resource <= by_action)) {
      keep(resource_, scope.resource, place);
    } else if (has_action) {
      keep(action_, scope.action, place);
      for (const EntityUid* action : scope.further_actions) {
        keep(action_, {.entity = action, .op = Op::kIn}, place);
      }
    } else {
      index_.for_all_.push_back(place);
    }
  }

  static Part lay_out(const Draft& draft) {
    Part part;
    const auto append = [&](const std::vector<std::uint32_t>& places) {
      part.members.insert(part.members.end(), places.begin(), places.end());
      return static_cast<std::uint32_t>(part.members.size());
    };
    std::vector<UidBucket> buckets;
    for (const auto& [entity, list] : draft.entities) {
      UidBucket bucket{.entity = entity, .begin = append({})};
      bucket.end_in = append(list.in);
      bucket.end = append(list.equal);
      buckets.push_back(bucket);
      part.has_in = part.has_in || !list.in.empty();
    }
    part.entities = UidTable(std::move(buckets));
    for (const auto& places : draft.types) {
      const std::uint32_t begin = append({});
      part.types.push_back({begin, append(places)});
    }
    return part;
  }

  ScopeIndex& index_;
  Draft principal_, action_, resource_;
};

/// One request's search.
class ScopeIndex::Search {
 public:
  Search(const ScopeIndex& index, RequestEntities& entities, Arena& arena, StepBudget& budget)
      : index_(index), entities_(entities), budget_(budget), found_(arena.resource()) {
    if (index.types_.empty()) return;
    types_[0] = index.type_number(entities.uid(Variable::kPrincipal).type);
    types_[2] = index.type_number(entities.uid(Variable::kResource).type);
  }

  void ask_each() {
    for (std::uint32_t place = 0; place < index_.scopes_.size(); ++place) ask(place);
  }

  void look_up() {
    for (const std::uint32_t place : index_.for_all_) ask(place);
    look_up(index_.principal_, Variable::kPrincipal);
    look_up(index_.action_, Variable::kAction);
    look_up(index_.resource_, Variable::kResource);
    // A policy that lists several actions may have been found by more than one.
    std::ranges::sort(found_);
    const auto repeated = std::ranges::unique(found_);
    found_.erase(repeated.begin(), repeated.end());
  }

  std::span<const std::uint32_t> found() const { return found_; }

 private:
  void ask(std::uint32_t place) {
    if (budget_.take() && holds(index_.scopes_[place])) found_.push_back(place);
  }

  void ask(const Part& part, std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t i = begin; i < end; ++i) ask(part.members[i]);
  }

  void look_up(const Part& part, Variable variable) {
    if (part.members.empty()) return;
    const std::uint32_t type = types_[static_cast<std::size_t>(variable)];
    if (type < part.types.size()) ask(part, part.types[type].begin, part.types[type].end);
    if (part.entities.buckets().empty()) return;
    const UidBucket* own = part.entities.find(entities_.uid(variable));
    if (own != nullptr) ask(part, own->begin, own->end);
    if (part.has_in) look_up_ancestors(part, variable);
  }

  void look_up_ancestors(const Part& part, Variable variable) {
    const Entity* entity = entities_.find(variable);
    if (entity == nullptr) return;
    // Whichever are fewer: keys or ancestors.
    const auto ancestors = entity->ancestors;
    const auto buckets = part.entities.buckets();
    if (ancestors.size() <= buckets.size()) {
      for (const EntityUid* ancestor : ancestors) {
        if (!budget_.take()) return;
        const UidBucket* bucket = part.entities.find(*ancestor);
        if (bucket != nullptr) ask(part, bucket->begin, bucket->end_in);
      }
    } else {
      for (const UidBucket& bucket : buckets) {
        if (!budget_.take()) return;
        if (entity->has_ancestor(*bucket.entity)) ask(part, bucket.begin, bucket.end_in);
      }
    }
  }

  bool holds(const Scope& scope) {
    return holds_action(scope) && holds(scope.principal, Variable::kPrincipal) &&
           holds(scope.resource, Variable::kResource);
  }

  bool holds_action(const Scope& scope) {
    if (holds(scope.action, Variable::kAction)) return true;
    return std::ranges::any_of(scope.further_actions, [&](const EntityUid* action) {
      return is_in(Variable::kAction, *action);
    });
  }

  bool holds(const Demand& demand, Variable variable) {
    const std::uint32_t type = types_[static_cast<std::size_t>(variable)];
    switch (demand.op) {
      case Demand::Op::kAny: return true;
      case Demand::Op::kEqual: return entities_.uid(variable) == *demand.entity;
      case Demand::Op::kIn: return is_in(variable, *demand.entity);
      case Demand::Op::kIs: return type == demand.type;
      case Demand::Op::kIsIn: return type == demand.type && is_in(variable, *demand.entity);
      case Demand::Op::kNever: return false;
    }
    return false;
  }

  bool is_in(Variable variable, const EntityUid& group) {
    if (entities_.uid(variable) == group) return true;
    const Entity* entity = entities_.find(variable);
    return entity != nullptr && entity->has_ancestor(group);
  }

  const ScopeIndex& index_;
  RequestEntities& entities_;
  StepBudget& budget_;
  std::array<std::uint32_t, 3> types_ = {};  ///< in the order of Variable
  std::pmr::vector<std::uint32_t> found_;
};

ScopeIndex::ScopeIndex(std::span<const Policy> policies) { Builder(*this).build(policies); }

std::span<const std::uint32_t> ScopeIndex::find(RequestEntities& entities, Arena& arena,
                                                StepBudget& budget) const {
  Search search(*this, entities, arena, budget);
  scopes_.size() <= kAskEachUpTo ? search.ask_each() : search.look_up();
  return arena.copy(search.found());
}

std::uint32_t ScopeIndex::type_number(std::string_view type) const {
  const auto it = types_.find(type);
  return it == types_.end() ? 0 : it->second;
}

}  // namespace wardlock::cedar
