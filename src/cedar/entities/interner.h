#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <unordered_set>

#include "cedar/entities/entity_trie.h"
#include "cedar/entities/lineage.h"

namespace wardlock::cedar {

/// Finds the one object of a uid or name in a lineage, or makes it, for a version in the making.
class Interner {
 public:
  using Uids = std::unordered_set<const EntityUid*, UidHash, UidEqual>;

  /// `before`: of the version before.
  Interner(std::shared_ptr<Lineage> lineage, EntityTrie before)
      : lineage_(std::move(lineage)), before_(before) {}

  const EntityUid* uid(const EntityUid& uid);
  /// For the first version: the entity of that uid is written next.
  const EntityUid* make_room_for(const EntityUid& uid);
  void expect(std::size_t uids) { fresh_.reserve(uids); }
  std::string_view name(std::string_view name) { return lineage_->name(name); }
  const Names& names(std::span<const Field> fields) { return lineage_->names(fields); }

  const std::shared_ptr<Lineage>& lineage() const { return lineage_; }
  const EntityTrie& before() const { return before_; }
  /// Uids that the version before does not know.
  const Uids& fresh() const { return fresh_; }

 private:
  std::shared_ptr<Lineage> lineage_;
  EntityTrie before_;
  Uids fresh_;
};

}  // namespace wardlock::cedar
