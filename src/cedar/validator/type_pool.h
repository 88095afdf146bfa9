#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/arena.h"
#include "cedar/schema/schema.h"
#include "cedar/validator/inferred_type.h"
#include "cedar/validator/validation_mode.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// Makes types and relates them. Equal types are the same object, so that they are compared by
/// address. Borrows the schema; what it hands out lives as long as the pool, or longer where it has
/// no parts. Not thread-safe.
class TypePool {
 public:
  TypePool(const Schema& schema, ValidationMode mode) : schema_(schema), mode_(mode) {}
  TypePool(const TypePool&) = delete;
  TypePool& operator=(const TypePool&) = delete;

  const Schema& schema() const { return schema_; }
  ValidationMode mode() const { return mode_; }
  bool is_strict() const { return mode_ == ValidationMode::kStrict; }

  /// A type without parts; a bool of which nothing is known.
  static const InferredType* basic(Kind kind);
  static const InferredType* constant(bool value);
  /// Of a bool.
  static const InferredType* negation(const InferredType* boolean);

  const InferredType* entity(std::string_view type);
  /// `element` null: the set is always empty.
  const InferredType* set(const InferredType* element);
  /// `attributes` sorted by name.
  const InferredType* record(std::span<const InferredAttribute> attributes, bool is_open = false);
  const InferredType* from_schema(const Type& type);

  /// The least type that has all values of both, or null where the mode has none.
  const InferredType* least_upper_bound(const InferredType* a, const InferredType* b);
  /// Of all; null where there is none. Of nothing: null as well.
  const InferredType* least_upper_bound(std::span<const InferredType* const> types);

  /// Why two types have no least upper bound, for a message.
  std::string why_incompatible(const InferredType* a, const InferredType* b);

  /// What is known of an attribute of a record or an entity: nothing if it cannot be there, may be
  /// there with any type (see `may_have_attribute`), or if the type has no attributes.
  std::optional<InferredAttribute> find_attribute(const InferredType& type, std::string_view name);
  bool may_have_attribute(const InferredType& type, std::string_view name) const;

  /// Whether any of the entity's types has tags.
  bool has_tags(const InferredType& entity) const;
  /// The type of the tags of those that have any; null where they have no least upper bound.
  const InferredType* tags_of(const InferredType& entity);

  /// Whether no entity can be of both.
  bool are_disjoint(const InferredType& a, const InferredType& b) const;

  /// Whether an entity of one of the types of `inner` may be in (or be) one of those of `outer`.
  bool may_be_in(const InferredType& inner, const InferredType& outer);
  /// Whether the action is the other one or, by the schema, in it.
  bool is_in(const EntityUid& action, const EntityUid& group);

 private:
  struct Hash {
    std::size_t operator()(const InferredType* type) const;
  };
  struct Equal {
    bool operator()(const InferredType* a, const InferredType* b) const;
  };
  struct PairHash {
    std::size_t operator()(const std::pair<const InferredType*, const InferredType*>& pair) const;
  };

  const InferredType* intern(const InferredType& type);
  const InferredType* union_of(const InferredType& a, const InferredType& b);
  const InferredType* record_bound(const InferredType& a, const InferredType& b);
  const InferredType* make_record_bound(const InferredType& a, const InferredType& b);
  std::optional<InferredAttribute> attribute_of_entity(std::string_view type,
                                                       std::string_view name);
  bool may_action_be_in(std::string_view inner, std::string_view outer);

  const Schema& schema_;
  ValidationMode mode_;
  Arena arena_;
  std::unordered_set<const InferredType*, Hash, Equal> interned_;
  std::unordered_map<std::string_view, const InferredType*, crypto::SeededHash> entities_;
  std::unordered_map<const Type*, const InferredType*> from_schema_;
  std::unordered_map<std::pair<const InferredType*, const InferredType*>, const InferredType*,
                     PairHash>
      record_bounds_;
  using Uids = std::unordered_set<const EntityUid*, UidHash, UidEqual>;
  std::unordered_map<const ActionType*, Uids> groups_;  ///< made when first asked for
  /// The types of the groups that actions of a type may be in; made when first asked for.
  using Types = std::unordered_set<std::string_view, crypto::SeededHash>;
  std::optional<std::unordered_map<std::string_view, Types, crypto::SeededHash>> action_groups_;
};

}  // namespace wardlock::cedar
