#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crypto/seeded_hash.h"
#include "directory/inventory/entry.h"
#include "directory/inventory/inventory_text.h"

namespace wardlock::directory {

/// A line of a file that is wrong.
struct FileFault {
  ItemPlace place;
  Faults faults;
};

/// A part of a file, as it is to be imported at once: see Batch.
struct FileBatch {
  std::vector<codec::Json> before;
  std::vector<codec::Json> entries;
  std::vector<ItemPlace> places;  ///< of the entries
};

/// Files of things and relations, together, in the order in which they are to be imported: what
/// others refer to comes first, and what things need of each other comes again at the end. Keeps
/// the place of each item and hashes of its names, about 100 bytes; all else is read again when its
/// turn comes.
class ImportFile {
 public:
  /// Reads all of them; borrows the texts. Error: one cannot be read at all.
  static Result<ImportFile> read(std::vector<InventoryText*> texts);

  /// The first of what is wrong in itself; with any, nothing should be imported.
  const std::vector<FileFault>& faults() const { return faults_; }
  std::uint64_t fault_count() const { return fault_count_; }

  /// So much is to be imported.
  std::uint64_t size() const { return items_.size() + late_.size(); }
  std::uint64_t item_count() const { return items_.size(); }

  /// Behind those that came. `is_alone`: it is undone before the next one comes, so it has `before`
  /// what it speaks of. Nothing: there are no more.
  Result<std::optional<FileBatch>> next(bool is_alone);
  /// So much of `size()` came.
  std::uint64_t done() const { return next_; }
  void begin_again() { next_ = 0; }

 private:
  using Index = std::uint32_t;  // of an item in `items_`
  struct Item {
    ItemPlace place;
    std::uint8_t rank = 0;    // of its kind: see `import_rank`
    bool is_twofold = false;  // has something that may have to wait for others
    bool is_only_new = false;
  };

  explicit ImportFile(std::vector<InventoryText*> texts) : texts_(std::move(texts)) {}

  void add(const ItemPlace& place, const Checked<codec::Json>& json);
  Result<void> name_items();
  void name(Index index, const ThingEntry& thing);
  void note_owner(Index index, const RelationEntry& relation);
  void add_fault(const ItemPlace& place, Faults faults);

  Result<InventoryText::Item> item(Index index);
  Result<Checked<Entry>> entry(Index index);
  std::vector<Index> resolve(const Key& key) const;
  const std::vector<Index>& referred(const KeyReference& reference) const;
  std::uint64_t hash_of(Kind kind, const Naming& naming) const;

  bool waits(Index index, const KeyReference& reference) const;
  std::vector<Index> needs(Index index, const Entry& entry, bool is_late) const;
  Result<codec::Json> as_first(Index index);
  Result<std::optional<codec::Json>> as_late(Index index);
  Result<std::optional<codec::Json>> json_of(std::uint64_t step);
  /// What a batch that is alone needs, and its size.
  struct Gathered {
    std::map<Index, codec::Json> before = {};
    std::size_t bytes = 0;
  };
  Result<void> gather(std::vector<Index> wanted, Index first_there, const Gathered& there,
                      Gathered& more);

  std::vector<InventoryText*> texts_;
  std::vector<Item> items_;  // by rank, then in the order of the file
  std::vector<Index> late_;  // those that are twofold
  std::unordered_map<std::uint64_t, Index> names_;
  /// What keys of references, with the kinds they are of, lead to: many lines have the same.
  mutable std::unordered_map<std::string, std::vector<Index>, crypto::SeededHash> referred_;
  std::unordered_map<Index, Index> owners_;  // a thing, and a relation that gives it an owner
  std::vector<FileFault> faults_;
  std::uint64_t fault_count_ = 0;
  std::uint64_t next_ = 0;
};

/// In which order kinds are imported: each behind those that it refers to.
std::uint8_t import_rank(Kind kind);

}  // namespace wardlock::directory
