#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pap/activation.h"

namespace wardlock::pap {

/// Who says what it runs.
enum class NodeKind : std::uint8_t {
  kServer,    ///< a server that shares the database
  kReporter,  ///< a device or service that decides by itself, and tells over the network
};
/// `server`, `reporter`.
std::string_view to_string(NodeKind kind);

/// What a node runs, as it says. Times are milliseconds since the epoch.
struct NodeReport {
  NodeKind kind = NodeKind::kServer;
  std::string node;           ///< its name; of a reporter its id in the directory
  std::string label = {};     ///< for people
  std::uint64_t serial = 0;   ///< of the bundle; 0: it runs none
  std::string content = {};   ///< of the bundle; empty: what it runs came in none
  std::string schema = {};    ///< see schema_name (node_outcomes.h)
  std::string outcomes = {};  ///< see outcomes_of; empty: it has asked no tests
  std::string refused = {};   ///< why it does not run what is in force; empty: it does not refuse

  bool operator==(const NodeReport&) const = default;
};

/// How what a node runs stands to what is in force.
enum class NodeStanding : std::uint8_t {
  kCurrent,    ///< it runs that
  kFollowing,  ///< not yet, and it still has time
  kBehind,     ///< it runs what was in force before, or will be
  kForeign,    ///< it runs what was never in force here: somebody changed it there
  kDeviating,  ///< it runs that, and its tests come out otherwise than on the servers
  kRefusing,   ///< it says that it does not take it
  kStale,      ///< it has not said anything for too long
};
inline constexpr std::size_t kNodeStandings = 7;
inline constexpr std::array<NodeStanding, kNodeStandings> kAllNodeStandings = {
    NodeStanding::kCurrent, NodeStanding::kFollowing, NodeStanding::kBehind,
    NodeStanding::kForeign, NodeStanding::kDeviating, NodeStanding::kRefusing,
    NodeStanding::kStale};

/// `current`, `following`, `behind`, `foreign`, `deviating`, `refusing`, `stale`.
std::string_view to_string(NodeStanding standing);
std::optional<NodeStanding> find_node_standing(std::string_view name);
/// Whether somebody should look after it.
bool is_drift(NodeStanding standing);

/// How patient one is.
struct NodeRules {
  std::int64_t grace_ms = 120'000;  ///< so long after an activation a node may be behind
  std::int64_t stale_ms = 600'000;  ///< so long it may say nothing
};

/// What is known of a node.
struct PolicyNode {
  NodeReport report;
  std::int64_t since_ms = 0;  ///< it has run that
  std::int64_t seen_ms = 0;   ///< it said so last
  /// What is on record of it; kCurrent: nothing, or that it is over.
  NodeStanding told = NodeStanding::kCurrent;
  std::int64_t told_ms = 0;
};

/// What nodes are held against.
struct NodeMeasure {
  const Activation* in_force = nullptr;  ///< null: nothing is
  bool was_in_force = false;             ///< the node's content, here, at any time
  std::string_view outcomes = {};        ///< that the servers have; empty: not known
  std::int64_t now_ms = 0;
  NodeRules rules = {};
};

/// How it stands. Pure. Nodes whose clocks differ agree on it but for the moments in which a time
/// ends; what is stale is so until the node speaks again.
NodeStanding standing_of(const PolicyNode& node, const NodeMeasure& measure);

/// What most servers' tests of that content come to, the lowest of those that are as many; empty:
/// none has said.
std::string usual_outcomes(std::span<const PolicyNode> nodes, std::string_view content);

}  // namespace wardlock::pap
