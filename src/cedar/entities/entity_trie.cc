#include "cedar/entities/entity_trie.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <new>
#include <utility>

namespace wardlock::cedar {
namespace {

constexpr std::size_t kHashBits = 64;
static_assert(sizeof(std::size_t) * 8 == kHashBits);
constexpr std::size_t kCacheLine = 64;

}  // namespace

/// Makes the nodes of the next trie.
class EntityTrie::Editor {
 public:
  struct Edit {
    std::size_t hash;
    Slot slot;
  };
  using Edits = std::span<const Edit>;

  Editor(std::vector<void*>& created, std::vector<void*>& replaced, Chunks* chunks)
      : created_(created), replaced_(replaced), chunks_(chunks) {}

  /// `edits`: sorted by hash, all under the node. The first `depth` digits of hashes led to it.
  Node edit(Node node, Edits edits, std::size_t depth) {
    if (edits.empty()) return node;
    if (!node) return make(edits, depth);
    if (node.is_owned()) replaced_.push_back(node.memory());
    if (node.is_leaf()) return edit_leaf(*node.leaf(), edits, depth);
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
    if (chunks_ != nullptr) return chunks_->allocate(bytes);
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
    return Node(made, chunks_ == nullptr);
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
    return Node(made, chunks_ == nullptr);
  }

  using Entry = std::pair<std::uint32_t, Slot>;
  static std::uint32_t key_of(const Entry& entry) { return entry.first; }

  Node edit_leaf(const Leaf& old, Edits edits, std::size_t depth) {
    std::vector<Entry> there, added, merged;
    for (std::size_t i = 0; i < old.count; ++i) there.emplace_back(old.keys()[i], old.slots()[i]);
    for (const Edit& each : edits) {
      const Entry entry{key(each.hash, depth), each.slot};
      if (!replace(there, entry)) added.push_back(entry);
    }
    std::ranges::merge(there, added, std::back_inserter(merged), {}, key_of, key_of);
    if (merged.size() <= kMaxLeaf || depth == kMaxDepth) {
      return leaf(merged.size(), [&](std::size_t i) { return merged[i]; });
    }
    std::vector<Edit> all;
    for (const auto& [unused, slot] : merged) all.push_back({slot.uid()->hash, slot});
    std::ranges::sort(all, {}, &Edit::hash);
    return branch({}, all, depth);
  }

  /// Puts the entry in the place of the one of its uid. False: there is none.
  static bool replace(std::vector<Entry>& entries, const Entry& entry) {
    for (Entry& old : std::ranges::equal_range(entries, entry.first, {}, key_of)) {
      if (old.second.uid() != entry.second.uid()) continue;
      old = entry;
      return true;
    }
    return false;
  }

  std::vector<void*>& created_;
  std::vector<void*>& replaced_;
  Chunks* chunks_;
};

EntityTrie::Search EntityTrie::begin_search(std::size_t hash) const {
  Node node = root_;
  while (node && !node.is_leaf()) {
    node = node.branch()->children[hash >> (kHashBits - kDigitBits)];
    hash <<= kDigitBits;
  }
  return {.leaf = node.leaf(), .key = static_cast<std::uint32_t>(hash >> 32)};
}

void EntityTrie::Search::fetch_leaf() const {
  if (leaf == nullptr) return;
  __builtin_prefetch(leaf->keys() + leaf->guess(key));
  __builtin_prefetch(leaf->slots() + leaf->guess(key));
}

void EntityTrie::Search::find_key() {
  if (leaf == nullptr) return;
  const std::uint32_t* keys = leaf->keys();
  first = leaf->guess(key);
  while (first > 0 && keys[first - 1] >= key) --first;
  while (first < leaf->count && keys[first] < key) ++first;
}

void EntityTrie::Search::fetch_entity() const {
  if (!has_candidate()) return;
  const auto* memory = static_cast<const std::byte*>(leaf->slots()[first].memory());
  __builtin_prefetch(memory - kCacheLine);  // its uid, mostly
  __builtin_prefetch(memory);
  __builtin_prefetch(memory + kCacheLine);
}

void EntityTrie::Search::fetch_uid() const {
  if (!has_candidate()) return;
  const auto* memory = reinterpret_cast<const std::byte*>(leaf->slots()[first].uid());
  __builtin_prefetch(memory);
  __builtin_prefetch(memory + kCacheLine);
}

Slot EntityTrie::Search::result(const EntityUid& uid) const {
  if (leaf == nullptr) return {};
  for (std::size_t i = first; i < leaf->count && leaf->keys()[i] == key; ++i) {
    const Slot slot = leaf->slots()[i];
    if (*slot.uid() == uid) return slot;
  }
  return {};
}

Slot EntityTrie::find(const EntityUid& uid) const {
  Search search = begin_search(uid.hash);
  search.fetch_leaf();
  search.find_key();
  search.fetch_entity();
  search.fetch_uid();
  return search.result(uid);
}

std::pair<Slot, Slot> EntityTrie::find_both(const EntityUid& one, const EntityUid& other) const {
  Search a = begin_search(one.hash), b = begin_search(other.hash);
  a.fetch_leaf();
  b.fetch_leaf();
  a.find_key();
  a.fetch_entity();
  b.find_key();
  b.fetch_entity();
  a.fetch_uid();
  b.fetch_uid();
  return {a.result(one), b.result(other)};
}

EntityTrie EntityTrie::with(std::span<const Slot> slots, std::vector<void*>& created,
                            std::vector<void*>& replaced, Chunks* chunks) const {
  std::vector<Editor::Edit> edits;
  edits.reserve(slots.size());
  for (const Slot slot : slots) edits.push_back({slot.uid()->hash, slot});
  std::ranges::sort(edits, {}, &Editor::Edit::hash);
  EntityTrie next;
  next.root_ = Editor(created, replaced, chunks).edit(root_, edits, 0);
  return next;
}

void EntityTrie::destroy() const { destroy(root_); }

void EntityTrie::destroy(Node node) {
  // What has no memory of its own has nothing under it that has: it is of the first version.
  if (!node || !node.is_owned()) return;
  if (node.is_leaf()) {
    for (const Slot slot : std::span(node.leaf()->slots(), node.leaf()->count)) {
      if (slot.is_owned()) ::operator delete(const_cast<Entity*>(slot.entity()));
    }
  } else {
    for (const Node child : node.branch()->children) destroy(child);
  }
  ::operator delete(node.memory());
}

}  // namespace wardlock::cedar
