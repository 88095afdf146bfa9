#include "merkle/compact_range.h"

#include <gtest/gtest.h>

#include <map>

#include "merkle/tree_for_test.h"

namespace wardlock::merkle {
namespace {

constexpr std::uint64_t kSize = 300;

TEST(CompactRange, HasTheRootOfTheWholeTreeAtEachSize) {
  MemoryTree tree(leaves_for_test(kSize));
  CompactRange range;
  for (std::uint64_t size = 0; size <= kSize; ++size) {
    EXPECT_EQ(range.head(), tree.head(size));
    if (size < kSize) range.append(tree.first(size + 1).back());
  }
}

TEST(CompactRange, GoesOnFromItsNodesAndFromATree) {
  MemoryTree tree(leaves_for_test(kSize));
  for (std::uint64_t size = 0; size < kSize; ++size) {
    const auto read = CompactRange::read(size, tree);
    ASSERT_TRUE(read);
    const auto restored =
        CompactRange::from_nodes(size, {read->nodes().begin(), read->nodes().end()});
    ASSERT_TRUE(restored);
    EXPECT_EQ(*restored, *read);
    CompactRange next = *restored;
    next.append(tree.first(size + 1).back());
    EXPECT_EQ(next.head(), tree.head(size + 1));
  }
}

TEST(CompactRange, TellsEachNodeThatALeafCompletesOnce) {
  MemoryTree tree(leaves_for_test(kSize));
  CompactRange range;
  std::map<NodeId, Hash> completed;
  for (const Hash& leaf : tree.first(kSize)) {
    int last_height = 0;
    range.append(leaf, [&](NodeId id, const Hash& hash) {
      EXPECT_EQ(id.height, ++last_height);
      EXPECT_TRUE(completed.emplace(id, hash).second);
    });
  }
  std::size_t expected = 0;
  for (std::uint8_t height = 1; kSize >> height != 0; ++height) {
    for (std::uint64_t index = 0; index < kSize >> height; ++index, ++expected) {
      EXPECT_EQ(completed.at({height, index}), *tree.node({height, index}));
    }
  }
  EXPECT_EQ(completed.size(), expected);
}

TEST(CompactRange, IsNotMadeOfTooFewOrTooManyNodes) {
  const std::vector<Hash> nodes = leaves_for_test(3);
  EXPECT_TRUE(CompactRange::from_nodes(7, nodes));
  for (const std::uint64_t size : {0, 1, 3, 6, 8, 15}) {
    EXPECT_FALSE(CompactRange::from_nodes(size, nodes)) << size;
  }
  EXPECT_FALSE(CompactRange::from_nodes(kMaxTreeSize + 1, leaves_for_test(1)));
  EXPECT_TRUE(CompactRange::from_nodes(kMaxTreeSize, leaves_for_test(63)));
}

}  // namespace
}  // namespace wardlock::merkle
