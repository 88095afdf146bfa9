#pragma once

#include <optional>
#include <string>
#include <variant>

#include "codec/json.h"
#include "directory/inventory/key.h"
#include "directory/model/document.h"
#include "directory/model/relation.h"

namespace wardlock::directory {

/// As JSON; so that no request has to be larger than a server takes.
inline constexpr std::size_t kMaxEntryBytes = std::size_t{64} << 10;

/// A thing as a file has it: references are keys.
struct ThingEntry {
  Kind kind;
  std::string id = {};       ///< empty: not said
  std::string state = {};    ///< empty: not said
  bool is_only_new = false;  ///< where it is there already, it stays as it is
  boost::json::object attributes = {};
};

/// A relation as a file has it.
struct RelationEntry {
  Relation relation;
  Key subject;
  Key object;
  std::optional<Key> scope = {};
  std::optional<std::int64_t> from_ms = {};
  std::optional<std::int64_t> until_ms = {};
  std::optional<codec::Json> attributes = {};
};

using Entry = std::variant<ThingEntry, RelationEntry>;

/// Reads one item of the lists of docs/formats/directory-import.md: what has a `kind` is a thing,
/// what has a `relation` a relation. Attributes are checked where they are imported.
Checked<Entry> read_entry(const codec::Json& json);

/// The keys of other things in a thing's attributes.
struct KeyReference {
  const Attribute* attribute = nullptr;
  std::string path;
  std::string text;
};
std::vector<KeyReference> key_references(const ThingEntry& entry);

}  // namespace wardlock::directory
