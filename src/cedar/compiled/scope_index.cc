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
  Builder(ScopeIndex& index, const Scopes& scopes) : index_(index), scopes_(scopes) {
    for (Draft* draft : {&principal_, &action_, &resource_}) {
      draft->by_type.resize(scopes.types.end());
    }
  }

  void build() {
    for (const Scope& scope : scopes_.all) {
      count(principal_, scope.principal);
      count(resource_, scope.resource);
      for (const EntityUid* action : scopes_.actions_of(scope)) ++action_.by_entity[action].users;
    }
    for (std::uint32_t place = 0; place < scopes_.all.size(); ++place) keep(place);
    index_.principal_ = lay_out(principal_);
    index_.action_ = lay_out(action_);
    index_.resource_ = lay_out(resource_);
  }

 private:
  struct List {
    std::size_t users = 0;  ///< scopes that demand this entity or type
    std::vector<std::uint32_t> in, equal;
  };
  /// What is collected for one Part.
  struct Draft {
    UidTable<List> by_entity;
    std::vector<List> by_type;
  };

  /// The list that a policy with this demand would be kept in; null if it demands nothing.
  static List* list_of(Draft& draft, const Demand& demand) {
    if (demand.op == Op::kAny) return nullptr;
    return demand.entity != nullptr ? &draft.by_entity[demand.entity] : &draft.by_type[demand.type];
  }

  static void count(Draft& draft, const Demand& demand) {
    if (List* list = list_of(draft, demand)) ++list->users;
  }

  static void add(List& list, Op op, std::uint32_t place) {
    (op == Op::kIn || op == Op::kIsIn ? list.in : list.equal).push_back(place);
  }

  void keep(std::uint32_t place) {
    const Scope& scope = scopes_.all[place];
    List* const by_principal = list_of(principal_, scope.principal);
    List* const by_resource = list_of(resource_, scope.resource);
    const bool has_action = scope.action_op != Op::kAny;
    std::size_t action_users = has_action ? 0 : SIZE_MAX;
    for (const EntityUid* action : scopes_.actions_of(scope)) {
      action_users += action_.by_entity[action].users;
    }
    const std::size_t principal_users = by_principal != nullptr ? by_principal->users : SIZE_MAX;
    const std::size_t resource_users = by_resource != nullptr ? by_resource->users : SIZE_MAX;
    if (by_principal != nullptr && principal_users <= std::min(resource_users, action_users)) {
      add(*by_principal, scope.principal.op, place);
    } else if (by_resource != nullptr && resource_users <= action_users) {
      add(*by_resource, scope.resource.op, place);
    } else if (has_action) {
      for (const EntityUid* action : scopes_.actions_of(scope)) {
        add(action_.by_entity[action], scope.action_op, place);
      }
    } else {
      index_.for_all_.push_back(place);
    }
  }

  Part lay_out(const Draft& draft) const {
    Part part;
    const auto append = [&](const std::vector<std::uint32_t>& places) {
      for (const std::uint32_t place : places) part.members.push_back({scopes_.all[place], place});
      return static_cast<std::uint32_t>(part.members.size());
    };
    draft.by_entity.for_each([&](const EntityUid* entity, const List& list) {
      // Only the keys that policies are kept under, so that a search finds no others.
      if (list.in.empty() && list.equal.empty()) return;
      const std::uint32_t begin = append({});
      const std::uint32_t end_in = append(list.in);
      part.by_entity[entity] = {begin, end_in, append(list.equal)};
      part.has_in = part.has_in || end_in > begin;
    });
    for (const List& list : draft.by_type) {
      const std::uint32_t begin = append({});
      part.by_type.push_back({begin, append(list.equal)});
    }
    return part;
  }

  ScopeIndex& index_;
  const Scopes& scopes_;
  Draft principal_, action_, resource_;
};

