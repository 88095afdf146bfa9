#include "cedar/entities/entity_trie.h"

#include <algorithm>
#include <functional>
#include <memory>
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
    if (node.is_leaf()) return edit_leaf(node.slots(), edits, depth);
    return branch(*node.branch(), edits, depth);
  }

 private:
  /// With all bits used up, a leaf holds whatever has one hash.
  static constexpr std::size_t kMaxDepth = kHashBits / kDigitBits;

  /// The bits that say where to go from that depth on.
  static std::size_t rest(std::size_t hash, std::size_t depth) {
    return hash << (depth * kDigitBits);
  }
  static std::size_t digit(std::size_t hash, std::size_t depth) {
    return rest(hash, depth) >> (kHashBits - kDigitBits);
  }

  void* allocate(std::size_t bytes) {
    if (chunks_ != nullptr) return chunks_->allocate(bytes, kCacheLine);
    void* memory = ::operator new(bytes);
    created_.push_back(memory);
    return memory;
  }

  Node make(Edits edits, std::size_t depth) {
    if (edits.size() > kMaxLeaf && depth < kMaxDepth) return branch({}, edits, depth);
    const std::size_t lines = 1 + (edits.size() + edits.size() / 4) / Node::kSlotsPerLine;
    std::vector<Slot> slots(lines * Node::kSlotsPerLine);
    for (const Edit& each : edits) put(slots, each, depth);
    return leaf(slots);
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

  static void put(std::span<Slot> slots, const Edit& edit, std::size_t depth) {
    std::size_t place = home(rest(edit.hash, depth), slots.size());
    while (slots[place]) place = behind(place, slots.size());
    slots[place] = edit.slot;
  }

  Node leaf(std::span<const Slot> slots) {
    auto* made = static_cast<Slot*>(allocate(slots.size_bytes()));
    std::ranges::uninitialized_copy(slots, std::span(made, slots.size()));
    return Node(std::span<const Slot>(made, slots.size()), chunks_ == nullptr);
  }

  Node edit_leaf(std::span<const Slot> old, Edits edits, std::size_t depth) {
    std::vector<Slot> slots(old.begin(), old.end());
    std::vector<Edit> added;
    for (const Edit& each : edits) {
      if (!replace(slots, each, depth)) added.push_back(each);
    }
    const auto free = static_cast<std::size_t>(std::ranges::count_if(slots, std::logical_not()));
    if (free >= added.size() + slots.size() / kLeastFree) {
      for (const Edit& each : added) put(slots, each, depth);
      return leaf(slots);
    }
    for (const Slot slot : slots) {
      if (slot) added.push_back({slot.uid()->hash, slot});
    }
    std::ranges::sort(added, {}, &Edit::hash);
    return make(added, depth);
  }

  /// Puts the slot in the place of the one of its uid. False: there is none.
  static bool replace(std::span<Slot> slots, const Edit& edit, std::size_t depth) {
    const EntityUid& uid = *edit.slot.uid();
    for (std::size_t place = home(rest(edit.hash, depth), slots.size()); slots[place];
         place = behind(place, slots.size())) {
      if (!slots[place].has_mark_of(uid) || slots[place].uid() != &uid) continue;
      slots[place] = edit.slot;
      return true;
    }
    return false;
  }

  /// Of a leaf's slots one in so many stays free.
  static constexpr std::size_t kLeastFree = 8;

  std::vector<void*>& created_;
  std::vector<void*>& replaced_;
  Chunks* chunks_;
};

EntityTrie::Search EntityTrie::begin_search(const EntityUid& uid) const {
  Node node = root_;
  std::size_t hash = uid.hash;
  while (node && !node.is_leaf()) {
    node = node.branch()->children[hash >> (kHashBits - kDigitBits)];
    hash <<= kDigitBits;
  }
  const std::span<const Slot> slots = node.slots();
  return {uid, slots, home(hash, slots.size())};
}

void EntityTrie::prefetch(const EntityUid& uid) const { begin_search(uid).fetch_leaf(); }

void EntityTrie::Search::fetch_leaf() const { __builtin_prefetch(slots.data() + place); }

void EntityTrie::Search::find_candidate() {
  if (slots.empty()) return;
  while (slots[place] && !slots[place].has_mark_of(uid)) place = behind(place, slots.size());
}

void EntityTrie::Search::fetch_entity() const {
  if (slots.empty() || !slots[place]) return;
  const auto* memory = static_cast<const std::byte*>(slots[place].memory());
  __builtin_prefetch(memory - kCacheLine);  // its uid, mostly
  __builtin_prefetch(memory);
  __builtin_prefetch(memory + kCacheLine);
  __builtin_prefetch(memory + 2 * kCacheLine);
}

void EntityTrie::Search::fetch_uid() const {
  if (slots.empty() || !slots[place]) return;
  const auto* memory = reinterpret_cast<const std::byte*>(slots[place].uid());
  __builtin_prefetch(memory);
  __builtin_prefetch(memory + kCacheLine);
}

Slot EntityTrie::Search::result() {
  if (slots.empty()) return {};
  while (slots[place] && !(slots[place].has_mark_of(uid) && *slots[place].uid() == uid)) {
    place = behind(place, slots.size());
  }
  return slots[place];
}

Slot EntityTrie::find(const EntityUid& uid) const {
  Search search = begin_search(uid);
  search.find_candidate();
  search.fetch_entity();
  search.fetch_uid();
  return search.result();
}

std::pair<Slot, Slot> EntityTrie::find_both(const EntityUid& one, const EntityUid& other) const {
  Search a = begin_search(one), b = begin_search(other);
  a.fetch_leaf();
  b.fetch_leaf();
  a.find_candidate();
  a.fetch_entity();
  b.find_candidate();
  b.fetch_entity();
  a.fetch_uid();
  b.fetch_uid();
  return {a.result(), b.result()};
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
    for (const Slot slot : node.slots()) {
      if (slot.is_owned()) ::operator delete(const_cast<Entity*>(slot.entity()));
    }
  } else {
    for (const Node child : node.branch()->children) destroy(child);
  }
  ::operator delete(node.memory());
}

}  // namespace wardlock::cedar
