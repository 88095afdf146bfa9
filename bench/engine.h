#pragma once

#include <array>
#include <cstddef>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/authorizer/authorizer.h"
#include "cedar/entities/entity_store.h"

namespace wardlock::bench {

/// The engine under measurement: policies made ready, and one decision after the other. Borrows
/// policies and entities. Not thread-safe.
class Engine {
 public:
  Engine(const cedar::PolicySet& policies, const cedar::EntityStore& entities)
      : policies_(policies), entities_(entities) {}

  struct Answer {
    bool allows;
    bool errs;  ///< a policy did
  };
  Answer decide(const cedar::Request& request) {
    Arena arena(scratch_);
    const cedar::Response response =
        cedar::authorize(policies_.policies(), request, entities_, arena);
    return {response.decision == cedar::Decision::kAllow, !response.errors.empty()};
  }

 private:
  const cedar::PolicySet& policies_;
  const cedar::EntityStore& entities_;
  std::array<std::byte, 4096> scratch_;
};

}  // namespace wardlock::bench
