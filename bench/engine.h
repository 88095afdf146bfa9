#pragma once

#include <array>
#include <cstddef>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/authorizer/authorizer.h"
#include "cedar/compiled/compiled_policies.h"
#include "cedar/entities/entity_store.h"

namespace wardlock::bench {

/// The engine under measurement: policies made ready, and one decision after the other. Borrows
/// policies and entities. Not thread-safe.
class Engine {
 public:
  Engine(const cedar::PolicySet& policies, const cedar::EntityStore& entities)
      : policies_(cedar::CompiledPolicies::compile(policies.policies(), {.entities = &entities})),
        entities_(entities) {}

  struct Answer {
    bool allows;
    bool errs;  ///< a policy did
  };
  /// With a step budget, as in service.
  /// A step budget is set as in service.
  Answer decide(const cedar::Request& request) {
    Arena arena(scratch_);
    cedar::StepBudget budget;
    const cedar::Response response = cedar::authorize(policies_, request, entities_, arena, budget);
    return {response.decision == cedar::Decision::kAllow, !response.errors.empty()};
  }

  /// How many policies' scopes a request fits.
  std::size_t matching(const cedar::Request& request) const {
    Arena arena;
    cedar::StepBudget budget;
    cedar::RequestEntities entities(request, entities_);
    return policies_.candidates(entities, arena, budget).size();
  }

 private:
  cedar::CompiledPolicies policies_;
  const cedar::EntityStore& entities_;
  std::array<std::byte, 4096> scratch_;
};

}  // namespace wardlock::bench
