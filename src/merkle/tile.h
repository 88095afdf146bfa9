#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "merkle/hash.h"

namespace wardlock::merkle {

/// C2SP tlog-tiles: a tree cut into tiles of 256 hashes, eight levels of the tree each.

inline constexpr std::uint32_t kTileHeight = 8;
inline constexpr std::uint32_t kTileWidth = 1U << kTileHeight;
inline constexpr std::size_t kFullTileBytes = kTileWidth * kHashBytes;
/// The levels that a tree of 2^64 leaves could have.
inline constexpr std::uint32_t kTileLevels = 8;

/// Where a tile stands in the tree. At level 0 its hashes are those of leaves; at level L each is
/// the root of a full tile of level L - 1.
struct TileCoordinate {
  std::uint8_t level = 0;
  std::uint64_t index = 0;           ///< counted from the left within the level
  std::uint32_t width = kTileWidth;  ///< how many hashes; below 256 the tile is partial

  bool partial() const { return width < kTileWidth; }
  auto operator<=>(const TileCoordinate&) const = default;
};

/// Where a bundle of entries stands: the entries of the level 0 tile of that index and width.
struct BundleCoordinate {
  std::uint64_t index = 0;
  std::uint32_t width = kTileWidth;

  bool partial() const { return width < kTileWidth; }
  auto operator<=>(const BundleCoordinate&) const = default;
};

/// A tile with its hashes one after another, `width` times 32 bytes.
struct Tile {
  TileCoordinate at;
  std::string bytes;

  bool operator==(const Tile&) const = default;
};

/// So many hashes the tile `index` of `level` has in a tree of `size` leaves: 0 where there is
/// none, 256 where it is full.
std::uint32_t tile_width_at(std::uint8_t level, std::uint64_t index, std::uint64_t size);

/// The partial tiles of a tree of `size` leaves, from level 0 up: at most one a level.
std::vector<TileCoordinate> partial_tiles_at(std::uint64_t size);

/// The path below a log's prefix, e.g. `tile/0/x001/x234/067` or `tile/1/000.p/17`. Requires a
/// width of 1 to 256.
std::string tile_path(const TileCoordinate& tile);
/// The same for entries, e.g. `tile/entries/x001/x234/067.p/112`.
std::string bundle_path(const BundleCoordinate& bundle);

/// The coordinate of a path that is exactly what the functions above write. Errors:
/// invalid_argument.
Result<TileCoordinate> parse_tile_path(std::string_view path);
Result<BundleCoordinate> parse_bundle_path(std::string_view path);

/// The first `width` hashes of a tile's bytes, which may go on with hashes that came later. Errors:
/// data_loss where there are fewer, more than 256, or part of one.
Result<std::vector<Hash>> tile_hashes(std::string_view bytes, std::uint32_t width);

/// The bytes of a tile of these hashes.
std::string tile_bytes(std::span<const Hash> hashes);

}  // namespace wardlock::merkle
