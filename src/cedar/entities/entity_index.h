#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cedar/entities/entity_store.h"

namespace wardlock::cedar {

/// One step from an entity to a value: an attribute of it or a field of a record, or a tag. Where a
/// step's value is an entity, the next step reads that entity.
struct PathStep {
  std::string name;
  bool is_tag = false;

  friend auto operator<=>(const PathStep&, const PathStep&) = default;
};

/// Steps from an entity; none: the entity itself.
using AttributePath = std::vector<PathStep>;

/// How the value at the end of a path is to a key.
enum class Relation : std::uint8_t {
  kIs,        ///< it equals the key
  kContains,  ///< it is a set, and the key is a member
  kIn,        ///< it is an entity, and is the key or has it for an ancestor
};

/// An entity of a type, by its place in the type's order, and a key that it was found by.
struct IndexEntry {
  Value key;
  std::uint32_t place;
};

/// Entries of one key, in the order of their places.
using IndexEntries = std::span<const IndexEntry>;

/// The entities of one type, in the order of their ids, and which of them have a value that is to a
/// key as asked. What is asked for the first time is looked up by a pass over all of them, which is
/// then kept: ask for paths that policies name, never for such as a request makes up. Thread-safe;
/// results live as long as the index.
class TypeIndex {
 public:
  TypeIndex(const EntityStore& store, std::vector<const Entity*> entities)
      : store_(store), entities_(std::move(entities)) {}

  std::span<const Entity* const> entities() const { return entities_; }
  /// The place of the first entity whose id is not less.
  std::uint32_t first_place(std::string_view id) const;

  IndexEntries find(const AttributePath& path, Relation relation, const Value& key) const;

  /// Looks up what `other` was asked for.
  void make_like(const TypeIndex& other) const;

 private:
  using Entries = std::vector<IndexEntry>;
  struct Kept {
    std::unique_ptr<const Entries> entries;
    bool is_asked = false;  ///< not only made like another's
  };

  const Entries& entries(const AttributePath& path, Relation relation, bool is_asked) const;
  Entries make_entries(const AttributePath& path, Relation relation) const;

  const EntityStore& store_;
  std::vector<const Entity*> entities_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<AttributePath, Relation>, Kept> kept_;
};

/// Finds the entities of a store by type and value, so that a search needs not look at all of them.
/// Made when it is first asked, since many stores are never searched. Borrows the store, which must
/// not move. Thread-safe.
class EntityIndex {
 public:
  using Types = std::map<std::string_view, TypeIndex, std::less<>>;

  explicit EntityIndex(const EntityStore& store) : store_(store) {}

  const Types& types() const;
  /// Null: the store has no entity of that type.
  const TypeIndex* find_type(std::string_view type) const;

  /// Makes beforehand what `other`, of the store that this one's replaces, was asked for.
  void make_like(const EntityIndex& other) const;

 private:
  const EntityStore& store_;
  mutable std::once_flag once_;
  mutable std::atomic<bool> is_made_ = false;
  mutable Types types_;
};

}  // namespace wardlock::cedar
