#include "audit/log/batch.h"

#include <gtest/gtest.h>

#include "audit/log/log_for_test.h"

namespace wardlock::audit {
namespace {

merkle::CompactRange tree_of(std::size_t leaves) {
  merkle::CompactRange tree;
  for (std::size_t i = 0; i < leaves; ++i) tree.append(merkle::leaf_hash(std::to_string(i)));
  return tree;
}

void add(Batch& batch, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    ASSERT_TRUE(batch.add(std::to_string(i), merkle::leaf_hash(std::to_string(i))));
  }
}

TEST(BatchTest, ContinuesATree) {
  Batch batch;
  batch.begin(tree_of(250));
  add(batch, 250, 300);
  EXPECT_EQ(batch.size(), 50U);
  EXPECT_EQ(batch.before(), tree_of(250));
  EXPECT_EQ(batch.tree(), tree_of(300));
  ASSERT_EQ(batch.completed().size(), 1U) << "the first tile of level 1 begins with 256 leaves";
  EXPECT_EQ(batch.completed()[0].level, 1U);
  EXPECT_EQ(batch.completed()[0].hash, tree_of(256).root());
}

TEST(BatchTest, ContinuesAnotherTreeInstead) {
  Batch batch;
  batch.begin(tree_of(3));
  add(batch, 250, 300);
  batch.rebase(tree_of(250));
  EXPECT_EQ(batch.tree(), tree_of(300));
  EXPECT_EQ(batch.completed().size(), 1U);
  batch.rebase(tree_of(256));
  EXPECT_EQ(batch.tree().size(), 306U);
  EXPECT_EQ(batch.completed().size(), 0U);
}

TEST(BatchTest, ItsFrameIsThatOfItsRecords) {
  Batch batch;
  batch.begin(tree_of(0));
  add(batch, 0, 3);
  const SegmentSalt salt{1};
  const FramePlace place{.salt = salt, .offset = 4096};
  std::string expected;
  const Records records = make_records({"0", "1", "2"});
  write_frame({.kind = FrameKind::kBatch,
               .first = 0,
               .count = 3,
               .payload = records.bytes(),
               .root_after = tree_of(3).root()},
              place, batch.leaves(), expected);
  EXPECT_EQ(batch.frame(place, tree_of(3).root()), expected);
  EXPECT_EQ(batch.frame(place, tree_of(3).root()), expected) << "also when it is tried again";
  EXPECT_EQ(batch.records().bytes(), records.bytes());
  EXPECT_EQ(batch.records()[2], "2");
  add(batch, 3, 4);
  EXPECT_EQ(batch.records().bytes(), make_records({"0", "1", "2", "3"}).bytes());
}

TEST(BatchTest, ARecordThatIsTooLongIsNotAdded) {
  Batch batch;
  batch.begin({});
  EXPECT_FALSE(batch.add(std::string(Records::kMaxRecordBytes + 1, 'x'), {}));
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.tree(), tree_of(0));
  EXPECT_TRUE(batch.leaves().empty());
}

TEST(BatchTest, BeginningEmptiesIt) {
  Batch batch;
  batch.begin(tree_of(250));
  add(batch, 250, 300);
  batch.begin(tree_of(1));
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.completed().empty());
  EXPECT_EQ(batch.tree(), tree_of(1));
}

}  // namespace
}  // namespace wardlock::audit
