#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "cedar/entities/chunks.h"
#include "cedar/entities/entity.h"

namespace wardlock::cedar {

/// What a store has of a uid: an entity, or only the uid, which occurs in some entity. One word.
class Slot {
 public:
  Slot() = default;
  explicit Slot(const EntityUid* interned)
      : word_(reinterpret_cast<std::uintptr_t>(interned) | kIsUid) {}
  /// `is_owned`: the entity has memory of its own, to be given back with the last version that has
  /// it.
  Slot(const Entity* entity, bool is_owned)
      : word_(reinterpret_cast<std::uintptr_t>(entity) | (is_owned ? kIsOwned : 0)) {}

  explicit operator bool() const { return word_ != 0; }
  const void* memory() const { return reinterpret_cast<const void*>(word_ & ~kFlags); }
  const Entity* entity() const {
    return (word_ & kIsUid) != 0 ? nullptr : reinterpret_cast<const Entity*>(word_ & ~kFlags);
  }
  const EntityUid* uid() const {
    return (word_ & kIsUid) != 0 ? reinterpret_cast<const EntityUid*>(word_ & ~kFlags)
                                 : entity()->uid();
  }
  bool is_owned() const { return (word_ & kIsOwned) != 0; }
  /// Whether some entity has, or had, the uid for a parent.
  bool is_parent() const { return (word_ & kIsParent) != 0; }
  Slot as_parent() const {
    Slot slot = *this;
    slot.word_ |= kIsParent;
    return slot;
  }

 private:
  static constexpr std::uintptr_t kIsUid = 1, kIsParent = 2, kIsOwned = 4;
  static constexpr std::uintptr_t kFlags = kIsUid | kIsParent | kIsOwned;
  static_assert(alignof(Entity) > kFlags && alignof(EntityUid) > kFlags);

  std::uintptr_t word_ = 0;
};

/// Slots by uid: a hash trie whose versions share what is equal in them. A branch has 64 children
/// by six bits of the hash; a leaf has up to `kMaxLeaf` slots sorted by the next 32 bits, among
/// which the place of a hash, being evenly distributed, can be guessed. Nodes are immutable and own
/// nothing; see EntityVersion for how long they live.
class EntityTrie {
 public:
  static constexpr std::size_t kMaxLeaf = 512;

  /// No slot: the uid is unknown.
  Slot find(const EntityUid& uid) const;
  /// The two slots, whose memory is waited for together.
  std::pair<Slot, Slot> find_both(const EntityUid& one, const EntityUid& other) const;

  /// Calls `visit` with each slot, in no order that may show.
  template <typename Visit>
  void for_each(Visit visit) const {
    visit_slots(root_, visit);
  }

  /// Puts the slots, one for each uid, in the place of those that were there. Nodes that have
  /// memory of their own are noted: new ones in `created`, those of this trie that the new one
  /// lacks in `replaced`. With `chunks`, new ones have no memory of their own, but lie there.
  EntityTrie with(std::span<const Slot> slots, std::vector<void*>& created,
                  std::vector<void*>& replaced, Chunks* chunks = nullptr) const;

  /// Gives back the nodes and entities that have memory of their own.
  void destroy() const;

 private:
  struct Branch;
  struct Leaf;
  class Editor;

  /// A branch, a leaf or nothing.
  class Node {
   public:
    Node() = default;
    Node(const Branch* branch, bool is_owned)
        : word_(reinterpret_cast<std::uintptr_t>(branch) | (is_owned ? kIsOwned : 0)) {}
    Node(const Leaf* leaf, bool is_owned)
        : word_(reinterpret_cast<std::uintptr_t>(leaf) | kIsLeaf | (is_owned ? kIsOwned : 0)) {}

    explicit operator bool() const { return word_ != 0; }
    bool is_leaf() const { return (word_ & kIsLeaf) != 0; }
    const Leaf* leaf() const { return static_cast<const Leaf*>(memory()); }
    const Branch* branch() const { return static_cast<const Branch*>(memory()); }
    void* memory() const { return reinterpret_cast<void*>(word_ & ~(kIsLeaf | kIsOwned)); }
    bool is_owned() const { return (word_ & kIsOwned) != 0; }

   private:
    static constexpr std::uintptr_t kIsLeaf = 1, kIsOwned = 2;
    std::uintptr_t word_ = 0;
  };

  static constexpr std::size_t kDigitBits = 6, kChildren = 64;

  struct Branch {
    Node children[kChildren];
  };
  /// The keys follow, then the slots.
  struct Leaf {
    std::uint64_t count;

    const std::uint32_t* keys() const { return reinterpret_cast<const std::uint32_t*>(this + 1); }
    /// An even number of keys keeps the slots aligned.
    const Slot* slots() const {
      return reinterpret_cast<const Slot*>(keys() + (count + 1) / 2 * 2);
    }
    /// Where the key ought to be.
    std::size_t guess(std::uint32_t key) const { return (key * count) >> 32; }
  };

  /// Where a hash leads to: the leaf, or null; the key there; and the first slot that may be it.
  struct Search {
    const Leaf* leaf = nullptr;
    std::uint32_t key = 0;
    std::size_t first = 0;

    /// Asks for the memory that `find_key` reads, `fetch_entity` and `fetch_uid` for what `result`
    /// reads.
    void fetch_leaf() const;
    void find_key();
    void fetch_entity() const;
    void fetch_uid() const;
    bool has_candidate() const {
      return leaf != nullptr && first < leaf->count && leaf->keys()[first] == key;
    }
    Slot result(const EntityUid& uid) const;
  };
  Search begin_search(std::size_t hash) const;

  template <typename Visit>
  static void visit_slots(Node node, Visit& visit) {
    if (!node) return;
    if (node.is_leaf()) {
      for (const Slot slot : std::span(node.leaf()->slots(), node.leaf()->count)) visit(slot);
      return;
    }
    for (const Node child : node.branch()->children) visit_slots(child, visit);
  }
  static void destroy(Node node);

  Node root_;
};

}  // namespace wardlock::cedar
