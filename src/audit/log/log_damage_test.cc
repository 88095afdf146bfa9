#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_folder.h"
#include "audit/log/log_for_test.h"
#include "audit/log/log_writer.h"
#include "audit/log/segment.h"
#include "merkle/proof.h"

// A log that someone changed is not opened, and the message says what is wrong and where.

namespace wardlock::audit {
namespace {

constexpr const char* kFolder = "/log";

/// Where a frame is in its segment.
struct Place {
  std::uint64_t offset = 0;
  std::size_t bytes = 0;
  FrameKind kind = FrameKind::kBatch;
};

class LogDamageTest : public ::testing::Test {
 protected:
  /// Three segments; the last one has four batches, the first three of them under the checkpoint.
  LogDamageTest() {
    const auto writer = LogWriter::open(test_options(kFolder), files_).value();
    for (int i = 0; i < 9; ++i) append(*writer, std::string(60'000, static_cast<char>('a' + i)));
    append(*writer, "short");
    append(*writer, "of two batches");
    EXPECT_TRUE(writer->sign_checkpoint());
    append(*writer, "last");
    segments_ = list_segments(files_, paths_.segments()).value();
    EXPECT_EQ(segments_.size(), 3U);
  }

  static void append(LogWriter& writer, const std::string& text) {
    EXPECT_TRUE(writer.append(make_records({text})));
  }

  std::string& content(const std::string& path) {
    std::string* const found = files_.content(path);
    EXPECT_NE(found, nullptr) << path;
    return *found;
  }
  std::string last_path() const { return paths_.segment(segments_.back()); }
  std::string& last_segment() { return content(last_path()); }

  std::vector<Place> frames(const std::string& path) {
    std::vector<Place> places;
    SegmentReader reader = SegmentReader::open(files_, path).value();
    ReadFrame read;
    std::uint64_t offset = reader.offset();
    while (reader.next(read).value()) {
      places.push_back({.offset = offset, .bytes = read.bytes, .kind = read.frame.kind});
      offset = reader.offset();
    }
    return places;
  }

  /// What opening says; empty where it opens.
  std::string opening() {
    const auto writer = LogWriter::open(test_options(kFolder), files_);
    if (writer) return "";
    EXPECT_EQ(writer.error().code, ErrorCode::kDataLoss);
    const std::string& message = writer.error().message;
    EXPECT_NE(message.find(": the log is damaged and stays as it is; keep a copy"),
              std::string::npos)
        << message;
    return message.substr(0, message.find(": the log is damaged"));
  }

  FaultyFiles files_{1};
  LogPaths paths_{kFolder};
  std::vector<std::uint64_t> segments_;
};

TEST_F(LogDamageTest, AsItWasItOpens) { EXPECT_EQ(opening(), ""); }

TEST_F(LogDamageTest, AChangedBatchThatOthersFollow) {
  const Place second = frames(last_path())[1];
  last_segment()[second.offset + kFrameHeadBytes + 4] ^= 1;
  EXPECT_EQ(opening(),
            fmt::format("`{}`, byte {}: the batch there was changed, although it goes on "
                        "at byte {}",
                        last_path(), second.offset, second.offset + second.bytes));
}

TEST_F(LogDamageTest, ABatchOfZerosThatOthersFollow) {
  const Place second = frames(last_path())[1];
  last_segment().replace(second.offset, second.bytes, second.bytes, '\0');
  EXPECT_TRUE(opening().starts_with(fmt::format("`{}`, byte {}: there is something after its end",
                                                last_path(), second.offset + second.bytes)));
}

TEST_F(LogDamageTest, EachBitOfAFrameCounts) {
  const Place second = frames(last_path())[1];
  for (std::size_t bit = 0; bit < second.bytes * 8; bit += 5) {
    char& byte = last_segment()[second.offset + bit / 8];
    const char flip = static_cast<char>(1U << bit % 8);
    byte ^= flip;
    EXPECT_NE(opening(), "") << "bit " << bit;
    byte ^= flip;
  }
  EXPECT_EQ(opening(), "");
}

TEST_F(LogDamageTest, EachBitOfASegmentsHeaderCounts) {
  for (std::size_t bit = 0; bit < kSegmentHeaderBytes * 8; bit += 61) {
    char& byte = last_segment()[bit / 8];
    const char flip = static_cast<char>(1U << bit % 8);
    byte ^= flip;
    EXPECT_TRUE(opening().starts_with(fmt::format("`{}`: it", last_path()))) << "bit " << bit;
    byte ^= flip;
  }
}

/// Nothing but the signature in it says that a checkpoint is of the records before it.
TEST_F(LogDamageTest, AnOlderCheckpointInTheLastOnesPlace) {
  const std::vector<Place> all = frames(last_path());
  const auto is_checkpoint = [](const Place& each) { return each.kind == FrameKind::kCheckpoint; };
  const std::string note = content(paths_.checkpoint());
  ASSERT_EQ(std::ranges::count_if(all, is_checkpoint), 1);
  SegmentReader reader = SegmentReader::open(files_, last_path()).value();
  merkle::CompactRange tree = reader.header().before;
  ReadFrame read;
  while (reader.next(read).value()) {
    for (const merkle::Hash& leaf : read.leaves) tree.append(leaf);
  }
  Frame frame{.kind = FrameKind::kCheckpoint, .first = tree.size(), .payload = note};
  frame.root_after = tree.root();
  std::string bytes;
  write_frame(frame, {.salt = reader.header().salt, .offset = reader.offset()}, {}, bytes);
  last_segment().replace(reader.offset(), bytes.size(), bytes);
  EXPECT_TRUE(opening().ends_with("it was signed for other records")) << opening();
}

TEST_F(LogDamageTest, ALastBatchThatIsTornIsCut) {
  const Place last = frames(last_path()).back();
  last_segment()[last.offset + last.bytes - 1] = 1;
  EXPECT_EQ(opening(), "");
  EXPECT_EQ(frames(last_path()).back().offset + frames(last_path()).back().bytes, last.offset);
  EXPECT_EQ(last_segment().find_first_not_of('\0', last.offset), std::string::npos);
}

TEST_F(LogDamageTest, WhereNoCrashCanHaveWrittenNothingIsCut) {
  LogOptions large = test_options("/large");
  large.segment_bytes = 4UL * 1024 * 1024;
  {
    append(*LogWriter::open(large, files_).value(), "only");
  }
  content("/large/segments/00000000000000000000.seg")[3'000'000] = 1;
  const auto opened = LogWriter::open(large, files_);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message.starts_with(
      "`/large/segments/00000000000000000000.seg`, byte 3000000: there is something after its end, "
      "and at byte 3000000, where no crash can have written"))
      << opened.error().message;
}

TEST_F(LogDamageTest, RemovedFromTheEndBelowTheCheckpoint) {
  const Place second = frames(last_path())[1];
  last_segment().replace(second.offset, std::string::npos,
                         std::string(last_segment().size() - second.offset, '\0'));
  EXPECT_EQ(opening(), fmt::format("`{}` ends with record {}, but the checkpoint covers 11 records",
                                   last_path(), segments_.back() + 1));
}

TEST_F(LogDamageTest, ACheckpointThatWasRemovedAlone) {
  files_.content(paths_.checkpoint())->clear();
  EXPECT_TRUE(opening().starts_with("`/log/checkpoint`: "));
}

TEST_F(LogDamageTest, ACheckpointFileThatIsMissingIsFoundInTheSegments) {
  ASSERT_TRUE(files_.remove(paths_.checkpoint()));
  const auto writer = LogWriter::open(test_options(kFolder), files_);
  ASSERT_TRUE(writer);
  EXPECT_EQ((*writer)->checkpoint_size(), 11U);
}

TEST_F(LogDamageTest, ACheckpointOfAnotherKey) {
  const auto other =
      merkle::SignerKey::generate(kTestOrigin, merkle::SignatureType::kEd25519).value();
  content(paths_.checkpoint()) =
      merkle::sign_checkpoint(
          {.origin = kTestOrigin, .head = {.size = 11, .root = {}}, .extensions = {}}, other, 0)
          .value();
  EXPECT_TRUE(opening().starts_with("`/log/checkpoint`: "));
}

TEST_F(LogDamageTest, ACheckpointOfOtherRecords) {
  content(paths_.checkpoint()) =
      merkle::sign_checkpoint(
          {.origin = kTestOrigin, .head = {.size = 11, .root = {}}, .extensions = {}},
          test_options(kFolder).key, 0)
          .value();
  EXPECT_EQ(opening(),
            fmt::format("`{}` holds other records than those 11 that the checkpoint covers",
                        last_path()));
}

TEST_F(LogDamageTest, TheLastSegmentRemoved) {
  ASSERT_TRUE(files_.remove(last_path()));
  EXPECT_TRUE(opening().ends_with("but the checkpoint covers 11 records"));
}

TEST_F(LogDamageTest, ASegmentRemovedFromTheMiddle) {
  ASSERT_TRUE(files_.remove(paths_.checkpoint()));  // so that it reads from the start
  ASSERT_TRUE(files_.unprotect(paths_.segment(segments_[1])));
  ASSERT_TRUE(files_.remove(paths_.segment(segments_[1])));
  EXPECT_EQ(opening(),
            fmt::format("`{}` begins with record {}, but the segment before it ends before "
                        "record {}",
                        last_path(), segments_[2], segments_[1]));
}

// What is older than it must be kept is removed by whole segments.
TEST_F(LogDamageTest, TheOldestSegmentIsMissedByNobody) {
  ASSERT_TRUE(files_.unprotect(paths_.segment(segments_[0])));
  ASSERT_TRUE(files_.remove(paths_.segment(segments_[0])));
  ASSERT_EQ(opening(), "");
  RecordReader reader(files_, kFolder);
  Records records;
  EXPECT_EQ(reader.read(0, 1, records).error().message, "the log does not hold record 0");
  ASSERT_TRUE(reader.read(segments_[1], 1, records));
  TileFiles tiles(files_, kFolder);
  merkle::TileReader nodes(tiles, 12);
  EXPECT_EQ(LogWriter::open(test_options(kFolder), files_).value()->tree().root(),
            merkle::root_at(12, nodes));
}

TEST_F(LogDamageTest, AllSegmentsRemoved) {
  for (const std::uint64_t first : segments_) {
    ASSERT_TRUE(files_.unprotect(paths_.segment(first)));
    ASSERT_TRUE(files_.remove(paths_.segment(first)));
  }
  EXPECT_EQ(opening(), "`/log/segments` holds no segment, but the checkpoint covers 11 records");
}

TEST_F(LogDamageTest, ASegmentUnderAnothersName) {
  std::swap(content(paths_.segment(segments_[1])), last_segment());
  EXPECT_TRUE(opening().find("which its name does not say") != std::string::npos);
}

TEST_F(LogDamageTest, ASegmentThatWasCutOff) {
  last_segment().resize(100'000);
  EXPECT_EQ(opening(), fmt::format("`{}` has 100000 bytes; it was made with {}", last_path(),
                                   kMinSegmentBytes));
}

TEST_F(LogDamageTest, AChangeInAFullSegmentAfterTheLastCheckpoint) {
  ASSERT_TRUE(files_.remove(paths_.checkpoint()));
  const std::string first = paths_.segment(segments_[0]);
  const Place end = frames(first).back();
  content(first)[end.offset + end.bytes] = 1;
  EXPECT_EQ(opening(), fmt::format("`{}`, byte {}: no batch or checkpoint begins there", first,
                                   end.offset + end.bytes));
}

TEST_F(LogDamageTest, AForkUnderTheSameName) {
  // Another log's segment of the same origin and number.
  FaultyFiles other(2);
  {
    const auto writer = LogWriter::open(test_options(kFolder), other).value();
    for (int i = 0; i < 9; ++i) append(*writer, std::string(60'000, 'z'));
    append(*writer, "fork");
  }
  last_segment() = *other.content(last_path());
  EXPECT_NE(opening(), "");
}

TEST_F(LogDamageTest, AnotherLogOrKeyIsRefused) {
  LogOptions options = test_options(kFolder);
  options.origin = "wardlock.example/other";
  EXPECT_EQ(LogWriter::open(options, files_).error().message,
            "`/log/origin` is of another log than `wardlock.example/other`");
  options = test_options(kFolder);
  options.key = merkle::SignerKey::generate("other", merkle::SignatureType::kEd25519).value();
  const auto opened = LogWriter::open(options, files_);
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(opened.error().message.starts_with("`/log/public.key` is not of the key `other+"));
}

TEST_F(LogDamageTest, TwoAtOnceAreRefused) {
  const auto first = LogWriter::open(test_options(kFolder), files_);
  ASSERT_TRUE(first);
  EXPECT_EQ(LogWriter::open(test_options(kFolder), files_).error().code,
            ErrorCode::kFailedPrecondition);
}

TEST(LogOptionsTest, WhatCanNotBeIsRefused) {
  FaultyFiles files(1);
  const auto message = [&](const auto& change) {
    LogOptions options = test_options(kFolder);
    change(options);
    const auto opened = LogWriter::open(options, files);
    return opened ? "" : opened.error().message;
  };
  EXPECT_TRUE(message([](LogOptions& o) {
                o.segment_bytes = 4096;
              }).starts_with("segments of 4096 bytes can't be"));
  EXPECT_NE(message([](LogOptions& o) { o.segment_bytes = kMinSegmentBytes + 1; }), "");
  EXPECT_NE(message([](LogOptions& o) { o.segment_bytes = 1ULL << 32U; }), "");
  EXPECT_NE(message([](LogOptions& o) { o.segments_ahead = 0; }), "");
  EXPECT_NE(message([](LogOptions& o) { o.segments_ahead = 17; }), "");
  EXPECT_NE(message([](LogOptions& o) { o.origin = ""; }), "");
  EXPECT_NE(message([](LogOptions& o) { o.origin = "a\nb"; }), "");
  EXPECT_NE(message([](LogOptions& o) { o.origin = std::string(1025, 'a'); }), "");
  EXPECT_NE(message([](LogOptions& o) { o.seal = {}; }), "");
  EXPECT_EQ(files.operations(), 0U) << "nothing was made";
}

TEST_F(LogDamageTest, ItsOldestSegmentMayBeRemovedAndNotItsHashes) {
  ASSERT_TRUE(files_.unprotect(paths_.segment(segments_[0])));
  ASSERT_TRUE(files_.remove(paths_.segment(segments_[0])));
  EXPECT_EQ(opening(), "");
  content(paths_.hashes(0)).resize(10);
  EXPECT_EQ(opening(),
            "`/log/segments` begins with record 4, and `/log/hashes` lacks hashes of "
            "those before it");
}

}  // namespace
}  // namespace wardlock::audit
