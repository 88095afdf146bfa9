#include "cedar/compiled/scope_index.h"

#include <algorithm>
#include <array>
#include <memory_resource>
#include <utility>

namespace wardlock::cedar {

using Op = Demand::Op;

/// Decides where each policy is kept, and lays the lists out.
class ScopeIndex::Builder {
 public:
  explicit Builder(ScopeIndex& index) : index_(index) {
    for (Draft* draft : {&principal_, &action_, &resource_}) {
      draft->by_type.resize(index.scopes_.types.end());
    }
  }

  void build() {
    for (const Scope& scope : index_.scopes_.all) {
      count(principal_, scope.principal);
      count(resource_, scope.resource);
      for (const EntityUid* action : index_.scopes_.actions_of(scope)) ++of(action_, action).users;
    }
    for (std::uint32_t place = 0; place < index_.scopes_.all.size(); ++place) keep(place);
    index_.principal_ = lay_out(std::move(principal_));
    index_.action_ = lay_out(std::move(action_));
    index_.resource_ = lay_out(std::move(resource_));
  }

 private:
  struct List {
    std::size_t users = 0;  ///< scopes that demand this entity or type
    std::vector<std::uint32_t> in, equal;
  };
  /// What is collected for one Part.
  struct Draft {
    UidTable entities;
    std::vector<List> by_entity;
    std::vector<List> by_type;
  };

  static List& of(Draft& draft, const EntityUid* entity) {
    const std::uint32_t number = draft.entities.add(entity);
    if (number == draft.by_entity.size()) draft.by_entity.emplace_back();
    return draft.by_entity[number];
  }

  /// The list that a policy with this demand would be kept in; null if it demands nothing.
  static List* list_of(Draft& draft, const Demand& demand) {
    if (demand.op == Op::kAny) return nullptr;
    return demand.entity != nullptr ? &of(draft, demand.entity) : &draft.by_type[demand.type];
  }

  static void count(Draft& draft, const Demand& demand) {
    if (List* list = list_of(draft, demand)) ++list->users;
  }

  static void add(List& list, Op op, std::uint32_t place) {
    (op == Op::kIn || op == Op::kIsIn ? list.in : list.equal).push_back(place);
  }

  void keep(std::uint32_t place) {
    const Scope& scope = index_.scopes_.all[place];
    List* const by_principal = list_of(principal_, scope.principal);
    List* const by_resource = list_of(resource_, scope.resource);
    const bool has_action = scope.action_op != Op::kAny;
    std::size_t action_users = has_action ? 0 : SIZE_MAX;
    for (const EntityUid* action : index_.scopes_.actions_of(scope))
      action_users += of(action_, action).users;
    const std::size_t principal_users = by_principal != nullptr ? by_principal->users : SIZE_MAX;
    const std::size_t resource_users = by_resource != nullptr ? by_resource->users : SIZE_MAX;
    if (by_principal != nullptr && principal_users <= std::min(resource_users, action_users)) {
      add(*by_principal, scope.principal.op, place);
    } else if (by_resource != nullptr && resource_users <= action_users) {
      add(*by_resource, scope.resource.op, place);
    } else if (has_action) {
      for (const EntityUid* action : index_.scopes_.actions_of(scope))
        add(of(action_, action), scope.action_op, place);
    } else {
      index_.for_all_.push_back(place);
    }
  }