/// One request's search.
class ScopeIndex::Search {
 public:
  Search(const ScopeIndex& index, RequestEntities& entities, Arena& arena, StepBudget& budget)
      : index_(index),
        entities_(entities),
        budget_(budget),
        types_{index.types_.find(entities.uid(Variable::kPrincipal).type), 0,
               index.types_.find(entities.uid(Variable::kResource).type)},
        due_(arena.resource()),
        found_(arena.resource()) {
    due_.reserve(kUsual);
    found_.reserve(kUsual);
  }

  void run() {
    for (const std::uint32_t place : index_.for_all_) {
      if (budget_.take()) found_.push_back(place);
    }
    prefetch(index_.principal_, Variable::kPrincipal);
    prefetch(index_.resource_, Variable::kResource);
    look_up(index_.action_, Variable::kAction);
    look_up(index_.principal_, Variable::kPrincipal);
    look_up(index_.resource_, Variable::kResource);
    for (const Due& due : due_) ask(due);
    // A policy that lists several actions may have been found by more than one.
    std::ranges::sort(found_);
    const auto repeated = std::ranges::unique(found_);
    found_.erase(repeated.begin(), repeated.end());
  }

  std::span<const std::uint32_t> found() const { return found_; }

 private:
  /// The memory of several is waited for together.
  void prefetch(const Part& part, Variable variable) {
    const Entity* entity = part.has_in ? entities_.find(variable) : nullptr;
    if (entity != nullptr) part.by_entity.prefetch_ancestors(*entity);
  }

  /// Members of a part that are to be asked.
  struct Due {
    const Part& part;
    std::uint32_t begin;
    std::uint32_t end;
  };

  /// Later, when all that is to be asked is known: their memory is waited for together.
  void add(const Part& part, std::uint32_t begin, std::uint32_t end) {
    if (begin == end) return;
    __builtin_prefetch(&part.members[begin]);
    due_.push_back({part, begin, end});
  }

  void ask(const Due& due) {
    for (std::uint32_t i = due.begin; i < due.end; ++i) {
      if (!budget_.take()) return;
      const Member& member = due.part.members[i];
      if (holds(member.scope)) found_.push_back(member.place);
    }
  }

  void look_up(const Part& part, Variable variable) {
    const Part::ByType of_type = part.by_type[types_[static_cast<std::size_t>(variable)]];
    add(part, of_type.begin, of_type.end);
    if (part.by_entity.size() == 0) return;
    const Entity* entity = part.has_in ? entities_.find(variable) : nullptr;
    if (const auto* own = part.by_entity.find(entities_.known_uid(variable))) {
      add(part, own->begin, own->end);
    }
    if (entity == nullptr) return;
    part.by_entity.for_each_ancestor(*entity, entities_, budget_, [&](const Part::ByEntity& above) {
      add(part, above.begin, above.end_in);
    });
  }

  bool holds(const Scope& scope) {
    return holds_action(scope) && holds(scope.principal, Variable::kPrincipal) &&
           holds(scope.resource, Variable::kResource);
  }

  bool holds_action(const Scope& scope) {
    if (scope.action_op == Op::kAny) return true;
    const auto actions = std::span(index_.actions_).subspan(scope.first_action, scope.action_count);
    return std::ranges::any_of(actions, [&](const EntityUid* action) {
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

  static constexpr std::size_t kUsual = 32;  ///< policies that are found

  const ScopeIndex& index_;
  RequestEntities& entities_;
  StepBudget& budget_;
  std::array<std::uint32_t, 3> types_;  ///< in the order of Variable
  std::pmr::vector<Due> due_;
  std::pmr::vector<std::uint32_t> found_;
};

ScopeIndex::ScopeIndex(Scopes scopes) {
  Builder(*this, scopes).build();
  types_ = std::move(scopes.types);
  actions_ = std::move(scopes.actions);
}

std::span<const std::uint32_t> ScopeIndex::find(RequestEntities& entities, Arena& arena,
                                                StepBudget& budget) const {
  Search search(*this, entities, arena, budget);
  search.run();
  return arena.copy(search.found());
}

}  // namespace wardlock::cedar
