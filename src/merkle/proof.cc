#include "merkle/proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace wardlock::merkle {
namespace {

/// The leaves `[begin, end)`.
struct LeafRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size() const { return end - begin; }
  /// Where RFC 9162 cuts it: the left part is the largest power of two that is smaller.
  std::uint64_t middle() const { return begin + std::bit_floor(size() - 1); }
};

/// The root over a range that the cuts above have left: complete subtrees, the largest first.
Result<Hash> range_root(LeafRange range, NodeSource& nodes) {
  std::vector<Hash> hashes;
  for (std::uint64_t at = range.begin; at < range.end;) {
    const std::uint64_t leaves = std::bit_floor(range.end - at);
    const int height = std::countr_zero(leaves);
    hashes.push_back(TRY(nodes.node({static_cast<std::uint8_t>(height), at >> height})));
    at += leaves;
  }
  return joined_root(hashes);
}

std::unexpected<Error> wrong_length(std::string_view proof, std::size_t size) {
  return invalid(
      fmt::format("the {} proof has {} hashes, which is not as many as it must have", proof, size));
}

/// A walk from a leaf to the root, as RFC 9162 §2.1.3.2 and §2.1.4.2 describe it.
class Ascent {
 public:
  Ascent(std::uint64_t leaf, std::uint64_t tree_size) : node_(leaf), last_(tree_size - 1) {}

  bool at_root() const { return last_ == 0; }

  /// Whether the next hash of a proof stands to the left; goes up to where it has been added.
  bool next_is_left() {
    const bool left = (node_ & 1) == 1 || node_ == last_;
    // The rightmost node of an odd level is its own parent.
    if (left && (node_ & 1) == 0) up(std::countr_zero(node_));
    up(1);
    return left;
  }
  /// To the root of the largest complete subtree that ends with this leaf.
  void skip_complete() { up(std::countr_one(node_)); }

 private:
  void up(int levels) {
    node_ >>= levels;
    last_ >>= levels;
  }

  std::uint64_t node_;  // the node that was reached, counted within its level
  std::uint64_t last_;  // the last node of that level
};

Result<void> check_empty_tree(const TreeHead& head) {
  if (head.size != 0 || head.root == empty_root()) return {};
  return fail(ErrorCode::kDataLoss, "a tree without leaves has another root than this");
}

std::unexpected<Error> wrong_root(std::string_view which) {
  return fail(ErrorCode::kDataLoss,
              fmt::format("the proof does not lead to the root of the {}", which));
}

}  // namespace

Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, NodeSource& nodes) {
  if (index >= size) {
    return fail(ErrorCode::kOutOfRange,
                fmt::format("there is no leaf {} in a tree of {} leaves", index, size));
  }
  Proof proof;
  LeafRange range{0, size};
  while (range.size() > 1) {
    const LeafRange left{range.begin, range.middle()}, right{range.middle(), range.end};
    const bool goes_left = index < right.begin;
    proof.push_back(TRY(range_root(goes_left ? right : left, nodes)));
    range = goes_left ? left : right;
  }
  std::ranges::reverse(proof);
  return proof;
}

Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, NodeSource& nodes) {
  if (old_size > size) {
    return fail(ErrorCode::kOutOfRange,
                fmt::format("a tree of {} leaves cannot continue one of {}", size, old_size));
  }
  Proof proof;
  if (old_size == 0 || old_size == size) return proof;
  LeafRange range{0, size};
  while (range.end != old_size) {
    const LeafRange left{range.begin, range.middle()}, right{range.middle(), range.end};
    const bool goes_left = old_size <= right.begin;
    proof.push_back(TRY(range_root(goes_left ? right : left, nodes)));
    range = goes_left ? left : right;
  }
  // What is left is a complete subtree of the old tree; where it is all of it, its root is known.
  if (range.begin != 0) proof.push_back(TRY(range_root(range, nodes)));
  std::ranges::reverse(proof);
  return proof;
}

Result<Hash> root_at(std::uint64_t size, NodeSource& nodes) {
  if (size == 0) return empty_root();
  return range_root({0, size}, nodes);
}

Result<void> verify_inclusion(const Hash& leaf, std::uint64_t index, const TreeHead& head,
                              std::span<const Hash> proof) {
  if (index >= head.size) {
    return invalid(fmt::format("there is no leaf {} in a tree of {} leaves", index, head.size));
  }
  Ascent ascent(index, head.size);
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (ascent.at_root()) return wrong_length("inclusion", proof.size());
    hash = ascent.next_is_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
  }
  if (!ascent.at_root()) return wrong_length("inclusion", proof.size());
  if (hash != head.root) return wrong_root("tree");
  return {};
}

Result<void> verify_consistency(const TreeHead& old_head, const TreeHead& head,
                                std::span<const Hash> proof) {
  TRY_VOID(check_empty_tree(old_head));
  TRY_VOID(check_empty_tree(head));
  if (old_head.size > head.size) {
    return invalid(
        fmt::format("a tree of {} leaves cannot continue one of {}", head.size, old_head.size));
  }
  if (old_head.size == 0 || old_head.size == head.size) {
    if (!proof.empty()) return wrong_length("consistency", proof.size());
    if (old_head.size == head.size && old_head.root != head.root) return wrong_root("older tree");
    return {};
  }
  Ascent ascent(old_head.size - 1, head.size);
  ascent.skip_complete();
  // Where the old tree is complete, its root is what the proof would begin with.
  const bool complete = std::has_single_bit(old_head.size);
  if (!complete && proof.empty()) return wrong_length("consistency", proof.size());
  Hash old_root = complete ? old_head.root : proof.front();
  Hash root = old_root;
  for (const Hash& sibling : proof.subspan(complete ? 0 : 1)) {
    if (ascent.at_root()) return wrong_length("consistency", proof.size());
    if (ascent.next_is_left()) {
      old_root = node_hash(sibling, old_root);
      root = node_hash(sibling, root);
    } else {
      root = node_hash(root, sibling);
    }
  }
  if (!ascent.at_root()) return wrong_length("consistency", proof.size());
  if (old_root != old_head.root) return wrong_root("older tree");
  if (root != head.root) return wrong_root("newer tree");
  return {};
}

}  // namespace wardlock::merkle
