#include "merkle/compact_range.h"

#include <fmt/format.h>

#include <bit>

#include "base/check.h"

namespace wardlock::merkle {

Result<CompactRange> CompactRange::from_nodes(std::uint64_t size, std::vector<Hash> nodes) {
  if (nodes.size() != static_cast<std::size_t>(std::popcount(size))) {
    return invalid(fmt::format("a tree of {} leaves consists of {} complete subtrees, not {}", size,
                               std::popcount(size), nodes.size()));
  }
  if (size > kMaxTreeSize) return invalid(fmt::format("no tree has {} leaves", size));
  CompactRange range;
  range.size_ = size;
  range.nodes_ = std::move(nodes);
  return range;
}

Result<CompactRange> CompactRange::read(std::uint64_t size, NodeSource& nodes) {
  std::vector<Hash> hashes;
  for (int height = std::bit_width(size) - 1; height >= 0; --height) {
    const std::uint64_t index = size >> height;
    if ((index & 1) == 0) continue;
    hashes.push_back(TRY(nodes.node({static_cast<std::uint8_t>(height), index - 1})));
  }
  return from_nodes(size, std::move(hashes));
}

void CompactRange::append(const Hash& leaf) { append(leaf, NodeVisitor()); }

void CompactRange::append(const Hash& leaf, const NodeVisitor& completed) {
  CHECK(size_ < kMaxTreeSize);
  Hash hash = leaf;
  // Each trailing 1 of the size is a subtree as high as the one just made, to its left.
  const int merged = std::countr_one(size_);
  for (int height = 1; height <= merged; ++height) {
    hash = node_hash(nodes_.back(), hash);
    nodes_.pop_back();
    if (completed) completed({static_cast<std::uint8_t>(height), size_ >> height}, hash);
  }
  nodes_.push_back(hash);
  ++size_;
}

Hash CompactRange::root() const { return nodes_.empty() ? empty_root() : joined_root(nodes_); }

}  // namespace wardlock::merkle
