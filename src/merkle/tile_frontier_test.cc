#include "merkle/tile_frontier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "merkle/proof.h"
#include "merkle/tree_for_test.h"

namespace wardlock::merkle {
namespace {

// C2SP tlog-tiles' own example; it has tiles of three levels.
constexpr std::uint64_t kSize = 70'000;

const std::vector<Hash>& leaves() {
  static const std::vector<Hash> made = leaves_for_test(kSize);
  return made;
}

/// The tiles of the whole tree, with partial ones of those sizes too.
MemoryTiles written(const std::vector<std::uint64_t>& published) {
  MemoryTiles tiles;
  TileFrontier frontier;
  for (const Hash& leaf : leaves()) {
    frontier.append(leaf);
    for (const Tile& tile : frontier.take_full_tiles()) tiles.put(tile);
    if (std::ranges::find(published, frontier.size()) == published.end()) continue;
    for (const Tile& tile : frontier.partial_tiles()) tiles.put(tile);
  }
  return tiles;
}

TEST(TileFrontier, GivesTheTilesOfTheSpecificationsExample) {
  MemoryTiles tiles = written({kSize});
  EXPECT_EQ(tiles.all().size(), 273U + 1 + 1 + 1 + 1);
  EXPECT_EQ(tiles.all().at("tile/0/273.p/112").size(), 112 * kHashBytes);
  EXPECT_EQ(tiles.all().at("tile/1/001.p/17").size(), 17 * kHashBytes);
  for (std::uint64_t index = 0; index < 273; ++index) {
    const auto hashes = std::span(leaves()).subspan(index * kTileWidth, kTileWidth);
    EXPECT_EQ(tiles.tile({0, index, kTileWidth}), tile_bytes(hashes)) << index;
    const auto parents = tile_hashes(tiles.all().at(index < 256 ? "tile/1/000" : "tile/1/001.p/17"),
                                     index < 256 ? 256 : 17);
    EXPECT_EQ(parents->at(index % kTileWidth), defined_root(hashes)) << index;
  }
  const auto top = tile_hashes(tiles.all().at("tile/2/000.p/1"), 1);
  EXPECT_EQ(top->front(), defined_root(std::span(leaves()).first(65'536)));
}

TEST(TileFrontier, GivesEachFullTileOnceAndBelowItsParent) {
  TileFrontier frontier;
  for (const Hash& leaf : leaves()) frontier.append(leaf);
  const std::vector<Tile> tiles = frontier.take_full_tiles();
  EXPECT_EQ(tiles.size(), 274U);
  EXPECT_EQ(tiles[255].at, (TileCoordinate{0, 255, kTileWidth}));
  EXPECT_EQ(tiles[256].at, (TileCoordinate{1, 0, kTileWidth}));
  EXPECT_TRUE(frontier.take_full_tiles().empty());
}

TEST(TileFrontier, GoesOnFromItsTiles) {
  const std::vector<std::uint64_t> sizes = {0, 1, 255, 256, 257, 511, 65'535, 65'536, 69'999};
  MemoryTiles tiles = written(sizes);
  for (const std::uint64_t size : sizes) {
    auto frontier = TileFrontier::restore(size, tiles);
    ASSERT_TRUE(frontier) << size << frontier.error().message;
    const TreeHead expected{size, defined_root(std::span(leaves()).first(size))};
    EXPECT_EQ(frontier->head(), expected);
    TileFrontier other;
    for (std::uint64_t i = 0; i < size; ++i) other.append(leaves()[i]);
    other.take_full_tiles();
    EXPECT_EQ(frontier->partial_tiles(), other.partial_tiles());
    for (std::uint64_t i = size; i < std::min(size + 300, kSize); ++i) {
      frontier->append(leaves()[i]);
      other.append(leaves()[i]);
    }
    EXPECT_EQ(frontier->head(), other.head());
    EXPECT_EQ(frontier->take_full_tiles(), other.take_full_tiles());
  }
}

TEST(TileFrontier, DoesNotGoOnWithoutATile) {
  MemoryTiles tiles = written({kSize});
  EXPECT_EQ(TileFrontier::restore(kSize - 1, tiles).error().code, ErrorCode::kNotFound);
  for (const std::string_view path : {"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}) {
    MemoryTiles without = tiles;
    without.all().erase(std::string(path));
    EXPECT_EQ(TileFrontier::restore(kSize, without).error().code, ErrorCode::kNotFound) << path;
    MemoryTiles shorter = tiles;
    shorter.all().at(std::string(path)).resize(kHashBytes / 2);
    EXPECT_EQ(TileFrontier::restore(kSize, shorter).error().code, ErrorCode::kDataLoss) << path;
  }
  EXPECT_FALSE(TileFrontier::restore(kMaxTreeSize + 1, tiles));
}

TEST(TileReader, ProvesEveryKindOfLeaf) {
  MemoryTiles tiles = written({kSize});
  const TreeHead head{kSize, defined_root(leaves())};
  std::vector<std::uint64_t> indexes = {0, 1, 255, 256, 65'535, 65'536, 69'887, 69'888, kSize - 1};
  std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp): the same each time
  for (int i = 0; i < 30; ++i) indexes.push_back(random() % kSize);
  for (const std::uint64_t index : indexes) {
    TileReader reader(tiles, kSize);
    const auto proof = inclusion_proof(index, kSize, reader);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_TRUE(verify_inclusion(leaves()[index], index, head, *proof)) << index;
    const auto consistency = consistency_proof(index, kSize, reader);
    const TreeHead older{index, defined_root(std::span(leaves()).first(index))};
    EXPECT_TRUE(verify_consistency(older, head, *consistency)) << index;
  }
}

TEST(TileReader, ReadsEachTileOfAProofOnce) {
  MemoryTiles tiles = written({kSize});
  TileReader reader(tiles, kSize);
  ASSERT_TRUE(inclusion_proof(300, kSize, reader));
  // Two on its own path, and the partial ones of the same levels at the right edge.
  EXPECT_EQ(tiles.reads(), 4U);
}

TEST(TileReader, TakesAFullTileForAPartialOne) {
  MemoryTiles tiles = written({kSize});
  struct OnlyFull final : TileSource {
    explicit OnlyFull(MemoryTiles& all) : all_(all) {}
    Result<std::string> tile(const TileCoordinate& tile) override {
      return all_.tile({tile.level, tile.index, kTileWidth});
    }
    MemoryTiles& all_;
  } full(tiles);
  constexpr std::uint64_t kOlder = 65'400;
  TileReader reader(full, kOlder);
  EXPECT_EQ(root_at(kOlder, reader), defined_root(std::span(leaves()).first(kOlder)));
}

TEST(TileReader, HasOnlyCompleteSubtrees) {
  MemoryTiles tiles = written({kSize});
  TileReader reader(tiles, kSize);
  EXPECT_TRUE(reader.node({16, 0}));
  for (const NodeId id : {NodeId{0, kSize}, NodeId{4, kSize >> 4}, NodeId{16, 1}, NodeId{17, 0},
                          NodeId{63, 0}, NodeId{64, 0}, NodeId{255, 0}}) {
    EXPECT_EQ(reader.node(id).error().code, ErrorCode::kOutOfRange) << int{id.height};
  }
}

TEST(TileReader, ChangedTilesGiveProofsThatFail) {
  MemoryTiles tiles = written({kSize});
  const TreeHead head{kSize, defined_root(leaves())};
  for (const std::string_view path : {"tile/0/001", "tile/1/000", "tile/1/001.p/17"}) {
    MemoryTiles changed = tiles;
    changed.all().at(std::string(path))[5 * kHashBytes] ^= 1;
    TileReader reader(changed, kSize);
    const auto proof = inclusion_proof(256, kSize, reader);
    ASSERT_TRUE(proof);
    EXPECT_EQ(verify_inclusion(leaves()[256], 256, head, *proof).error().code,
              ErrorCode::kDataLoss);
  }
}

}  // namespace
}  // namespace wardlock::merkle
