#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "merkle/node_source.h"
#include "merkle/tile.h"
#include "merkle/tile_reader.h"

// A Merkle tree as RFC 9162 §2.1.1 defines it, slow and plain, to compare with.
namespace wardlock::merkle {

/// So many leaf hashes, all different.
std::vector<Hash> leaves_for_test(std::uint64_t count);

/// The eight entries of the tree that RFC 6962's known answers are about.
std::vector<std::string> known_entries();
/// The root of the first `size` of them, in hexadecimal.
std::string_view known_root(std::size_t size);

/// MTH of leaf hashes, by its definition.
Hash defined_root(std::span<const Hash> leaves);

/// Nodes out of a tree's leaves.
class MemoryTree final : public NodeSource {
 public:
  explicit MemoryTree(std::vector<Hash> leaves) : leaves_(std::move(leaves)) {}

  std::span<const Hash> first(std::uint64_t size) const { return std::span(leaves_).first(size); }
  TreeHead head(std::uint64_t size) const { return {size, defined_root(first(size))}; }
  Result<Hash> node(NodeId id) override;

 private:
  std::vector<Hash> leaves_;
};

/// Tiles by their path, as files are.
class MemoryTiles final : public TileSource {
 public:
  void put(const Tile& tile) { tiles_[tile_path(tile.at)] = tile.bytes; }
  std::map<std::string, std::string>& all() { return tiles_; }
  std::size_t reads() const { return reads_; }
  Result<std::string> tile(const TileCoordinate& tile) override;

 private:
  std::map<std::string, std::string> tiles_;
  std::size_t reads_ = 0;
};

std::string hex(const Hash& hash);
Hash from_base64_for_test(std::string_view text);

}  // namespace wardlock::merkle
