#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "directory/model/attribute.h"
#include "directory/model/kind.h"

namespace wardlock::directory {

/// A step in the life of a thing.
struct State {
  std::string_view name;
  std::string_view about;       ///< for people: a sentence without its full stop
  Words next = {};              ///< the states that may follow
  bool is_in_force = false;     ///< it may act, or be used
  bool ends_relations = false;  ///< who gets there loses assignments, memberships and the like
  /// Policies see it although it is not in force, if their schema has `Schema::cedar_in_force`.
  bool is_seen = false;
};

/// What there is to know of a kind of things. There is no other list: reading, checking, indexing,
/// SCIM's schemas and docs/formats/directory.md go by it.
struct Schema {
  Kind kind;
  std::string_view name;
  std::string_view plural;      ///< for people
  std::string_view collection;  ///< all of them, in paths and commands, e.g. `device-models`
  std::string_view about;       ///< a sentence without its full stop
  std::span<const State> states;
  Words first;  ///< states in which a thing may be entered; the first is the usual one
  std::span<const Attribute> attributes;
  std::string_view scim_type;            ///< SCIM's resource type, e.g. `User`
  std::string_view scim_endpoint;        ///< e.g. `/Users`
  std::string_view scim_schema;          ///< the URN of its core schema
  std::string_view cedar_type;           ///< in policies, unless `entityType` says otherwise
  bool needs_owner = false;              ///< it is in force only where a person answers for it
  std::string_view cedar_id = {};        ///< the attribute that policies know it by; empty: its id
  std::string_view cedar_in_force = {};  ///< the attribute that tells policies whether it is
};

/// All kinds, in the order of `Kind`.
std::span<const Schema* const> all_schemas();
const Schema& schema_of(Kind kind);
std::optional<Kind> find_kind(std::string_view name);
/// By the name of its collection.
const Schema* find_collection(std::string_view name);

/// The state with that name, or null.
const State* find_state(const Schema& schema, std::string_view name);

/// The attribute by which people call a thing of the kind: its first required identifier, such as
/// `userName`, else `displayName`.
const Attribute& calling_name(const Schema& schema);

}  // namespace wardlock::directory
