#include "audit/log/frame.h"

#include <gtest/gtest.h>

#include "audit/log/log_for_test.h"
#include "audit/log/segment.h"

namespace wardlock::audit {
namespace {

constexpr SegmentSalt kSalt{1, 2, 3};

std::string batch_bytes(const Records& records, std::uint64_t offset = 4096,
                        const SegmentSalt& salt = kSalt) {
  std::vector<merkle::Hash> leaves;
  merkle::CompactRange tree;
  for (std::size_t i = 0; i < records.size(); ++i) {
    leaves.push_back(merkle::leaf_hash(records[i]));
    tree.append(leaves.back());
  }
  Frame frame;
  frame.count = static_cast<std::uint32_t>(records.size());
  frame.payload = records.bytes();
  frame.root_after = tree.root();
  std::string bytes;
  write_frame(frame, {.salt = salt, .offset = offset}, leaves, bytes);
  return bytes;
}

std::string reading(std::string_view bytes, std::uint64_t offset = 4096,
                    const SegmentSalt& salt = kSalt) {
  ReadFrame read;
  const auto result = read_frame(bytes, {.salt = salt, .offset = offset}, read);
  return result ? "" : result.error().message;
}

TEST(FrameTest, ReadsWhatWasWritten) {
  const Records records = make_records({"", "a", std::string(1000, 'b')});
  const std::string bytes = batch_bytes(records);
  EXPECT_EQ(bytes.size(), 1536U);
  const std::string longer = bytes + "more";
  ReadFrame read;  // borrows from it
  ASSERT_TRUE(read_frame(longer, {.salt = kSalt, .offset = 4096}, read));
  EXPECT_EQ(read.bytes, bytes.size());
  EXPECT_EQ(read.frame.kind, FrameKind::kBatch);
  EXPECT_EQ(read.frame.count, 3U);
  EXPECT_EQ(read.frame.payload, records.bytes());
  EXPECT_EQ(read.leaves.at(1), merkle::leaf_hash("a"));
  EXPECT_EQ(frame_bytes_from_head(bytes), bytes.size());
}

TEST(FrameTest, EachBitCounts) {
  std::string bytes = batch_bytes(make_records({"some record", "another"}));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const char flip = static_cast<char>(1U << bit % 8);
    bytes[bit / 8] ^= flip;
    EXPECT_NE(reading(bytes), "") << "bit " << bit;
    bytes[bit / 8] ^= flip;
  }
  EXPECT_EQ(reading(bytes), "");
}

TEST(FrameTest, CountsInItsPlaceOnly) {
  const std::string bytes = batch_bytes(make_records({"a"}));
  EXPECT_EQ(reading(bytes, 8192), "the batch there was changed");
  EXPECT_EQ(reading(bytes, 4096, SegmentSalt{9}), "the batch there was changed");
}

TEST(FrameTest, WhatIsCutOffIsNone) {
  const std::string bytes = batch_bytes(make_records({std::string(2000, 'x')}));
  for (std::size_t size = 0; size < bytes.size(); size += 101) {
    EXPECT_NE(reading(bytes.substr(0, size)), "") << size;
  }
}

TEST(FrameTest, NoTextIsAFrame) {
  EXPECT_EQ(reading(std::string(512, '\0')), "no batch or checkpoint begins there");
  EXPECT_EQ(reading("wlbatch" + std::string(512, '\0')), "no batch or checkpoint begins there");
  EXPECT_FALSE(frame_bytes_from_head(""));
  // One that says it has more payload than any.
  std::string bytes = batch_bytes(make_records({"a"}));
  bytes[20] = 1;
  EXPECT_FALSE(frame_bytes_from_head(bytes));
}

TEST(RecordsTest, KeepsThemWithTheirLengths) {
  Records records = make_records({"ab", "", "c"});
  EXPECT_EQ(records.bytes(), std::string_view("\0\2ab\0\0\0\1c", 9));
  EXPECT_EQ(records.bytes(1, 2), std::string_view("\0\0\0\1c", 5));
  EXPECT_EQ(records[0], "ab");
  EXPECT_EQ(records[2], "c");
  Records read;
  ASSERT_TRUE(read.assign(records.bytes()));
  EXPECT_EQ(read.size(), 3U);
  EXPECT_EQ(read[2], "c");
}

TEST(RecordsTest, RefusesWhatIsTooLongOrCutOff) {
  Records records;
  EXPECT_TRUE(records.add(std::string(Records::kMaxRecordBytes, 'x')));
  EXPECT_EQ(records.add(std::string(Records::kMaxRecordBytes + 1, 'x')).error().message,
            "a record of 65536 bytes is too long: at most 65535 can be kept");
  EXPECT_EQ(records.size(), 1U);
  EXPECT_EQ(records.assign(std::string_view("\0\2a", 3)).error().message,
            "record 0 of a batch is cut off");
  EXPECT_EQ(records.assign(std::string_view("\0\1a\0", 4)).error().code, ErrorCode::kDataLoss);
}

TEST(SegmentNameTest, IsReadBackAndNothingElseIs) {
  EXPECT_EQ(segment_name(42), "00000000000000000042.seg");
  EXPECT_EQ(parse_segment_name("00000000000000000042.seg"), 42U);
  EXPECT_EQ(parse_segment_name(segment_name(UINT64_MAX)), UINT64_MAX);
  for (const char* name :
       {"", ".seg", "42.seg", "00000000000000000042.seg2", "0000000000000000004x.seg",
        "+0000000000000000042.seg", "99999999999999999999.seg", "prepared-0"}) {
    EXPECT_FALSE(parse_segment_name(name)) << name;
  }
}

}  // namespace
}  // namespace wardlock::audit
