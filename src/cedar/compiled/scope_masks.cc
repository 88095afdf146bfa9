#include "cedar/compiled/scope_masks.h"

#include <bit>
#include <utility>

#include "base/check.h"

namespace wardlock::cedar {

ScopeMasks::ScopeMasks(Scopes scopes) : types_(std::move(scopes.types)) {
  CHECK(scopes.all.size() <= kMostPolicies);
  for (Part* part : {&principal_, &action_, &resource_}) part->by_type.resize(types_.end());
  for (std::size_t place = 0; place < scopes.all.size(); ++place) {
    const Scope& scope = scopes.all[place];
    const Mask policy = Mask{1} << place;
    principal_.add(scope.principal, policy);
    resource_.add(scope.resource, policy);
    if (scope.action_op == Demand::Op::kAny) action_.any |= policy;
    for (const EntityUid* action : scopes.actions_of(scope)) {
      action_.add({.op = scope.action_op, .entity = action}, policy);
    }
  }
}

ScopeMasks::Part::ByEntity& ScopeMasks::Part::of(const EntityUid* entity) {
  const std::uint32_t number = entities.add(entity);
  if (number == by_entity.size()) by_entity.emplace_back();
  return by_entity[number];
}

void ScopeMasks::Part::add(const Demand& demand, Mask policy) {
  switch (demand.op) {
    case Demand::Op::kAny: any |= policy; break;
    case Demand::Op::kEqual: of(demand.entity).equal |= policy; break;
    case Demand::Op::kIn:
      of(demand.entity).in |= policy;
      has_in = true;
      break;
    case Demand::Op::kIs: by_type[demand.type].is |= policy; break;
    case Demand::Op::kIsIn:
      of(demand.entity).is_in |= policy;
      by_type[demand.type].is_in |= policy;
      has_in = true;
      break;
  }
}

ScopeMasks::Mask ScopeMasks::Part::met_by(Variable variable, RequestEntities& request,
                                          const TypeNumbers& types, StepBudget& budget) const {
  Mask met = any, inside = 0;
  if (entities.size() > 0) {
    const Entity* entity = has_in ? request.find(variable) : nullptr;
    if (const auto number = entities.find(request.known_uid(variable))) {
      met |= by_entity[*number].equal | by_entity[*number].in;
      inside |= by_entity[*number].is_in;
    }
    if (entity != nullptr) {
      entities.for_each_ancestor(*entity, request, budget, [&](std::uint32_t number) {
        met |= by_entity[number].in;
        inside |= by_entity[number].is_in;
      });
    }
  }
  if (by_type.size() > 1) {
    const ByType& of_type = by_type[types.find(request.uid(variable).type)];
    met |= of_type.is | (of_type.is_in & inside);
  }
  return met;
}

std::span<const std::uint32_t> ScopeMasks::find(RequestEntities& entities, Arena& arena,
                                                StepBudget& budget) const {
  Mask met = action_.met_by(Variable::kAction, entities, types_, budget);
  if (met != 0) met &= principal_.met_by(Variable::kPrincipal, entities, types_, budget);
  if (met != 0) met &= resource_.met_by(Variable::kResource, entities, types_, budget);
  const std::span<std::uint32_t> places =
      arena.allocate<std::uint32_t>(static_cast<std::size_t>(std::bit_width(met)));
  std::size_t count = 0;
  for (; met != 0; met &= met - 1) {
    places[count++] = static_cast<std::uint32_t>(std::countr_zero(met));
  }
  return places.first(count);
}

}  // namespace wardlock::cedar
