#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pap/policy_nodes.h"

namespace wardlock::server {

/// How many nodes of a tenant stand how, as this node saw it last; for metrics. Thread-safe.
class NodeCounts {
 public:
  void set(const pap::NodesView& seen) {
    for (const pap::NodeStanding each : pap::kAllNodeStandings) {
      counts_.at(static_cast<std::size_t>(each)).store(seen.count(each), std::memory_order_relaxed);
    }
  }
  std::uint64_t of(pap::NodeStanding standing) const {
    return counts_.at(static_cast<std::size_t>(standing)).load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, pap::kNodeStandings> counts_ = {};
};

}  // namespace wardlock::server
