#pragma once

#include <memory>
#include <vector>

#include "cedar/entities/entity_trie.h"
#include "cedar/entities/lineage.h"
#include "cedar/entities/type_census.h"

namespace wardlock::cedar {

/// One version of a store, and what keeps alive the memory that it shares with others.
///
/// Versions follow each other. What a version has and its successor lacks is given back when the
/// version and all before it are gone: each holds its successor, so a version that dies has none
/// before it, and nobody else can see what was replaced in it. The last one gives back all.
///
/// A new version is a draft at first: it holds its predecessor, and knows what it made, so that it
/// can die as if it had never been. It takes its place in the row when a version is made of it.
///
/// INVARIANT: nothing here counts references but versions, and readers touch only the trie; all
/// else is written by the thread that holds the lineage's mutex, or by the destructor, when nobody
/// has the version. A version may die on any thread.
class EntityVersion {
 public:
  /// The first of a lineage.
  EntityVersion(std::shared_ptr<Lineage> lineage, EntityTrie trie, std::size_t size,
                std::shared_ptr<const TypeCensus> census)
      : lineage_(std::move(lineage)), trie_(trie), size_(size), census_(std::move(census)) {}
  /// A draft that follows `before`, made of it with the lineage's mutex held: `created` is what it
  /// has and `before` lacks, `replaced` the reverse.
  EntityVersion(std::shared_ptr<EntityVersion> before, EntityTrie trie, std::size_t size,
                std::shared_ptr<const TypeCensus> census, std::vector<void*> created,
                std::vector<void*> replaced);
  EntityVersion(const EntityVersion&) = delete;
  EntityVersion& operator=(const EntityVersion&) = delete;
  ~EntityVersion();

  const EntityTrie& trie() const { return trie_; }
  std::size_t size() const { return size_; }  ///< entities
  const std::shared_ptr<Lineage>& lineage() const { return lineage_; }
  const std::shared_ptr<const TypeCensus>& census() const { return census_; }

  /// Takes the version's place in the row, after which others can be made of it. With the lineage's
  /// mutex held. False: it cannot, since another took that place, or it has a successor already.
  static bool settle(const std::shared_ptr<EntityVersion>& version);

 private:
  std::shared_ptr<Lineage> lineage_;
  EntityTrie trie_;
  std::size_t size_;
  std::shared_ptr<const TypeCensus> census_;
  std::shared_ptr<EntityVersion> before_;  ///< null unless it is a draft
  std::shared_ptr<EntityVersion> after_;
  std::vector<void*> created_;   ///< of a draft
  std::vector<void*> replaced_;  ///< of a draft: by it; else by its successor
};

}  // namespace wardlock::cedar
