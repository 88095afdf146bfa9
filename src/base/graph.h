#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

namespace wardlock {

/// A directed graph: for each node, the nodes it points to. Nodes are numbered from 0.
using Graph = std::vector<std::vector<std::uint32_t>>;

/// The nodes of one cycle, each pointing to the next and the last to the first.
using Cycle = std::vector<std::uint32_t>;

/// All nodes in an order in which each comes after every node it points to, or a cycle that makes
/// this impossible. Iterative: a long chain costs no stack.
std::expected<std::vector<std::uint32_t>, Cycle> order_after_targets(const Graph& graph);

/// For each node the nodes that can be reached from it in one step or more, ascending; a node on a
/// cycle reaches itself. Nothing if that would be more than `max_pairs` in total.
std::optional<Graph> transitive_closure(const Graph& graph, std::size_t max_pairs);

}  // namespace wardlock
