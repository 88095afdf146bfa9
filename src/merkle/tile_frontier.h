#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "merkle/compact_range.h"
#include "merkle/tile.h"
#include "merkle/tile_reader.h"

namespace wardlock::merkle {

/// The right edge of a tree that grows, as tiles: takes leaf hashes and gives out the full tiles
/// they finish, the partial tiles of the present size, and the tree head. A value; not thread-safe.
///
/// Life of a leaf: `append` each of a batch; write what `take_full_tiles` gives and what
/// `partial_tiles` shows; then sign `head()`.
class TileFrontier {
 public:
  /// The empty tree.
  TileFrontier() : levels_(kTileLevels) {}

  /// The edge of the tree of that size: reads its partial tiles, one a level. Whether they are the
  /// right ones shows when `head()` is compared with a checkpoint. Errors: the source's; data_loss.
  static Result<TileFrontier> restore(std::uint64_t size, TileSource& tiles);

  /// Adds a leaf by its `leaf_hash`. O(1) on average.
  void append(const Hash& leaf);

  std::uint64_t size() const { return range_.size(); }
  TreeHead head() const { return range_.head(); }
  const CompactRange& range() const { return range_; }

  /// The tiles that became full since this was last called, each before those that hold its root.
  std::vector<Tile> take_full_tiles();

  /// The partial tiles of the present size, from level 0 up.
  std::vector<Tile> partial_tiles() const;

 private:
  void add_hash(std::uint8_t level, const Hash& hash);

  CompactRange range_;
  std::vector<std::vector<Hash>> levels_;  // the partial tile of each level
  std::vector<Tile> full_;
};

}  // namespace wardlock::merkle
