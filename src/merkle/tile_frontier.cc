#include "merkle/tile_frontier.h"

#include <utility>

#include "base/check.h"

namespace wardlock::merkle {

Result<TileFrontier> TileFrontier::restore(std::uint64_t size, TileSource& tiles) {
  TileFrontier frontier;
  TileReader reader(tiles, size);
  frontier.range_ = TRY(CompactRange::read(size, reader));
  for (const TileCoordinate& at : partial_tiles_at(size)) {
    const std::string bytes = TRY(tiles.tile(at));
    frontier.levels_[at.level] = TRY(tile_hashes(bytes, at.width));
  }
  return frontier;
}

void TileFrontier::append(const Hash& leaf) {
  add_hash(0, leaf);
  range_.append(leaf, [this](NodeId id, const Hash& hash) {
    if (id.height % kTileHeight != 0) return;
    add_hash(static_cast<std::uint8_t>(id.height / kTileHeight), hash);
  });
}

void TileFrontier::add_hash(std::uint8_t level, const Hash& hash) {
  std::vector<Hash>& hashes = levels_[level];
  if (hashes.empty()) hashes.reserve(kTileWidth);
  hashes.push_back(hash);
  if (hashes.size() < kTileWidth) return;
  const std::uint64_t index = range_.size() >> ((level + 1) * kTileHeight);
  full_.push_back({{level, index, kTileWidth}, tile_bytes(hashes)});
  hashes.clear();
}

std::vector<Tile> TileFrontier::take_full_tiles() { return std::exchange(full_, {}); }

std::vector<Tile> TileFrontier::partial_tiles() const {
  std::vector<Tile> tiles;
  for (const TileCoordinate& at : partial_tiles_at(range_.size())) {
    CHECK(levels_[at.level].size() == at.width);
    tiles.push_back({at, tile_bytes(levels_[at.level])});
  }
  return tiles;
}

}  // namespace wardlock::merkle
