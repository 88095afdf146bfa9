#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "audit/files/files.h"
#include "audit/inspect/finding.h"
#include "audit/log/log_folder.h"
#include "merkle/hash.h"
#include "merkle/node_source.h"
#include "merkle/tile.h"

namespace wardlock::audit {

/// Compares the files that are derived from the segments with what they must hold, which is given
/// piece by piece in the order of the records. Not thread-safe.
class DerivedCheck {
 public:
  /// Those of records from `unsynced_from` on were not synced yet, so that a power cut may have
  /// taken them: where they are missing, and not wrong, it is no fault.
  DerivedCheck(Files& files, const LogPaths& paths, std::uint64_t unsynced_from,
               Findings& findings);

  /// What is given next is of the tree from that size on.
  void restart(std::uint64_t size);
  /// The hash of the next leaf.
  void add_leaf(const merkle::Hash& leaf) { add_hash(0, leaf); }
  /// The next node of its height; only those that tiles hold count.
  void add_node(merkle::NodeId id, const merkle::Hash& hash) {
    if (id.height % merkle::kTileHeight == 0) add_hash(id.height / merkle::kTileHeight, hash);
  }
  /// Where the next record is in its segment; nothing: that is not known.
  void add_offset(std::optional<std::uint32_t> offset);

  /// When all was given. `is_all`: the files must end there.
  void finish(bool is_all);

  /// What the tiles have, whether it is right or not; nothing where they do not have it.
  std::optional<merkle::Hash> leaf(std::uint64_t record);
  /// So many leaves the tiles have, and places of records there are.
  std::uint64_t leaves() const { return items_of(levels_[0]); }
  std::uint64_t places() const { return items_of(offsets_); }

 private:
  enum class Fault : std::uint8_t { kNone, kWrong, kMissing };

  /// A file of items of one length, and what a piece of it must be.
  struct Run {
    std::string path;
    std::unique_ptr<File> file;  // null: it cannot be read, which was said
    std::size_t item_bytes = 0;
    std::uint32_t shift = 0;  // an item is about 2^shift records
    std::uint64_t next = 0;   // the item that `expected` begins with
    std::string expected;
    // Items that are not as they must be, up to `next`.
    Fault fault = Fault::kNone;
    std::uint64_t fault_from = 0;
    std::uint64_t fault_to = 0;
  };

  static std::uint64_t items_of(const Run& run);
  void add_hash(std::size_t level, const merkle::Hash& hash);
  void open(Run& run);
  void compare(Run& run);
  void compare_items(Run& run, std::string_view found);
  void note(Run& run, Fault fault, std::uint64_t item);
  void report(Run& run);
  void check_end(Run& run);

  Files& files_;
  const std::uint64_t unsynced_from_;
  Findings& findings_;
  std::array<Run, merkle::kTileLevels> levels_;
  Run offsets_;
  std::string buffer_;  // its memory is used again
  std::string leaves_;  // a piece of the leaves, from the one that follows on
  std::uint64_t leaves_first_ = 0;
};

}  // namespace wardlock::audit
