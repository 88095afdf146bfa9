#include "merkle/tile.h"

#include <gtest/gtest.h>

#include "merkle/entry_bundle.h"
#include "merkle/tree_for_test.h"

namespace wardlock::merkle {
namespace {

TEST(Tile, HasThePathThatTheSpecificationGives) {
  EXPECT_EQ(tile_path({0, 1'234'067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path({0, 0, 256}), "tile/0/000");
  EXPECT_EQ(tile_path({1, 0, 17}), "tile/1/000.p/17");
  EXPECT_EQ(tile_path({0, 273, 112}), "tile/0/273.p/112");
  EXPECT_EQ(tile_path({2, 1000, 1}), "tile/2/x001/000.p/1");
  EXPECT_EQ(bundle_path({1'234'067, 5}), "tile/entries/x001/x234/067.p/5");
}

TEST(Tile, IsFoundByItsPath) {
  for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{999},
                                    std::uint64_t{1000}, std::uint64_t{1'000'000}, kMaxTreeSize}) {
    for (const std::uint32_t width : {1U, 9U, 255U, 256U}) {
      for (const std::uint8_t level : {0, 7, 63}) {
        const TileCoordinate tile{level, index, width};
        EXPECT_EQ(parse_tile_path(tile_path(tile)), tile);
      }
      const BundleCoordinate bundle{index, width};
      EXPECT_EQ(parse_bundle_path(bundle_path(bundle)), bundle);
    }
  }
}

TEST(Tile, IsNotFoundByAnyOtherPath) {
  for (const std::string_view path : {"",
                                      "tile",
                                      "tile/",
                                      "tile/0",
                                      "tile/0/",
                                      "/tile/0/000",
                                      "tiles/0/000",
                                      "tile/00/000",
                                      "tile/-1/000",
                                      "tile/64/000",
                                      "tile/0/0",
                                      "tile/0/00",
                                      "tile/0/0000",
                                      "tile/0/001/234",
                                      "tile/0/x001",
                                      "tile/0/x001/",
                                      "tile/0/x000/001",
                                      "tile/0/x01/001",
                                      "tile/0/x0001/001",
                                      "tile/0/x001/x002",
                                      "tile/0/X001/002",
                                      "tile/0/000/",
                                      "tile/0/000.p",
                                      "tile/0/000.p/",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/01",
                                      "tile/0/000.p/256",
                                      "tile/0/000.p/1/",
                                      "tile/0/000.p/1.p/1",
                                      "tile/0/000.p/ 1",
                                      "tile/0/x001.p/1/002",
                                      "tile/0/0a0",
                                      "tile/0/+00",
                                      "tile/0/..",
                                      "tile/0/%30%30%30",
                                      "tile/0/x999/x999/x999/x999/x999/x999/999",
                                      "tile/entries/000"}) {
    EXPECT_FALSE(parse_tile_path(path)) << path;
  }
  for (const std::string_view path : {"tile/0/000", "tile/entries", "tile/entries/",
                                      "tile/entries/0", "tile/entries/000.p/256"}) {
    EXPECT_FALSE(parse_bundle_path(path)) << path;
  }
}

// C2SP tlog-tiles, partial tiles: its two examples.
TEST(Tile, IsPartialAtTheRightEdge) {
  EXPECT_EQ(partial_tiles_at(70'000),
            (std::vector<TileCoordinate>{{0, 273, 112}, {1, 1, 17}, {2, 0, 1}}));
  EXPECT_EQ(tile_width_at(0, 272, 70'000), kTileWidth);
  EXPECT_EQ(tile_width_at(0, 273, 70'000), 112U);
  EXPECT_EQ(tile_width_at(0, 274, 70'000), 0U);
  EXPECT_EQ(tile_width_at(1, 0, 70'000), kTileWidth);
  EXPECT_EQ(tile_width_at(2, 0, 70'000), 1U);
  EXPECT_EQ(tile_width_at(3, 0, 70'000), 0U);
  EXPECT_EQ(partial_tiles_at(256), (std::vector<TileCoordinate>{{1, 0, 1}}));
  EXPECT_EQ(partial_tiles_at(0), std::vector<TileCoordinate>());
  EXPECT_EQ(tile_width_at(63, 0, kMaxTreeSize), 0U);
  EXPECT_EQ(tile_width_at(7, 0, kMaxTreeSize), 127U);
}

TEST(Tile, GivesItsHashesBack) {
  const std::vector<Hash> hashes = leaves_for_test(256);
  const std::string bytes = tile_bytes(hashes);
  EXPECT_EQ(bytes.size(), kFullTileBytes);
  EXPECT_EQ(tile_hashes(bytes, 256), hashes);
  EXPECT_EQ(tile_hashes(bytes, 3), std::vector<Hash>(hashes.begin(), hashes.begin() + 3));
  EXPECT_EQ(tile_hashes(bytes.substr(0, 96), 3), *tile_hashes(bytes, 3));
}

TEST(Tile, MustBeLongEnough) {
  const std::string bytes = tile_bytes(leaves_for_test(256));
  for (const std::size_t size : {0, 1, 31, 64, 95, 97}) {
    EXPECT_EQ(tile_hashes(bytes.substr(0, size), 3).error().code, ErrorCode::kDataLoss) << size;
  }
  EXPECT_FALSE(tile_hashes(bytes + bytes.substr(0, 32), 256));
}

TEST(EntryBundle, GivesItsEntriesBack) {
  const std::vector<std::string> entries = {"", "a", std::string(256, 'b'),
                                            std::string(kMaxEntryBytes, 'c')};
  std::string bundle;
  for (const std::string& entry : entries) ASSERT_TRUE(append_entry(bundle, entry));
  EXPECT_EQ(bundle.substr(0, 5), std::string("\0\0\0\1a", 5));
  const auto read = read_entry_bundle(bundle, 4);
  ASSERT_TRUE(read);
  EXPECT_EQ(std::vector<std::string>(read->begin(), read->end()), entries);
  EXPECT_TRUE(read_entry_bundle("", 0));
}

TEST(EntryBundle, HasNoEntryThatIsTooLong) {
  std::string bundle = "before";
  EXPECT_FALSE(append_entry(bundle, std::string(kMaxEntryBytes + 1, 'x')));
  EXPECT_EQ(bundle, "before");
}

TEST(EntryBundle, IsRefusedCutOffAndWithMore) {
  std::string bundle;
  for (const std::string_view entry : {"first", "", "third"}) {
    ASSERT_TRUE(append_entry(bundle, entry));
  }
  for (std::size_t size = 0; size < bundle.size(); ++size) {
    EXPECT_FALSE(read_entry_bundle(bundle.substr(0, size), 3)) << size;
  }
  EXPECT_FALSE(read_entry_bundle(bundle + '\0', 3));
  EXPECT_FALSE(read_entry_bundle(bundle + std::string(2, '\0'), 3));
  EXPECT_FALSE(read_entry_bundle(bundle, 2));
  EXPECT_FALSE(read_entry_bundle(bundle, 4));
  EXPECT_FALSE(read_entry_bundle(bundle, 0));
}

}  // namespace
}  // namespace wardlock::merkle
