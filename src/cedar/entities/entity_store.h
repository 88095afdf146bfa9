#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/entities/entity.h"
#include "cedar/entities/entity_changes.h"
#include "cedar/entities/entity_trie.h"
#include "cedar/value/value.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

class EntityVersion;
class Lineage;

/// Entities by uid, with the transitive closure of their parents. Immutable: changes make another
/// store, which shares with this one whatever is equal in both. Copies share everything. May be
/// read, copied and destroyed by any thread.
class EntityStore {
 public:
  class Builder;

  /// How many ancestors of parents may be looked at while a hierarchy is closed, repetitions
  /// included: seconds of work. A hierarchy that needs more is a mistake or an attack.
  static constexpr std::size_t kMaxAncestorsSeen = 100'000'000;

  EntityStore() = default;

  /// The entity, or null. Valid for the store's life.
  const Entity* find(const EntityUid& uid) const { return trie_.find(uid).entity(); }
  /// Two at once: the memory of both is waited for together.
  std::pair<const Entity*, const Entity*> find_both(const EntityUid& one,
                                                    const EntityUid& other) const {
    const auto [a, b] = trie_.find_both(one, other);
    return {a.entity(), b.entity()};
  }
  /// Asks for the memory that looking one up reads first.
  void prefetch(const EntityUid& uid) const { trie_.prefetch(uid); }
  /// The uid as the store has it, of an entity or in one: one address for equal uids. Null: it
  /// occurs nowhere, so no entity has it for an ancestor. Valid as long as any store that was made
  /// of this one, or of which this one was made, by `apply`.
  const EntityUid* canonical(const EntityUid& uid) const;
  /// Whether the entity, one of this store's, has `group` among its ancestors.
  bool has_ancestor(const Entity& entity, const EntityUid& group) const {
    constexpr std::size_t kMarksUpTo = 32;
    if (entity.ancestors().size() <= kMarksUpTo) return entity.has_ancestor(group);
    // Most groups are the store's own uid, so that looking for it is rarely needed.
    if (entity.has_ancestor(&group)) return true;
    const EntityUid* interned = canonical(group);
    return interned != nullptr && interned != &group && entity.has_ancestor(interned);
  }
  std::size_t size() const;
  /// All, in the order of their uids. Sorts them: not for the path of a decision.
  std::vector<const Entity*> entities() const;
  /// Those of one type, in the order of their ids. Looks at all, unless they are few.
  std::vector<const Entity*> entities(std::string_view type) const;
  /// The types of entities' parents, in no order that may show.
  std::vector<std::string_view> parent_types() const;

  /// The store with these changes. It costs what the changes cost, and a pass over all entities if
  /// some that others are in change their parents. Each store is to be changed once: of one that
  /// was, and whose successor was changed in its turn, the whole is copied.
  ///
  /// Errors, after which nothing has changed: parents form a cycle, which it names; too many
  /// ancestors would have to be looked at. Any thread: changes of one row wait for each other.
  Result<EntityStore> apply(const EntityChanges& changes,
                            std::size_t max_ancestors_seen = kMaxAncestorsSeen) const;

  /// What owns the uids that `canonical` gives and the lists that `attribute_names` gives: hold it
  /// to keep them longer. Null if there are none.
  std::shared_ptr<const Lineage> lineage() const;
  /// The lists of names that attributes of its entities have, each in its one place.
  std::vector<Names> attribute_names() const;

  /// Whether uids of both have one address if they are equal, as after `apply` (mostly: rubbish is
  /// left behind now and then, by copying the whole).
  bool is_of_one_row_with(const EntityStore& other) const;
  /// Whether the other was made of this one, or this one of it, and nothing changed in between.
  /// False also where what changed was changed back.
  bool is_shared_with(const EntityStore& other) const { return trie_.is_shared_with(other.trie_); }

 private:
  explicit EntityStore(std::shared_ptr<EntityVersion> version);
  Result<EntityStore> copy_with(const EntityChanges& changes, std::size_t max_ancestors_seen) const;

  EntityTrie trie_;
  std::shared_ptr<EntityVersion> version_;  ///< null: no entities
};

/// Collects entities, then checks and closes the hierarchy.
class EntityStore::Builder {
 public:
  Builder() = default;

  /// Where the added entities' parts may be allocated; lives as long as the builder.
  Arena& arena() { return *arena_; }

  /// A uid that lives as long as the builder; the same pointer for the same uid.
  const EntityUid* intern(std::string_view type, std::string_view id) {
    return intern({type, id, hash_uid(type, id)});
  }

  /// Adds an entity whose attributes and tags live as long as the builder. The uid must be new, or
  /// the entity identical to the one there. Error: a different entity has that uid.
  Result<void> add(const EntityDraft& entity);

  bool has(const EntityUid& uid) const { return places_.contains(&uid); }

  /// Computes all ancestors. Error: the parents form a cycle, which it names, or the hierarchy is
  /// too large.
  Result<EntityStore> build(std::size_t max_ancestors_seen = kMaxAncestorsSeen) &&;

  /// The same, by changes of another store, with which it shares what is equal; unless most is not.
  Result<EntityStore> build_after(const EntityStore& before,
                                  std::size_t max_ancestors_seen = kMaxAncestorsSeen) &&;

 private:
  const EntityUid* intern(const EntityUid& uid);

  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::unordered_set<const EntityUid*, UidHash, UidEqual> uids_;
  std::unordered_set<std::string_view, crypto::SeededHash> types_;  ///< their texts are shared
  std::vector<EntityDraft> entities_;                               ///< with interned uids
  std::unordered_map<const EntityUid*, std::size_t, UidHash, UidEqual> places_;
};

/// A store with a few entities laid over it, e.g. those that a request describes (made by
/// `with_attributes`). Borrows both.
class EntityView {
 public:
  EntityView(const EntityStore& store, std::span<const Entity* const> overlay = {})
      : store_(&store), overlay_(overlay) {}

  const Entity* find(const EntityUid& uid) const {
    const Entity* over = find_over(uid);
    return over != nullptr ? over : store_->find(uid);
  }

  /// Two at once; see EntityStore.
  std::pair<const Entity*, const Entity*> find_both(const EntityUid& one,
                                                    const EntityUid& other) const {
    const Entity* over_one = find_over(one);
    const Entity* over_other = find_over(other);
    if (over_one == nullptr && over_other == nullptr) return store_->find_both(one, other);
    return {over_one != nullptr ? over_one : store_->find(one),
            over_other != nullptr ? over_other : store_->find(other)};
  }

  void prefetch(const EntityUid& uid) const { store_->prefetch(uid); }

  const EntityUid* canonical(const EntityUid& uid) const { return store_->canonical(uid); }

  /// Whether the entity, one of the view's, has `group` among its ancestors.
  bool has_ancestor(const Entity& entity, const EntityUid& group) const {
    return store_->has_ancestor(entity, group);
  }

 private:
  const Entity* find_over(const EntityUid& uid) const {
    for (const Entity* entity : overlay_) {
      if (*entity->uid() == uid) return entity;
    }
    return nullptr;
  }

  const EntityStore* store_;
  std::span<const Entity* const> overlay_;
};

}  // namespace wardlock::cedar
