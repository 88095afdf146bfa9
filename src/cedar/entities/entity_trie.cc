#include "cedar/entities/entity_trie.h"

#include <algorithm>
#include <functional>
#include <new>
#include <utility>

namespace wardlock::cedar {
namespace {

constexpr std::size_t kHashBits = 64;
static_assert(sizeof(std::size_t) * 8 == kHashBits);

}  // namespace

/// Makes the nodes of the next trie.
class EntityTrie::Editor {
 public:
  struct Edit {
    std::size_t hash;
    Slot slot;
  };
  using Edits = std::span<const Edit>;

  Editor(std::vector<void*>& created, std::vector<void*>& replaced)
      : created_(created), replaced_(replaced) {}

  /// `edits`: sorted by hash, all under the node. The first `depth` digits of hashes led to it.
  Node edit(Node node, Edits edits, std::size_t depth) {
    if (edits.empty()) return node;
    if (!node) return make(edits, depth);
    if (const Leaf* leaf = node.leaf()) return edit_leaf(*leaf, edits, depth);
    replaced_.push_back(const_cast<Branch*>(node.branch()));
    return branch(*node.branch(), edits, depth);
  }

 private:
  /// With all bits used up, a leaf holds whatever has one hash.
  static constexpr std::size_t kMaxDepth = kHashBits / kDigitBits;

  static std::size_t digit(std::size_t hash, std::size_t depth) {
    return (hash << (depth * kDigitBits)) >> (kHashBits - kDigitBits);
  }
  static std::uint32_t key(std::size_t hash, std::size_t depth) {
    return static_cast<std::uint32_t>((hash << (depth * kDigitBits)) >> 32);
  }

  void* allocate(std::size_t bytes) {
    void* memory = ::operator new(bytes);
    created_.push_back(memory);
    return memory;
  }

  Node make(Edits edits, std::size_t depth) {
    if (edits.size() <= kMaxLeaf || depth == kMaxDepth) {
      return leaf(edits.size(), [&](std::size_t i) {
        return std::pair(key(edits[i].hash, depth), edits[i].slot);
      });
    }
    return branch({}, edits, depth);
  }

  Node branch(const Branch& old, Edits edits, std::size_t depth) {
    auto* made = new (allocate(sizeof(Branch))) Branch(old);
    while (!edits.empty()) {
      const std::size_t child = digit(edits.front().hash, depth);
      const auto end = std::ranges::find_if(
          edits, [&](const Edit& each) { return digit(each.hash, depth) != child; });
      const auto count = static_cast<std::size_t>(end - edits.begin());
      made->children[child] = edit(made->children[child], edits.first(count), depth + 1);
      edits = edits.subspan(count);
    }
    return Node(made);
  }

  /// `entry`: key and slot of a place.
  template <typename Entry>
  Node leaf(std::size_t count, Entry entry) {
    const std::size_t bytes =
        sizeof(Leaf) + (count + 1) / 2 * 2 * sizeof(std::uint32_t) + count * sizeof(Slot);
    auto* made = new (allocate(bytes)) Leaf{count};
    auto* keys = const_cast<std::uint32_t*>(made->keys());
    auto* slots = const_cast<Slot*>(made->slots());
    for (std::size_t i = 0; i < count; ++i) std::tie(keys[i], slots[i]) = entry(i);
    return Node(made);
  }

  Node edit_leaf(const Leaf& old, Edits edits, std::size_t depth) {
    std::vector<std::pair<std::uint32_t, Slot>> merged;
    merged.reserve(old.count + edits.size());
    for (std::size_t i = 0; i < old.count; ++i) merged.emplace_back(old.keys()[i], old.slots()[i]);
    const auto middle = static_cast<std::ptrdiff_t>(old.count);
    for (const Edit& each : edits) put(merged, old.count, key(each.hash, depth), each.slot);
    replaced_.push_back(const_cast<Leaf*>(&old));
    std::ranges::inplace_merge(merged, merged.begin() + middle, {},
                               [](const auto& entry) { return entry.first; });
    if (merged.size() <= kMaxLeaf || depth == kMaxDepth) {
      return leaf(merged.size(), [&](std::size_t i) { return merged[i]; });
    }
    std::vector<Edit> all;
    for (const auto& [unused, slot] : merged) all.push_back({slot.uid()->hash, slot});
    std::ranges::sort(all, {}, &Edit::hash);
    return branch({}, all, depth);
  }

  /// In the place of the slot of its uid among the first `count`, which are sorted, or at the end.
  static void put(std::vector<std::pair<std::uint32_t, Slot>>& entries, std::size_t count,
                  std::uint32_t key, Slot slot) {
    const auto key_of = [](const auto& entry) { return entry.first; };
    for (auto& [its_key, its_slot] :
         std::ranges::equal_range(std::span(entries).first(count), key, {}, key_of)) {
      if (its_slot.uid() != slot.uid()) continue;
      its_slot = slot;
      return;
    }
    entries.emplace_back(key, slot);
  }

  std::vector<void*>& created_;
  std::vector<void*>& replaced_;
};

Slot EntityTrie::Leaf::find(std::uint32_t key, const EntityUid& uid) const {
  const std::uint32_t* all = keys();
  std::size_t i = guess(key);
  while (i > 0 && all[i - 1] >= key) --i;
  while (i < count && all[i] < key) ++i;
  for (; i < count && all[i] == key; ++i) {
    const Slot slot = slots()[i];
    if (*slot.uid() == uid) return slot;
  }
  return {};
}

EntityTrie::Place EntityTrie::place_of(std::size_t hash) const {
  Node node = root_;
  while (node && node.leaf() == nullptr) {
    node = node.branch()->children[hash >> (kHashBits - kDigitBits)];
    hash <<= kDigitBits;
  }
  return {node ? node.leaf() : nullptr, static_cast<std::uint32_t>(hash >> 32)};
}

Slot EntityTrie::find(const EntityUid& uid) const {
  const Place place = place_of(uid.hash);
  return place.leaf == nullptr ? Slot() : place.leaf->find(place.key, uid);
}

std::pair<Slot, Slot> EntityTrie::find_both(const EntityUid& one, const EntityUid& other) const {
  return {find(one), find(other)};
}

EntityTrie EntityTrie::with(std::vector<Slot> slots, std::vector<void*>& created,
                            std::vector<void*>& replaced) const {
  std::vector<Editor::Edit> edits;
  edits.reserve(slots.size());
  for (const Slot slot : slots) edits.push_back({slot.uid()->hash, slot});
  std::ranges::sort(edits, {}, &Editor::Edit::hash);
  EntityTrie next;
  next.root_ = Editor(created, replaced).edit(root_, edits, 0);
  return next;
}

void EntityTrie::destroy() const { destroy(root_); }

void EntityTrie::destroy(Node node) {
  if (!node) return;
  if (const Leaf* leaf = node.leaf()) {
    for (std::size_t i = 0; i < leaf->count; ++i) {
      const Slot slot = leaf->slots()[i];
      if (slot.is_owned()) ::operator delete(const_cast<Entity*>(slot.entity()));
    }
    ::operator delete(const_cast<Leaf*>(leaf));
    return;
  }
  for (const Node child : node.branch()->children) destroy(child);
  ::operator delete(const_cast<Branch*>(node.branch()));
}

}  // namespace wardlock::cedar
