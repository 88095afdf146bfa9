#include "base/graph.h"

#include <algorithm>

namespace wardlock {
namespace {

enum class State : std::uint8_t { kNew, kOpen, kDone };

/// A node being visited and the next of its edges to follow.
struct Visit {
  std::uint32_t node;
  std::size_t next_edge;
};

/// `path` ends in a node with an edge to `target`, which is on the path.
Cycle close_cycle(const std::vector<Visit>& path, std::uint32_t target) {
  Cycle cycle;
  const auto begin = std::ranges::find(path, target, &Visit::node);
  for (auto it = begin; it != path.end(); ++it) cycle.push_back(it->node);
  return cycle;
}

}  // namespace

std::expected<std::vector<std::uint32_t>, Cycle> order_after_targets(const Graph& graph) {
  std::vector<State> states(graph.size(), State::kNew);
  std::vector<std::uint32_t> order;
  order.reserve(graph.size());
  std::vector<Visit> path;
  for (std::uint32_t start = 0; start < graph.size(); ++start) {
    if (states[start] != State::kNew) continue;
    states[start] = State::kOpen;
    path.push_back({start, 0});
    while (!path.empty()) {
      const std::uint32_t node = path.back().node;
      if (path.back().next_edge == graph[node].size()) {
        states[node] = State::kDone;
        order.push_back(node);
        path.pop_back();
        continue;
      }
      const std::uint32_t target = graph[node][path.back().next_edge++];
      if (states[target] == State::kOpen) return std::unexpected(close_cycle(path, target));
      if (states[target] == State::kDone) continue;
      states[target] = State::kOpen;
      path.push_back({target, 0});
    }
  }
  return order;
}

std::optional<Graph> transitive_closure(const Graph& graph, std::size_t max_pairs) {
  Graph closure(graph.size());
  std::vector<std::uint32_t> reached_by(graph.size(), UINT32_MAX);
  std::size_t pairs = 0;
  for (std::uint32_t start = 0; start < graph.size(); ++start) {
    std::vector<std::uint32_t>& reached = closure[start];
    const auto reach_from = [&](std::uint32_t node) {
      for (const std::uint32_t target : graph[node]) {
        if (reached_by[target] == start) continue;
        reached_by[target] = start;
        reached.push_back(target);
      }
    };
    reach_from(start);
    for (std::size_t i = 0; i < reached.size() && pairs + i < max_pairs; ++i) {
      reach_from(reached[i]);
    }
    pairs += reached.size();
    if (pairs > max_pairs) return std::nullopt;
    std::ranges::sort(reached);
  }
  return closure;
}

}  // namespace wardlock
