#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pap/policy_node.h"
#include "pap/surroundings.h"

namespace wardlock::pap {

/// A node and how it stands.
struct SeenNode {
  PolicyNode node;
  NodeStanding standing = NodeStanding::kCurrent;
};

/// What all nodes run, and what is in force.
struct NodesView {
  std::optional<Activation> in_force;
  std::vector<SeenNode> nodes;  ///< by name
  /// Of how many each standing is, also of those that are not in `nodes`.
  std::array<std::uint64_t, kNodeStandings> counts = {};

  std::uint64_t count(NodeStanding standing) const {
    return counts.at(static_cast<std::size_t>(standing));
  }
};

/// What each node of a place runs, as it says: servers that share the database, and devices and
/// services that decide by themselves. Thread-safe; waits for the database. That somebody may do so
/// at all is asked before. Errors: those of storage::Store.
class PolicyNodes {
 public:
  /// It outlives it.
  explicit PolicyNodes(const PolicySurroundings& surroundings) : surroundings_(surroundings) {}

  /// What it runs from now on; how it stands. Nothing goes on record by that. Errors besides:
  /// kInvalidArgument, a text is too long or no such name; kResourceExhausted, there are too many
  /// nodes.
  Result<SeenNode> report(const PolicyPlace& place, const NodeReport& report);

  /// Which are asked for.
  struct Page {
    std::string_view after = {};  ///< those whose names are after it; empty: all
    std::size_t most = 500;
    bool is_drift_alone = false;
  };
  Result<NodesView> view(const PolicyPlace& place, const Page& page) const;

  /// Puts on record, once each, which nodes have come to drift, and for which that is over. How all
  /// stand. For the server itself: of several nodes one does so.
  Result<NodesView> look(const directory::Mandate& mandate, const PolicyPlace& place);

  /// A node that is gone for good; goes on record. One that is not is back when it speaks again.
  /// Error kNotFound.
  Result<void> forget(const directory::Mandate& mandate, const PolicyPlace& place,
                      std::string_view node);

 private:
  const PolicySurroundings& surroundings_;
};

}  // namespace wardlock::pap
