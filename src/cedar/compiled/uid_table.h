#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cedar/compiled/request_entities.h"
#include "cedar/evaluator/step_budget.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

/// What is known of each uid: a hash table that is probed one place after the other, at most half
/// full, key and content in one place. May be read by any thread while nothing is added. Borrows
/// the uids.
template <typename T>
class UidTable {
 public:
  std::size_t size() const { return size_; }

  /// The uid's content, made where there was none. Moves others'.
  T& operator[](const EntityUid* uid) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[place_of(*uid)];
    if (slot.key == nullptr) {
      marks_.set(Entity::mark_of(*uid));
      slot.key = uid;
      slot.tag = tag_of(*uid);
      ++size_;
    }
    return slot.content;
  }

  /// Null where there is none.
  const T* find(const EntityUid& uid) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[place_of(uid)];
    return slot.key == nullptr ? nullptr : &slot.content;
  }

  /// Has the memory brought that looking for the entity's first ancestors will read.
  void prefetch_ancestors(const Entity& entity) const {
    constexpr std::size_t kMost = 16;
    if (slots_.empty()) return;
    const auto ancestors = entity.ancestors();
    for (std::size_t i = 0; i < std::min(ancestors.size(), kMost); ++i) {
      if (!may_have(entity, i)) continue;
      __builtin_prefetch(&slots_[ancestors[i]->hash & (slots_.size() - 1)]);
    }
  }

  /// Calls `visit` with each uid and its content, in no order that may show.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.key != nullptr) visit(slot.key, slot.content);
    }
  }

  /// Calls `visit` with the content of each uid here that the entity has for an ancestor. Looks up
  /// the ancestors or asks for the uids, whichever are fewer, a step each.
  template <typename Visit>
  void for_each_ancestor(const Entity& entity, const RequestEntities& entities, StepBudget& budget,
                         Visit visit) const {
    const auto ancestors = entity.ancestors();
    if (ancestors.size() <= size_) {
      for (std::size_t i = 0; i < ancestors.size(); ++i) {
        if (!budget.take()) return;
        if (!may_have(entity, i)) continue;
        if (const T* content = find(*ancestors[i])) visit(*content);
      }
    } else {
      for_each([&](const EntityUid* key, const T& content) {
        if (budget.take() && entities.has_ancestor(entity, *key)) visit(content);
      });
    }
  }

 private:
  struct Slot {
    const EntityUid* key = nullptr;  ///< null: the slot is free
    std::uint32_t tag = 0;           ///< bits of the hash that do not choose the slot
    T content = {};
  };

  /// Whether the ancestor of that place may be here: of few keys, mostly known without its uid.
  bool may_have(const Entity& entity, std::size_t ancestor) const {
    return marks_[entity.ancestor_marks()[ancestor]];
  }

  static std::uint32_t tag_of(const EntityUid& uid) {
    return static_cast<std::uint32_t>(uid.hash >> 32);
  }

  /// Where the uid is, or would be put.
  std::size_t place_of(const EntityUid& uid) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = uid.hash & mask;
    while (slots_[at].key != nullptr &&
           (slots_[at].tag != tag_of(uid) || !(*slots_[at].key == uid))) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 8 : 2 * slots_.size());
    std::swap(old, slots_);
    for (Slot& slot : old) {
      if (slot.key != nullptr) slots_[place_of(*slot.key)] = std::move(slot);
    }
  }

  std::vector<Slot> slots_;  ///< a power of two of them
  std::size_t size_ = 0;
  std::bitset<256> marks_;  ///< of all keys
};

}  // namespace wardlock::cedar
