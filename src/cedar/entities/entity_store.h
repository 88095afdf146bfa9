#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/entities/entity.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

class Interner;

/// Entities by uid, with the transitive closure of their parents. Built once by
/// `EntityStore::Builder`, then immutable; may be read by any thread.
class EntityStore {
 public:
  class Builder;

  EntityStore();
  EntityStore(EntityStore&&) = default;
  EntityStore& operator=(EntityStore&&) = default;

  /// The entity, or null. Valid for the store's life.
  const Entity* find(const EntityUid& uid) const;
  /// The uid as the store has it, of an entity or in one: one address for equal uids. Null: it
  /// occurs nowhere, so no entity has it for an ancestor. Valid for the store's life.
  const EntityUid* canonical(const EntityUid& uid) const;
  /// Whether the entity, one of this store's, has `group` among its ancestors.
  bool has_ancestor(const Entity& entity, const EntityUid& group) const {
    if (entity.ancestors().empty()) return false;
    const EntityUid* interned = canonical(group);
    return interned != nullptr && entity.has_ancestor(interned);
  }
  std::size_t size() const { return index_.size(); }
  /// All, in the order of their uids. Sorts them: not for the path of a decision.
  std::vector<const Entity*> entities() const;

 private:
  std::shared_ptr<Arena> arena_;
  std::shared_ptr<Interner> interner_;
  std::unordered_map<const EntityUid*, const Entity*, UidHash, UidEqual> index_;
};

/// Collects entities, then checks and closes the hierarchy.
class EntityStore::Builder {
 public:
  /// Where the added entities' parts may be allocated; lives as long as the builder.
  Arena& arena() { return *arena_; }

  /// A uid that lives as long as the builder; the same pointer for the same uid.
  const EntityUid* intern(std::string_view type, std::string_view id);

  /// Adds an entity whose parts live as long as the builder. The uid must be new, or the entity
  /// identical to the one there. Error: a different entity has that uid.
  Result<void> add(const EntityDraft& entity);

  bool has(const EntityUid& uid) const { return index_.contains(&uid); }

  /// How many ancestors of parents may be looked at while the hierarchy is closed, repetitions
  /// included: seconds of work. A hierarchy that needs more is a mistake or an attack.
  static constexpr std::size_t kMaxAncestorsSeen = 100'000'000;

  /// Computes all ancestors. Error: the parents form a cycle, which it names, or the hierarchy is
  /// too large.
  Result<EntityStore> build(std::size_t max_ancestors_seen = kMaxAncestorsSeen) &&;

 private:
  EntityStore store_;
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::vector<EntityDraft> entities_;
  std::unordered_map<const EntityUid*, std::size_t, UidHash, UidEqual> index_;
};

/// A store with a few entities laid over it, e.g. those that a request describes (made by
/// `with_attributes`). Borrows both.
class EntityView {
 public:
  EntityView(const EntityStore& store, std::span<const Entity* const> overlay = {})
      : store_(&store), overlay_(overlay) {}

  const Entity* find(const EntityUid& uid) const {
    for (const Entity* entity : overlay_) {
      if (*entity->uid() == uid) return entity;
    }
    return store_->find(uid);
  }

  const EntityUid* canonical(const EntityUid& uid) const { return store_->canonical(uid); }

  /// Whether the entity, one of the view's, has `group` among its ancestors.
  bool has_ancestor(const Entity& entity, const EntityUid& group) const {
    return store_->has_ancestor(entity, group);
  }

 private:
  const EntityStore* store_;
  std::span<const Entity* const> overlay_;
};

}  // namespace wardlock::cedar
