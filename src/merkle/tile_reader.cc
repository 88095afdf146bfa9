#include "merkle/tile_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace wardlock::merkle {
namespace {

// A proof reads two tiles a level at most: along its own path, and along the right edge.
constexpr std::size_t kKeptTiles = std::size_t{2} * kTileLevels;

}  // namespace

Result<Hash> TileReader::node(NodeId id) {
  if (id.height >= 64 || id.index >= size_ >> id.height) {
    return fail(ErrorCode::kOutOfRange,
                fmt::format("a tree of {} leaves has no complete subtree {} of height {}", size_,
                            id.index, id.height));
  }
  const auto level = static_cast<std::uint8_t>(id.height / kTileHeight);
  const std::uint32_t within = id.height % kTileHeight;
  const std::uint64_t first = id.index << within;
  const std::vector<Hash>* hashes = TRY(read(level, first / kTileWidth));
  return subtree_root(std::span(*hashes).subspan(first % kTileWidth, std::size_t{1} << within));
}

Result<const std::vector<Hash>*> TileReader::read(std::uint8_t level, std::uint64_t index) {
  const auto kept = std::ranges::find_if(kept_, [&](const ReadTile& tile) {
    return tile.at.level == level && tile.at.index == index;
  });
  if (kept != kept_.end()) return &kept->hashes;
  const TileCoordinate at{level, index, tile_width_at(level, index, size_)};
  const std::string bytes = TRY(tiles_.tile(at));
  auto hashes = tile_hashes(bytes, at.width);
  if (!hashes) return std::unexpected(hashes.error().in(tile_path(at)));
  if (kept_.size() == kKeptTiles) kept_.erase(kept_.begin());
  kept_.push_back({at, *std::move(hashes)});
  return &kept_.back().hashes;
}

}  // namespace wardlock::merkle
