#include "audit/log/log_folder.h"

#include <gtest/gtest.h>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_for_test.h"
#include "audit/log/log_key.h"
#include "audit/log/log_writer.h"

namespace wardlock::audit {
namespace {

constexpr const char* kFolder = "/log";

ErrorCode code(const auto& result) { return result ? ErrorCode::kUnknown : result.error().code; }

/// A log of 600 records, over several segments.
std::unique_ptr<LogWriter> fill(FaultyFiles& files) {
  auto writer = LogWriter::open(test_options(kFolder), files).value();
  for (int i = 0; i < 60; ++i) {
    std::vector<std::string> texts;
    for (int j = 0; j < 10; ++j)
      texts.push_back(std::to_string(i * 10 + j) + std::string(1000, 'x'));
    EXPECT_TRUE(writer->append(make_records(texts)));
  }
  return writer;
}

TEST(TileFilesTest, HasTheTilesOfTheTree) {
  FaultyFiles files(1);
  const auto writer = fill(files);
  TileFiles tiles(files, kFolder);
  EXPECT_EQ(tiles.tile({.level = 0, .index = 1, .width = 256})->size(), merkle::kFullTileBytes);
  EXPECT_EQ(tiles.tile({.level = 1, .index = 0, .width = 2})->size(), 64U);
  merkle::TileReader nodes(tiles, 600);
  EXPECT_EQ(merkle::CompactRange::read(600, nodes), writer->tree());
}

TEST(TileFilesTest, HasNoOthers) {
  FaultyFiles files(1);
  const auto writer = fill(files);
  TileFiles tiles(files, kFolder);
  EXPECT_EQ(code(tiles.tile({.level = 0, .index = 2, .width = 89})), ErrorCode::kNotFound);
  EXPECT_EQ(code(tiles.tile({.level = 0, .index = 3, .width = 1})), ErrorCode::kNotFound);
  EXPECT_EQ(code(tiles.tile({.level = 1, .index = 0, .width = 3})), ErrorCode::kNotFound);
  EXPECT_EQ(code(tiles.tile({.level = 2, .index = 0, .width = 1})), ErrorCode::kNotFound);
  EXPECT_EQ(code(tiles.tile({.level = 8, .index = 0, .width = 1})), ErrorCode::kNotFound);
  EXPECT_EQ(code(tiles.tile({.level = 0, .index = UINT64_MAX, .width = 1})), ErrorCode::kNotFound);
  EXPECT_EQ(code(tiles.tile({.level = 0, .index = 0, .width = 0})), ErrorCode::kNotFound);
  TileFiles none(files, "/other");
  EXPECT_EQ(code(none.tile({.level = 0, .index = 0, .width = 1})), ErrorCode::kNotFound);
}

TEST(DerivedFilesTest, AreMadeAgainWhereTheyAreMissing) {
  FaultyFiles files(1);
  {
    const auto writer = fill(files);
    ASSERT_TRUE(writer->sign_checkpoint());
  }
  for (const char* path : {"/log/hashes/0", "/log/hashes/1", "/log/offsets"}) {
    for (const std::size_t left : {0U, 35U, 1000U}) {
      files.content(path)->resize(std::min(left, files.content(path)->size()));
      ASSERT_TRUE(LogWriter::open(test_options(kFolder), files));
      const auto log = read_whole_log(files, kFolder);
      ASSERT_TRUE(log) << path << ": " << log.error().message;
      EXPECT_EQ(log->records.size(), 600U);
    }
  }
}

TEST(RecordReaderTest, ReadsAnyRecordsAlsoThoseThatCameLater) {
  FaultyFiles files(1);
  const auto writer = fill(files);
  RecordReader reader(files, kFolder);
  Records records;
  for (const std::uint64_t first : {0U, 255U, 599U, 17U, 230U, 240U}) {
    ASSERT_TRUE(reader.read(first, 1, records)) << first;
    EXPECT_TRUE(records[0].starts_with(std::to_string(first) + "x"));
  }
  ASSERT_TRUE(reader.read(590, 10, records));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(writer->append(make_records({"later" + std::string(10'000, 'y')})));
  }
  ASSERT_TRUE(reader.read(649, 1, records));
  EXPECT_TRUE(records[0].starts_with("later"));
  ASSERT_TRUE(reader.read(0, 650, records));
  EXPECT_EQ(records.size(), 650U);
}

TEST(ReadOriginTest, ReadsTheLongestThereIs) {
  FaultyFiles files(1);
  LogOptions options = test_options(kFolder);
  options.origin = std::string(kMaxOriginBytes, 'o');
  ASSERT_TRUE(LogWriter::open(options, files));
  EXPECT_EQ(read_origin(files, LogPaths(kFolder)).value(), options.origin);
  options.folder = "/other";
  options.origin += 'o';
  EXPECT_EQ(code(LogWriter::open(options, files)), ErrorCode::kInvalidArgument);
}

TEST(ReadOriginTest, WhatNoLogWritesIsNone) {
  FaultyFiles files(1);
  EXPECT_EQ(code(read_origin(files, LogPaths(kFolder))), ErrorCode::kNotFound);
  ASSERT_TRUE(LogWriter::open(test_options(kFolder), files));
  const std::string text = *files.content("/log/origin");
  for (const std::string& other :
       {std::string(), text + "\n", "x" + text, text.substr(1), text.substr(0, text.size() - 1)}) {
    *files.content("/log/origin") = other;
    EXPECT_EQ(code(read_origin(files, LogPaths(kFolder))), ErrorCode::kDataLoss) << other;
  }
  *files.content("/log/origin") = std::string(5000, 'x');
  EXPECT_EQ(code(read_origin(files, LogPaths(kFolder))), ErrorCode::kResourceExhausted);
}

TEST(RecordReaderTest, ReadsNoOthers) {
  FaultyFiles files(1);
  const auto writer = fill(files);
  RecordReader reader(files, kFolder);
  Records records;
  EXPECT_EQ(code(reader.read(600, 1, records)), ErrorCode::kNotFound);
  EXPECT_EQ(code(reader.read(599, 2, records)), ErrorCode::kNotFound);
  EXPECT_EQ(code(reader.read(UINT64_MAX, 1, records)), ErrorCode::kNotFound);
  EXPECT_TRUE(reader.read(600, 0, records));
  EXPECT_EQ(code(RecordReader(files, "/other").read(0, 1, records)), ErrorCode::kNotFound);
}

TEST(RecordReaderTest, APlaceThatIsNoneIsAnError) {
  FaultyFiles files(1);
  const auto writer = fill(files);
  Records records;
  std::string& offsets = *files.content("/log/offsets");
  offsets.replace(4 * 5, 4, 4, '\0');
  offsets.replace(4 * 6, 4, 4, '\xFF');
  EXPECT_EQ(code(RecordReader(files, kFolder).read(5, 1, records)), ErrorCode::kDataLoss);
  EXPECT_EQ(code(RecordReader(files, kFolder).read(6, 1, records)), ErrorCode::kDataLoss);
}

TEST(LogKeyTest, IsMadeOnceAndReadAgain) {
  FaultyFiles files(1);
  const auto made = load_or_create_log_key(files, "/key", "wardlock.example/log");
  ASSERT_TRUE(made);
  files.restart();
  const auto read = load_or_create_log_key(files, "/key", "wardlock.example/log");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->verifier(), made->verifier());
}

TEST(LogKeyTest, WhatIsNoSuchKeyIsRefusedWithoutShowingIt) {
  FaultyFiles files(1);
  ASSERT_TRUE(load_or_create_log_key(files, "/key", "wardlock.example/log"));
  const auto other = load_or_create_log_key(files, "/key", "wardlock.example/other");
  EXPECT_EQ(
      other.error().message,
      "the key in `/key` is `wardlock.example/log`'s; one of `wardlock.example/other` is needed");
  *files.content("/key") = "PRIVATE+KEY+secret";
  const auto broken = load_or_create_log_key(files, "/key", "wardlock.example/log");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message.find("secret"), std::string::npos);
  EXPECT_TRUE(broken.error().message.starts_with("`/key`: "));
  *files.content("/key") = std::string(5000, 'x');
  EXPECT_EQ(code(load_or_create_log_key(files, "/key", "a")), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace wardlock::audit
