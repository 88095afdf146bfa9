#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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

  /// Puts the slots, one for each uid, in the place of those that were there. New nodes are added
  /// to `created`, those of this trie that the new one lacks to `replaced`.
  EntityTrie with(std::vector<Slot> slots, std::vector<void*>& created,
                  std::vector<void*>& replaced) const;

  /// Gives back all nodes, and the entities that are owned.
  void destroy() const;

 private:
  struct Branch;
  struct Leaf;
  class Editor;

  /// A branch, a leaf (marked by the lowest bit) or nothing.
  class Node {
   public:
    Node() = default;
    explicit Node(const Branch* branch) : word_(reinterpret_cast<std::uintptr_t>(branch)) {}
    explicit Node(const Leaf* leaf) : word_(reinterpret_cast<std::uintptr_t>(leaf) | 1) {}
    explicit operator bool() const { return word_ != 0; }
    const Leaf* leaf() const {
      return (word_ & 1) != 0 ? reinterpret_cast<const Leaf*>(word_ & ~std::uintptr_t{1}) : nullptr;
    }
    const Branch* branch() const { return reinterpret_cast<const Branch*>(word_); }

   private:
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
    Slot find(std::uint32_t key, const EntityUid& uid) const;
  };

  /// The leaf that a hash leads to, or null, and the key there.
  struct Place {
    const Leaf* leaf;
    std::uint32_t key;
  };
  Place place_of(std::size_t hash) const;

  template <typename Visit>
  static void visit_slots(Node node, Visit& visit) {
    if (!node) return;
    if (const Leaf* leaf = node.leaf()) {
      for (std::size_t i = 0; i < leaf->count; ++i) visit(leaf->slots()[i]);
      return;
    }
    for (const Node child : node.branch()->children) visit_slots(child, visit);
  }
  static void destroy(Node node);

  Node root_;
};

}  // namespace wardlock::cedar
