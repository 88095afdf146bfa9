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

void ScopeMasks::Part::add(const Demand& demand, Mask policy) {
  switch (demand.op) {
    case Demand::Op::kAny: any |= policy; break;
    case Demand::Op::kEqual: by_entity[demand.entity].equal |= policy; break;
    case Demand::Op::kIn:
      by_entity[demand.entity].in |= policy;
      has_in = true;
      break;
    case Demand::Op::kIs: by_type[demand.type].is |= policy; break;
    case Demand::Op::kIsIn:
      by_entity[demand.entity].is_in |= policy;
      by_type[demand.type].is_in |= policy;
      has_in = true;
      break;
  }
}

ScopeMasks::Mask ScopeMasks::Part::met_by(Variable variable, RequestEntities& request,
                                          const TypeNumbers& types, StepBudget& budget) const {
  Mask met = any, inside = 0;
  if (by_entity.size() > 0) {
    const Entity* entity = has_in ? request.find(variable) : nullptr;
    if (const ByEntity* own = by_entity.find(request.known_uid(variable))) {
      met |= own->equal | own->in;
      inside |= own->is_in;
    }
    if (entity != nullptr) {
      by_entity.for_each_ancestor(*entity, request, budget, [&](const ByEntity& above) {
        met |= above.in;
        inside |= above.is_in;
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
