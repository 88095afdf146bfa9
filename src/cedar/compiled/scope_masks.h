#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/compiled/request_entities.h"
#include "cedar/compiled/scope.h"
#include "cedar/compiled/uid_table.h"
#include "cedar/evaluator/step_budget.h"

namespace wardlock::cedar {

/// Finds which of a few policies have a scope that holds, with one bit for each policy: for every
/// entity and type that scopes name, the policies whose demand it meets. Three unions and an
/// intersection answer a request. Immutable once filled; may be read by any thread. Borrows the
/// uids.
class ScopeMasks {
 public:
  static constexpr std::size_t kMostPolicies = 64;

  /// Requires at most `kMostPolicies`.
  explicit ScopeMasks(Scopes scopes);

  /// Places among the scopes, ascending; in `arena`. Counts for nothing when the budget is used up.
  std::span<const std::uint32_t> find(RequestEntities& entities, Arena& arena,
                                      StepBudget& budget) const;

 private:
  using Mask = std::uint64_t;

  /// The policies whose demand on the principal, the action or the resource is met …
  struct Part {
    struct ByEntity {
      Mask equal = 0;  ///< … by this entity
      Mask in = 0;     ///< … by what is in it, itself included
      Mask is_in = 0;  ///< … by what is in it and of the right type
    };
    struct ByType {
      Mask is = 0;     ///< … by this type
      Mask is_in = 0;  ///< … by this type in the right entity
    };
    Mask any = 0;
    bool has_in = false;
    UidTable<ByEntity> by_entity;
    std::vector<ByType> by_type;  ///< by the number of the type; empty if no policy names one

    void add(const Demand& demand, Mask policy);
    Mask met_by(Variable variable, RequestEntities& request, const TypeNumbers& types,
                StepBudget& budget) const;
  };

  TypeNumbers types_;
  Part principal_, action_, resource_;
};

}  // namespace wardlock::cedar
