#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "cedar/entities/entity.h"

namespace wardlock::cedar {

/// Changes to a store that take effect together. Of two that concern one entity the later counts.
class EntityChanges {
 public:
  /// The entity is to be like the draft, or (`is_removal`) not to be.
  struct Change {
    EntityDraft entity;
    bool is_removal = false;
  };

  /// Where what is put may be allocated; lives as long as the changes.
  Arena& arena() { return arena_; }

  /// Adds the entity, or replaces the one there. Its parts must live as long as the changes.
  void put(const EntityDraft& entity) { add({entity}); }
  /// Entities that have it for a parent keep it for one. It need not exist.
  void remove(const EntityUid* uid) { add({{.uid = uid}, true}); }

  bool empty() const { return changes_.empty(); }
  std::span<const Change> all() const { return changes_; }

 private:
  void add(const Change& change);

  Arena arena_;
  std::vector<Change> changes_;
  std::unordered_map<const EntityUid*, std::size_t, UidHash, UidEqual> places_;
};

}  // namespace wardlock::cedar
