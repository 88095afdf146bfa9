#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "merkle/node_source.h"
#include "merkle/tile.h"

namespace wardlock::merkle {

/// Where a log's tiles come from: a directory, HTTP, memory. The caller supplies it; this room
/// opens no files.
class TileSource {
 public:
  virtual ~TileSource() = default;

  /// The tile's bytes. In place of a partial tile a longer one of the same level and index may
  /// come, since a log may drop partial tiles once the full one is there. Errors: whatever keeps it
  /// from being read; not_found where it is missing.
  virtual Result<std::string> tile(const TileCoordinate& tile) = 0;
};

/// The nodes of the tree of one size, out of its tiles. Keeps the tiles of the last few answers, so
/// that a proof reads each tile once. Not thread-safe; `tiles` must outlive it.
class TileReader final : public NodeSource {
 public:
  TileReader(TileSource& tiles, std::uint64_t size) : tiles_(tiles), size_(size) {}

  std::uint64_t size() const { return size_; }

  /// Errors: out_of_range where the subtree is not complete in a tree of this size; data_loss where
  /// a tile has not the length it must have; the source's.
  Result<Hash> node(NodeId id) override;

 private:
  struct ReadTile {
    TileCoordinate at;
    std::vector<Hash> hashes;
  };
  Result<const std::vector<Hash>*> read(std::uint8_t level, std::uint64_t index);

  TileSource& tiles_;
  std::uint64_t size_;
  std::vector<ReadTile> kept_;
};

}  // namespace wardlock::merkle
