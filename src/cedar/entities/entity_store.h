#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/value/value.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// An entity as the evaluator sees it. Borrows everything from the store (or request) it is in.
struct Entity {
  const EntityUid* uid = nullptr;
  std::span<const Field> attributes = {};  ///< sorted by name
  std::span<const Field> tags = {};        ///< sorted by name
  /// Direct parents, in the order given.
  std::span<const EntityUid* const> parents = {};
  /// All proper ancestors (the transitive closure of `parents`), sorted by (hash, uid).
  std::span<const EntityUid* const> ancestors = {};

  bool has_ancestor(const EntityUid& uid) const;
};

/// Entities by uid, with the transitive closure of their parents. Built once by
/// `EntityStore::Builder`, then immutable; may be read by any thread.
class EntityStore {
 public:
  class Builder;

  EntityStore() = default;
  EntityStore(EntityStore&&) = default;
  EntityStore& operator=(EntityStore&&) = default;

  /// The entity, or null. Valid for the store's life.
  const Entity* find(const EntityUid& uid) const;
  std::size_t size() const { return entities_.size(); }
  /// In the order added.
  std::span<const Entity> entities() const { return entities_; }

 private:
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::vector<Entity> entities_;
  std::unordered_map<const EntityUid*, std::size_t, UidHash, UidEqual> index_;
};

/// Collects entities, then checks and closes the hierarchy.
class EntityStore::Builder {
 public:
  /// Where the added entities' parts are to be allocated; lives as long as the store.
  Arena& arena() { return *store_.arena_; }

  /// A uid in the arena; the same pointer for the same uid.
  const EntityUid* intern(std::string_view type, std::string_view id);

  /// Adds an entity whose parts are in `arena()`; its `ancestors` are computed later. The uid must
  /// be new, or the entity identical to the one there. Error: a different entity has that uid.
  Result<void> add(const Entity& entity);

  bool has(const EntityUid& uid) const { return store_.index_.contains(&uid); }

  /// How many ancestors of parents may be looked at while the hierarchy is closed, repetitions
  /// included: seconds of work. A hierarchy that needs more is a mistake or an attack.
  static constexpr std::size_t kMaxAncestorsSeen = 100'000'000;

  /// Computes all ancestors. Error: the parents form a cycle, which it names, or the hierarchy is
  /// too large.
  Result<EntityStore> build(std::size_t max_ancestors_seen = kMaxAncestorsSeen) &&;

 private:
  EntityStore store_;
  std::unordered_set<const EntityUid*, UidHash, UidEqual> interned_;
  std::unordered_set<std::string_view, crypto::SeededHash> types_;  ///< their texts are shared
};

/// A store with a few entities laid over it, e.g. those that a request describes. Borrows both.
class EntityView {
 public:
  EntityView(const EntityStore& store, std::span<const Entity> overlay = {})
      : store_(&store), overlay_(overlay) {}

  const Entity* find(const EntityUid& uid) const {
    for (const Entity& entity : overlay_) {
      if (*entity.uid == uid) return &entity;
    }
    return store_->find(uid);
  }

 private:
  const EntityStore* store_;
  std::span<const Entity> overlay_;
};

}  // namespace wardlock::cedar
