#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_store.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/schema/schema.h"

namespace wardlock::bench {

/// An action with types of principal and resource that it applies to.
struct Environment {
  const cedar::ActionType* action;
  std::vector<const cedar::EntityUid*> principals;  ///< the entities there are of the type
  std::vector<const cedar::EntityUid*> resources;
};

/// Draws requests uniformly over a schema's environments, from existing entities. A context has
/// its required attributes only; their values are drawn from those that the policies and the
/// entities' attributes hold, so that conditions may be met. Entities are named by uids made anew,
/// as in requests that come from outside. Borrows all it is given; requests live as long as the
/// arena.
class RequestDraw {
 public:
  RequestDraw(const cedar::Schema& schema, const cedar::PolicySet& policies,
              const cedar::EntityStore& entities, Arena& arena, std::uint64_t seed);

  /// Environments that requests can be drawn for, and those that have no entities.
  std::size_t environments() const { return environments_.size(); }
  std::size_t empty_environments() const { return empty_; }

  /// Requires an environment.
  cedar::Request draw();

 private:
  using Pool = std::vector<std::vector<cedar::Value>>;  ///< scalar values by kind

  void add_environments(const cedar::ActionType& action, const cedar::Schema& schema,
                        const cedar::EntityStore& entities);
  void collect(const cedar::Value& value, Pool& pool);
  void collect(const cedar::Expr& expr);
  std::size_t below(std::size_t bound) { return generator_() % bound; }
  const cedar::EntityUid* copy(const cedar::EntityUid& uid);
  cedar::Value value_of(const cedar::Type& type);
  cedar::Value record_of(const cedar::Type& type);
  cedar::Value scalar_of(const cedar::Type& type);

  Arena& arena_;
  std::mt19937_64 generator_;
  std::vector<Environment> environments_;
  std::size_t empty_ = 0;
  Pool in_entities_;
  Pool in_policies_;
};

}  // namespace wardlock::bench