  static Part lay_out(Draft&& draft) {
    Part part;
    const auto append = [&](const std::vector<std::uint32_t>& places) {
      part.members.insert(part.members.end(), places.begin(), places.end());
      return static_cast<std::uint32_t>(part.members.size());
    };
    // Only the keys that policies are kept under, so that a search finds no others.
    for (std::uint32_t number = 0; number < draft.by_entity.size(); ++number) {
      const List& list = draft.by_entity[number];
      if (list.in.empty() && list.equal.empty()) continue;
      part.entities.add(&draft.entities.key(number));
      const std::uint32_t begin = append({});
      const std::uint32_t end_in = append(list.in);
      part.by_entity.push_back({begin, end_in, append(list.equal)});
      part.has_in = part.has_in || end_in > begin;
    }
    for (const List& list : draft.by_type) {
      const std::uint32_t begin = append({});
      part.by_type.push_back({begin, append(list.equal)});
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
      : index_(index),
        entities_(entities),
        budget_(budget),
        types_{index.scopes_.types.find(entities.uid(Variable::kPrincipal).type), 0,
               index.scopes_.types.find(entities.uid(Variable::kResource).type)},
        found_(arena.resource()) {}

  void run() {
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
    if (budget_.take() && holds(index_.scopes_.all[place])) found_.push_back(place);
  }

  void ask(const Part& part, std::uint32_t begin, std::uint32_t end) {
    // Their memory is waited for together.
    for (std::uint32_t i = begin; i < std::min(end, begin + kAhead); ++i) {
      __builtin_prefetch(&index_.scopes_.all[part.members[i]]);
    }
    for (std::uint32_t i = begin; i < end; ++i) ask(part.members[i]);
  }

  void look_up(const Part& part, Variable variable) {
    const Part::ByType of_type = part.by_type[types_[static_cast<std::size_t>(variable)]];
    ask(part, of_type.begin, of_type.end);
    if (part.entities.size() == 0) return;
    const Entity* entity = part.has_in ? entities_.find(variable) : nullptr;
    if (const auto number = part.entities.find(entities_.known_uid(variable))) {
      ask(part, part.by_entity[*number].begin, part.by_entity[*number].end);
    }
    if (entity == nullptr) return;
    part.entities.for_each_ancestor(*entity, entities_, budget_, [&](std::uint32_t number) {
      ask(part, part.by_entity[number].begin, part.by_entity[number].end_in);
    });
  }

  bool holds(const Scope& scope) {
    return holds_action(scope) && holds(scope.principal, Variable::kPrincipal) &&
           holds(scope.resource, Variable::kResource);
  }

  bool holds_action(const Scope& scope) {
    if (scope.action_op == Op::kAny) return true;
    return std::ranges::any_of(index_.scopes_.actions_of(scope), [&](const EntityUid* action) {
      return scope.action_op == Op::kIn ? is_in(Variable::kAction, *action)
                                        : entities_.known_uid(Variable::kAction) == *action;
    });
  }

  bool holds(const Demand& demand, Variable variable) {
    const std::uint32_t type = types_[static_cast<std::size_t>(variable)];
    switch (demand.op) {
      case Op::kAny: return true;
      case Op::kEqual: return entities_.known_uid(variable) == *demand.entity;
      case Op::kIn: return is_in(variable, *demand.entity);
      case Op::kIs: return type == demand.type;
      case Op::kIsIn: return type == demand.type && is_in(variable, *demand.entity);
    }
    return false;
  }

  bool is_in(Variable variable, const EntityUid& group) {
    if (entities_.known_uid(variable) == group) return true;
    const Entity* entity = entities_.find(variable);
    return entity != nullptr && entities_.has_ancestor(*entity, group);
  }

  static constexpr std::uint32_t kAhead = 16;

  const ScopeIndex& index_;
  RequestEntities& entities_;
  StepBudget& budget_;
  std::array<std::uint32_t, 3> types_;  ///< in the order of Variable
  std::pmr::vector<std::uint32_t> found_;
};

ScopeIndex::ScopeIndex(Scopes scopes) : scopes_(std::move(scopes)) { Builder(*this).build(); }

std::span<const std::uint32_t> ScopeIndex::find(RequestEntities& entities, Arena& arena,
                                                StepBudget& budget) const {
  Search search(*this, entities, arena, budget);
  search.run();
  return arena.copy(search.found());
}

}  // namespace wardlock::cedar
