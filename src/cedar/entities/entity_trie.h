#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "cedar/entities/chunks.h"
#include "cedar/entities/entity.h"

namespace wardlock::cedar {

/// What a store has of a uid: an entity, or only the uid, which occurs in some entity. One word: an
/// address of 48 bits, whose lowest three say what it is, and as its mark 16 bits of the uid's
/// hash, by which others are told apart without reading what is at the address.
class Slot {
 public:
  Slot() = default;
  explicit Slot(const EntityUid* interned) : Slot(interned, kIsUid, *interned) {}
  /// `is_owned`: the entity has memory of its own, to be given back with the last version that has
  /// it.
  Slot(const Entity* entity, bool is_owned)
      : Slot(entity, is_owned ? kIsOwned : 0, *entity->uid()) {}

  explicit operator bool() const { return word_ != 0; }
  const void* memory() const { return reinterpret_cast<const void*>(word_ & kAddress); }
  const Entity* entity() const {
    return (word_ & kIsUid) != 0 ? nullptr : static_cast<const Entity*>(memory());
  }
  const EntityUid* uid() const {
    return (word_ & kIsUid) != 0 ? static_cast<const EntityUid*>(memory()) : entity()->uid();
  }
  bool has_mark_of(const EntityUid& uid) const { return word_ >> kMarkShift == mark_of(uid); }
  bool is_owned() const { return (word_ & kIsOwned) != 0; }
  /// Whether some entity has, or had, the uid for a parent.
  bool is_parent() const { return (word_ & kIsParent) != 0; }
  Slot as_parent() const {
    Slot slot = *this;
    slot.word_ |= kIsParent;
    return slot;
  }

 private:
  static constexpr std::uint64_t kIsUid = 1, kIsParent = 2, kIsOwned = 4;
  static constexpr int kMarkShift = 48;
  static constexpr std::uint64_t kAddress = (std::uint64_t{1} << kMarkShift) - 8;
  static_assert(alignof(Entity) == 8 && alignof(EntityUid) == 8);

  Slot(const void* memory, std::uint64_t flags, const EntityUid& uid)
      : word_(reinterpret_cast<std::uintptr_t>(memory) | flags) {
    CHECK((word_ >> kMarkShift) == 0);
    word_ |= mark_of(uid) << kMarkShift;
  }
  /// The bits that choose a place last.
  static std::uint64_t mark_of(const EntityUid& uid) { return uid.hash & 0xFFFF; }

  std::uint64_t word_ = 0;
};

/// Slots by uid: a hash trie whose versions share what is equal in them. A branch has 64 children
/// by six bits of the hash; a leaf is a hash table of up to `kMaxLeaf` slots, placed by the next 32
/// bits, or behind where that is taken: mostly in the same cache line, which is all that is read
/// there. Nodes are immutable and own nothing; see EntityVersion for how long they live.
class EntityTrie {
 public:
  static constexpr std::size_t kMaxLeaf = 512;

  /// No slot: the uid is unknown.
  Slot find(const EntityUid& uid) const;
  /// The two slots, whose memory is waited for together.
  std::pair<Slot, Slot> find_both(const EntityUid& one, const EntityUid& other) const;
  /// Asks for the memory that a search for the uid reads first.
  void prefetch(const EntityUid& uid) const;

  /// Whether the other is this one, in the same memory. Others may be equal, too.
  bool is_shared_with(const EntityTrie& other) const { return root_ == other.root_; }

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
  class Editor;

  /// A branch, a leaf or nothing: an address as in a Slot, and of a leaf its size above it.
  class Node {
   public:
    static constexpr std::size_t kSlotsPerLine = 8;
    static constexpr std::size_t kMaxSlots = 0xFFFF * kSlotsPerLine;

    Node() = default;
    Node(const Branch* branch, bool is_owned) : Node(static_cast<const void*>(branch), is_owned) {}
    /// `slots`: so many that they fill lines, at least one of them free.
    Node(std::span<const Slot> slots, bool is_owned)
        : Node(static_cast<const void*>(slots.data()), is_owned) {
      CHECK(slots.size() % kSlotsPerLine == 0 && slots.size() <= kMaxSlots);
      word_ |= slots.size() / kSlotsPerLine << kSizeShift;
    }

    explicit operator bool() const { return word_ != 0; }
    bool is_leaf() const { return word_ >> kSizeShift != 0; }
    std::span<const Slot> slots() const {
      return {static_cast<const Slot*>(memory()), (word_ >> kSizeShift) * kSlotsPerLine};
    }
    const Branch* branch() const { return static_cast<const Branch*>(memory()); }
    void* memory() const { return reinterpret_cast<void*>(word_ & kAddress); }
    bool is_owned() const { return (word_ & kIsOwned) != 0; }
    bool operator==(const Node&) const = default;

   private:
    static constexpr std::uint64_t kIsOwned = 1;
    static constexpr int kSizeShift = 48;
    static constexpr std::uint64_t kAddress = (std::uint64_t{1} << kSizeShift) - 8;

    Node(const void* memory, bool is_owned)
        : word_(reinterpret_cast<std::uintptr_t>(memory) | (is_owned ? kIsOwned : 0)) {
      CHECK(word_ >> kSizeShift == 0);
    }

    std::uint64_t word_ = 0;
  };

  static constexpr std::size_t kDigitBits = 6, kChildren = 64;

  struct Branch {
    Node children[kChildren];
  };

  /// Where a hash leads to: the slots of a leaf, or none; and the first that may be the uid's.
  struct Search {
    const EntityUid& uid;
    std::span<const Slot> slots;
    std::size_t place;

    /// Asks for the memory that `find_candidate` reads, `fetch_entity` and `fetch_uid` for what
    /// `result` reads.
    void fetch_leaf() const;
    void find_candidate();
    void fetch_entity() const;
    void fetch_uid() const;
    Slot result();
  };
  Search begin_search(const EntityUid& uid) const;
  /// Where a leaf of so many slots has what the next 32 bits of the hash lead to.
  static std::size_t home(std::size_t hash, std::size_t slots) {
    return ((hash >> 32) * slots) >> 32;
  }
  static std::size_t behind(std::size_t place, std::size_t slots) {
    return place + 1 == slots ? 0 : place + 1;
  }

  template <typename Visit>
  static void visit_slots(Node node, Visit& visit) {
    if (!node) return;
    if (node.is_leaf()) {
      for (const Slot slot : node.slots()) {
        if (slot) visit(slot);
      }
      return;
    }
    for (const Node child : node.branch()->children) visit_slots(child, visit);
  }
  static void destroy(Node node);

  Node root_;
};

}  // namespace wardlock::cedar
