#pragma once

#include <boost/json/array.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/evaluator/evaluator.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"
#include "prover/world/world.h"

namespace wardlock::prover {

/// What became of a question in a world. Owns what it borrows from. Not thread-safe.
struct TriedQuestion {
  std::unique_ptr<Arena> arena;
  std::shared_ptr<const pdp::Snapshot> snapshot;
  pdp::AccessDecision decision;
  /// The request as the policies that decided saw it: with `context.override` where it is an
  /// override.
  cedar::Request request;
  cedar::Request plain;  ///< the same without `context.override`
  std::int64_t at = 0;   ///< milliseconds since the epoch
  std::span<const cedar::Entity* const> overlay;

  cedar::EntityView entities() const { return {snapshot->entities, overlay}; }
};

/// The policies that questions are tried on, and the entities that are as they are: those which
/// policies name, with the groups they are in. Immutable, may be read by any thread.
class Trial {
 public:
  /// `named`: uids that count as named besides those in policies. Error: the sources cannot be
  /// read, have no schema, or the policies do not validate against it.
  static Result<Trial> create(const pdp::Sources& sources,
                              const std::vector<const cedar::EntityUid*>& named = {});

  const pdp::Snapshot& snapshot() const { return *base_; }
  const cedar::Schema& schema() const { return *base_->schema(); }
  /// The entities that are as they are.
  const cedar::EntityStore& given() const { return base_->entities; }
  std::size_t given_count() const { return given_.size(); }
  /// They, as entities JSON.
  const boost::json::array& given_json() const { return given_; }

  /// Whether the sources have the entity, or a policy names it.
  bool knows(const cedar::EntityUid& uid) const;
  /// The ids of all entities of the type that `knows` knows.
  std::vector<std::string> known_ids(std::string_view type) const;

  /// Asks the question over the given entities and the world's, as an enforcement point would.
  /// What comes back borrows from the world, too. Error: the world does not fit the schema, or the
  /// question is refused.
  Result<TriedQuestion> ask(const World& world) const;

  /// All the entities of the world.
  boost::json::array entities_of(const World& world) const;
  /// The keys of the action's context that the PDP fills.
  std::vector<std::string> filled_keys(const World& world) const;

 private:
  pdp::Sources sources_;
  boost::json::array given_;
  std::shared_ptr<const pdp::Snapshot> whole_;  ///< with all entities of the sources
  std::shared_ptr<const pdp::Snapshot> base_;
};

}  // namespace wardlock::prover
