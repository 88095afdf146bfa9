#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cedar/compiled/request_entities.h"
#include "cedar/evaluator/step_budget.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

/// Numbers uids from 0 on, and finds the number of a uid: a hash table that is probed one place
/// after the other, at most half full. May be read by any thread while nothing is added. Borrows
/// the uids.
class UidTable {
 public:
  std::size_t size() const { return keys_.size(); }
  const EntityUid& key(std::uint32_t number) const { return *keys_[number]; }

  /// The uid's number, a new one where it had none.
  std::uint32_t add(const EntityUid* uid);

  std::optional<std::uint32_t> find(const EntityUid& uid) const {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t at = first_slot(uid); slots_[at].number != 0; at = next_slot(at)) {
      const std::uint32_t number = slots_[at].number - 1;
      if (slots_[at].tag == tag_of(uid) && *keys_[number] == uid) return number;
    }
    return std::nullopt;
  }

  /// Calls `visit` with the number of each uid here that the entity has for an ancestor. Looks up
  /// the ancestors or asks for the uids, whichever are fewer, a step each.
  template <typename Visit>
  void for_each_ancestor(const Entity& entity, const RequestEntities& entities, StepBudget& budget,
                         Visit visit) const {
    const auto ancestors = entity.ancestors();
    if (ancestors.size() <= keys_.size()) {
      for (const EntityUid* ancestor : ancestors) {
        if (!budget.take()) return;
        if (const auto number = find(*ancestor)) visit(*number);
      }
    } else {
      for (std::uint32_t number = 0; number < keys_.size(); ++number) {
        if (!budget.take()) return;
        if (entities.has_ancestor(entity, *keys_[number])) visit(number);
      }
    }
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;     ///< bits of the hash that do not choose the slot
    std::uint32_t number = 0;  ///< plus one; 0: the slot is free
  };

  static std::uint32_t tag_of(const EntityUid& uid) {
    return static_cast<std::uint32_t>(uid.hash >> 32);
  }
  std::size_t first_slot(const EntityUid& uid) const { return uid.hash & (slots_.size() - 1); }
  std::size_t next_slot(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }
  void put(std::uint32_t number);

  std::vector<const EntityUid*> keys_;
  std::vector<Slot> slots_;  ///< a power of two of them
};

}  // namespace wardlock::cedar
