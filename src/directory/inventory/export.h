#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "codec/json.h"
#include "crypto/seeded_hash.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

/// Writes keys for ids: such as are read again as the same thing. For one tenant, for a while:
/// what it found it remembers. Borrows what it is made of. Not thread-safe.
class KeyWriter {
 public:
  KeyWriter(const Registry& registry, std::string_view tenant)
      : registry_(registry), tenant_(tenant) {}

  /// `kind:value`, or where that could be two things `kind.attribute:value`. Error kNotFound.
  Result<std::string> key_of(const std::string& id);
  Result<std::string> key_of(const Thing& thing);

 private:
  Result<std::string> value_of(const Thing& thing);
  Result<bool> is_clear(const Thing& thing, std::string_view key);

  const Registry& registry_;
  std::string_view tenant_;
  std::unordered_map<std::string, std::string, crypto::SeededHash> keys_;
};

/// A part of what there is, as docs/formats/directory-import.md has it.
struct ExportPage {
  std::vector<codec::Json> items;
  std::string next;  ///< where to go on; empty: there is no more
};

struct ExportQuery {
  std::string_view tenant;
  std::string_view after = {};  ///< the `next` of the page before
  std::size_t count = 500;
  bool shows_sensitive = false;
  /// Things have a member `relations`, too: keys of the objects of those that can be columns.
  bool has_relations = false;
  /// Of what relations lead to: those to others are left out. Nothing: all.
  std::optional<Kinds> readable = {};
};

/// Things of a kind; roles of Wardlock's own administration are everywhere, and left out.
Result<ExportPage> export_things(const Registry& registry, Kind kind, const ExportQuery& query);
/// Relations that have not ended.
Result<ExportPage> export_relations(const Registry& registry, Relation relation,
                                    const ExportQuery& query);

/// What is other than at a revision, each thing and relation once, as it is now.
struct ExportChanges {
  std::vector<codec::Json> things;
  std::vector<codec::Json> relations;  ///< those that ended have `until`
  std::vector<std::string> removed;    ///< ids
  std::uint64_t revision = 0;          ///< up to which this is
  bool is_all = false;                 ///< there is nothing after it
};

/// At least `count` changes, where there are so many. Error kOutOfRange: the feed does not reach
/// back so far, so take the whole again.
Result<ExportChanges> export_changes(const Registry& registry, std::uint64_t since,
                                     const ExportQuery& query);

/// A thing or relation as a file has it.
Result<codec::Json> export_thing(KeyWriter& keys, const Thing& thing, bool shows_sensitive);
Result<codec::Json> export_relation(KeyWriter& keys, const KeptRelation& relation);

}  // namespace wardlock::directory
