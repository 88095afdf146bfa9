#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "cedar/value/value.h"

namespace wardlock::cedar {

/// The names of an entity's attributes, sorted; the entities of a store that have the same names
/// share one. Sharing quickens only: equal names may be in two places.
using Names = std::span<const std::string_view>;

/// Attributes or tags of an entity, sorted by name: names and values side by side. Borrows both.
class EntityFields {
 public:
  class Iterator;

  EntityFields() = default;
  /// `values`: as many as there are names.
  EntityFields(Names names, const Value* values) : names_(names), values_(values) {}

  std::size_t size() const { return names_.size(); }
  bool empty() const { return names_.empty(); }
  Field operator[](std::size_t i) const { return {names_[i], values_[i]}; }
  Field front() const { return (*this)[0]; }
  Iterator begin() const;
  Iterator end() const;

  Names names() const { return names_; }
  std::span<const Value> values() const { return {values_, names_.size()}; }
  /// The value, or null.
  const Value* find(std::string_view name) const;

 private:
  Names names_;
  const Value* values_ = nullptr;
};

class EntityFields::Iterator {
 public:
  using difference_type = std::ptrdiff_t;  // NOLINT(readability-identifier-naming): the standard's
  using value_type = Field;                // NOLINT(readability-identifier-naming): the standard's

  Iterator() = default;
  Iterator(const EntityFields* fields, std::size_t place) : fields_(fields), place_(place) {}
  Field operator*() const { return (*fields_)[place_]; }
  Iterator& operator++() { return ++place_, *this; }
  Iterator operator++(int) {
    const Iterator old = *this;
    ++place_;
    return old;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.place_ == b.place_; }

 private:
  const EntityFields* fields_ = nullptr;
  std::size_t place_ = 0;
};

inline EntityFields::Iterator EntityFields::begin() const { return {this, 0}; }
inline EntityFields::Iterator EntityFields::end() const { return {this, size()}; }

inline const Value* find_field(const EntityFields& fields, std::string_view name) {
  return fields.find(name);
}

/// An entity as it is given, before a store takes it: what `Entity` says, without its ancestors.
/// Borrows everything.
struct EntityDraft {
  const EntityUid* uid = nullptr;
  std::span<const Field> attributes = {};  ///< sorted by name
  std::span<const Field> tags = {};        ///< sorted by name
  std::span<const EntityUid* const> parents = {};
};

class Entity;

/// What the entity was made of, without copying more than arrays into `arena`.
EntityDraft draft_of(const Entity& entity, Arena& arena);

/// An entity as the evaluator sees it: one piece of memory that the store (or a request's arena)
/// owns, this being its beginning. Immutable.
class Entity {
 public:
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;

  /// Interned, if the entity is in a store.
  const EntityUid* uid() const { return uid_; }
  EntityFields attributes() const { return {*attribute_names_, values()}; }
  EntityFields tags() const { return has_tags_ ? further_tags() : EntityFields(); }
  /// All proper ancestors (the transitive closure of `parents`): interned, sorted by address.
  std::span<const EntityUid* const> ancestors() const {
    return {first_ancestor(), ancestor_count_};
  }
  /// Direct parents, in the order given.
  auto parents() const {
    return std::views::iota(std::uint32_t{0}, parent_count()) |
           std::views::transform([this](std::uint32_t i) { return parent(i); });
  }

  /// A byte of each ancestor's hash, as `mark_of` gives it, by which most others are told apart
  /// without reading their uids.
  std::span<const std::uint8_t> ancestor_marks() const {
    const std::span<const std::byte> places = parent_places();
    return {reinterpret_cast<const std::uint8_t*>(places.data() + places.size()), ancestor_count_};
  }
  static std::uint8_t mark_of(const EntityUid& uid) { return uid.hash & 0xFF; }

  /// `interned`: a uid of the same store, as `canonical` gives it.
  bool has_ancestor(const EntityUid* interned) const;
  /// `uid`: any. Looks at each ancestor's mark.
  bool has_ancestor(const EntityUid& uid) const {
    const auto own = ancestors();
    const auto marks = ancestor_marks();
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (marks[i] == mark_of(uid) && *own[i] == uid) return true;
    }
    return false;
  }

 private:
  friend class EntityWriter;

  Entity(const EntityUid* uid, const Names* names) : uid_(uid), attribute_names_(names) {}

  // After this follow: the attributes' values, the ancestors, the parents' places, the ancestors'
  // marks, the tags, and what the values point to.
  const Value* values() const { return reinterpret_cast<const Value*>(this + 1); }
  const EntityUid* const* first_ancestor() const {
    return reinterpret_cast<const EntityUid* const*>(values() + attribute_names_->size());
  }
  /// The parents' places among the ancestors, in as few bytes as suffice.
  std::span<const std::byte> parent_places() const {
    return {reinterpret_cast<const std::byte*>(first_ancestor() + ancestor_count_),
            parent_count_ * place_bytes(ancestor_count_)};
  }
  static std::size_t place_bytes(std::size_t ancestors) { return ancestors <= 256 ? 1 : 4; }
  const EntityUid* parent(std::uint32_t i) const {
    const void* places = parent_places().data();
    return first_ancestor()[place_bytes(ancestor_count_) == 1
                                ? static_cast<const std::uint8_t*>(places)[i]
                                : static_cast<const std::uint32_t*>(places)[i]];
  }
  std::uint32_t parent_count() const { return parent_count_; }
  EntityFields further_tags() const;

  const EntityUid* uid_;
  const Names* attribute_names_;
  std::uint32_t ancestor_count_ = 0;
  std::uint32_t parent_count_ : 31 = 0;
  std::uint32_t has_tags_ : 1 = 0;
};
static_assert(sizeof(Entity) == 24);

/// The stored entity (or, if it is null, one that has nothing else) with these attributes, sorted
/// by name, in the place of its own: for a request that says more than the store. In `arena`;
/// borrows what the attributes borrow, and from the stored entity.
const Entity* with_attributes(Arena& arena, const EntityUid& uid, std::span<const Field> attributes,
                              const Entity* stored);

}  // namespace wardlock::cedar
