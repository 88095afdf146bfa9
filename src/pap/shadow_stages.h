#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pap/shadow.h"
#include "pap/surroundings.h"

namespace wardlock::pap {

/// What one node has found.
struct NodeShadowCount {
  std::string node;
  ShadowCount count;
  std::int64_t at_ms = 0;
};

/// A stage with what the nodes have found.
struct ShadowView {
  ShadowStage stage;
  std::vector<NodeShadowCount> nodes = {};

  ShadowCount total() const;
};

/// Drafts that are tried beside what is in force, one at a time in a place. Thread-safe; waits for
/// the database. That somebody may do so at all is asked before. What begins and ends is on record.
/// Errors besides those of storage::Store: kNotFound, no such draft or stage.
class ShadowStages {
 public:
  /// It outlives it.
  explicit ShadowStages(const PolicySurroundings& surroundings) : surroundings_(surroundings) {}

  /// Begins; what ran there before ends. Errors: kFailedPrecondition, the draft was withdrawn, is
  /// in force, or a check is missing; kInvalidArgument, a share above 1000 per mille;
  /// kPermissionDenied, it is no person at work.
  Result<ShadowStage> begin(const directory::Mandate& mandate, std::string_view draft,
                            const DifferenceLimit& limit);
  /// Ends it. Errors: kNotFound; kFailedPrecondition, it has ended; kPermissionDenied.
  Result<ShadowStage> stop(const directory::Mandate& mandate, std::string_view environment,
                           std::uint64_t number);

  Result<std::optional<ShadowStage>> running(const PolicyPlace& place) const;
  Result<ShadowView> view(const PolicyPlace& place, std::uint64_t number) const;
  /// The latest first; those before `before` (0: all), at most so many.
  Result<std::vector<ShadowStage>> history(const PolicyPlace& place, std::uint64_t before = 0,
                                           std::size_t most = 50) const;

  // For the server itself.

  /// What the node has found so far, in the place of what it said before. Ends the stage where all
  /// nodes together are beyond its limit. True: it goes on.
  Result<bool> report(const directory::Mandate& mandate, const ShadowStage& stage,
                      std::string_view node, const ShadowCount& count);
  /// Ends the stage, since its content came into force.
  Result<void> end_in_force(const directory::Mandate& mandate, const ShadowStage& stage);

 private:
  Result<void> end(storage::Work& work, const directory::Mandate& mandate, ShadowStage stage,
                   ShadowEnd how);

  const PolicySurroundings& surroundings_;
};

}  // namespace wardlock::pap
