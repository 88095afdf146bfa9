#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crypto/seeded_hash.h"
#include "directory/inventory/entry.h"
#include "directory/registry/edit.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

/// Finds what keys name, while the directory is changed. Ids of what was found are remembered: a
/// name is one thing's for ever. For one transaction.
class Finder {
 public:
  explicit Finder(Edit& edit) : edit_(edit) {}

  /// Errors: kNotFound, kInvalidArgument (it could be two things), those of the store.
  Result<std::string> id_of(const Key& key);
  Result<Thing> thing_of(const Key& key);

  /// The thing that an entry is of, or nothing: it is a new one. Error kInvalidArgument: its
  /// attributes name two.
  Result<std::optional<Thing>> match(const ThingEntry& entry);

 private:
  struct Found {
    Thing thing;
    std::string path;  ///< of the attribute
  };

  Result<std::vector<Found>> find(Kind kind, const std::vector<Naming>& namings);
  Result<std::optional<Thing>> find(Kind kind, const Naming& naming);
  Result<std::optional<Thing>> find_handle(Kind kind, const Naming& naming);
  Result<std::optional<std::string>> try_id_of(const Key& key);
  Result<std::optional<Thing>> find_id(Kind kind, const std::string& text);

  Edit& edit_;
  std::unordered_map<std::string, std::string, crypto::SeededHash> ids_;
};

/// What a key names now, outside of a transaction; nothing: nothing has that identifier. By what it
/// is merely called, nothing is found.
Result<std::optional<Thing>> find_identified(const Registry& registry, std::string_view tenant,
                                             const Key& key);

}  // namespace wardlock::directory
