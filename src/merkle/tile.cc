#include "merkle/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/utf8.h"
#include "merkle/decimal.h"

namespace wardlock::merkle {
namespace {

constexpr std::string_view kTiles = "tile/";
constexpr std::string_view kEntries = "tile/entries/";
constexpr std::string_view kPartial = ".p/";
// C2SP allows levels that no tree of 2^63 leaves has.
constexpr std::uint64_t kMaxPathLevel = 63;

/// The number of full hashes that `level` has in a tree of that size.
std::uint64_t hashes_at(std::uint8_t level, std::uint64_t size) {
  return level < kTileLevels ? size >> (level * kTileHeight) : 0;
}

/// `index` in groups of three digits, all but the last after an `x`, and the width of a partial
/// tile.
std::string index_and_width(std::uint64_t index, std::uint32_t width) {
  CHECK(width >= 1 && width <= kTileWidth);
  std::string text = fmt::format("{:03}", index % 1000);
  for (index /= 1000; index > 0; index /= 1000)
    text.insert(0, fmt::format("x{:03}/", index % 1000));
  if (width < kTileWidth) text += fmt::format("{}{}", kPartial, width);
  return text;
}

bool is_three_digits(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return '0' <= c && c <= '9'; });
}

std::optional<std::uint64_t> parse_index(std::string_view text) {
  std::string digits;
  while (text.starts_with('x')) {
    if (text.size() < 5 || text[4] != '/' || !is_three_digits(text.substr(1, 3))) return {};
    digits += text.substr(1, 3);
    text.remove_prefix(5);
    // A first group of zeros says nothing.
    if (digits == "000") return {};
  }
  if (!is_three_digits(text)) return {};
  digits += text;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return decimal(digits);
}

std::optional<BundleCoordinate> parse_index_and_width(std::string_view text) {
  BundleCoordinate at;
  if (const std::size_t dot = text.find(kPartial); dot != std::string_view::npos) {
    const auto width = decimal(text.substr(dot + kPartial.size()));
    if (!width || *width == 0 || *width >= kTileWidth) return {};
    at.width = static_cast<std::uint32_t>(*width);
    text = text.substr(0, dot);
  }
  const auto index = parse_index(text);
  if (!index) return {};
  at.index = *index;
  return at;
}

}  // namespace

std::uint32_t tile_width_at(std::uint8_t level, std::uint64_t index, std::uint64_t size) {
  const std::uint64_t hashes = hashes_at(level, size);
  if (index > hashes / kTileWidth) return 0;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(hashes - index * kTileWidth, kTileWidth));
}

std::vector<TileCoordinate> partial_tiles_at(std::uint64_t size) {
  std::vector<TileCoordinate> tiles;
  for (std::uint8_t level = 0; level < kTileLevels; ++level) {
    const std::uint64_t hashes = hashes_at(level, size);
    const auto width = static_cast<std::uint32_t>(hashes % kTileWidth);
    if (width != 0) tiles.push_back({level, hashes / kTileWidth, width});
  }
  return tiles;
}

std::string tile_path(const TileCoordinate& tile) {
  return fmt::format("{}{}/{}", kTiles, tile.level, index_and_width(tile.index, tile.width));
}

std::string bundle_path(const BundleCoordinate& bundle) {
  return fmt::format("{}{}", kEntries, index_and_width(bundle.index, bundle.width));
}

Result<TileCoordinate> parse_tile_path(std::string_view path) {
  if (path.starts_with(kTiles)) {
    const std::string_view rest = path.substr(kTiles.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const auto level = decimal(rest.substr(0, slash));
    const auto at = parse_index_and_width(rest.substr(std::min(slash + 1, rest.size())));
    if (level && *level <= kMaxPathLevel && at) {
      return TileCoordinate{static_cast<std::uint8_t>(*level), at->index, at->width};
    }
  }
  return invalid(
      fmt::format("`{}` is not a tile's path, such as `tile/0/x001/234.p/5`", printable(path)));
}

Result<BundleCoordinate> parse_bundle_path(std::string_view path) {
  if (path.starts_with(kEntries)) {
    if (const auto at = parse_index_and_width(path.substr(kEntries.size()))) return *at;
  }
  return invalid(fmt::format(
      "`{}` is not an entry bundle's path, such as `tile/entries/x001/234.p/5`", printable(path)));
}

Result<std::vector<Hash>> tile_hashes(std::string_view bytes, std::uint32_t width) {
  if (bytes.size() % kHashBytes != 0 || bytes.size() < width * kHashBytes ||
      bytes.size() > kFullTileBytes) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("a tile of {} hashes cannot have {} bytes", width, bytes.size()));
  }
  std::vector<Hash> hashes(width);
  for (std::uint32_t i = 0; i < width; ++i) {
    bytes.copy(reinterpret_cast<char*>(hashes[i].data()), kHashBytes, i * kHashBytes);
  }
  return hashes;
}

std::string tile_bytes(std::span<const Hash> hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * kHashBytes);
  for (const Hash& hash : hashes) {
    bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  }
  return bytes;
}

}  // namespace wardlock::merkle
