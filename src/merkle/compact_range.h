#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/error.h"
#include "merkle/hash.h"
#include "merkle/node_source.h"

namespace wardlock::merkle {

/// All that must be remembered of a tree to append to it: the roots of the complete subtrees that
/// side by side make it up, one for each bit that is set in its size. A value; not thread-safe.
class CompactRange {
 public:
  /// Called with each inner node that a new leaf completes, from low to high.
  using NodeVisitor = std::function<void(NodeId, const Hash&)>;

  /// The empty tree.
  CompactRange() = default;

  /// The tree of that size whose complete subtrees have these roots, the largest first. Errors:
  /// invalid_argument where there are not as many as bits are set in `size`, or that is too large.
  static Result<CompactRange> from_nodes(std::uint64_t size, std::vector<Hash> nodes);

  /// The tree of that size, from a source that knows its nodes.
  static Result<CompactRange> read(std::uint64_t size, NodeSource& nodes);

  /// Adds a leaf by its `leaf_hash`. O(1) on average. Requires a tree below `kMaxTreeSize`.
  void append(const Hash& leaf);
  void append(const Hash& leaf, const NodeVisitor& completed);

  std::uint64_t size() const { return size_; }
  /// The largest subtree first.
  std::span<const Hash> nodes() const { return nodes_; }

  /// O(log size).
  Hash root() const;
  TreeHead head() const { return {size_, root()}; }

  bool operator==(const CompactRange&) const = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> nodes_;  // INVARIANT: as many as bits are set in size_
};

}  // namespace wardlock::merkle
