#include "api/audit/log_endpoints.h"

#include <gtest/gtest.h>

#include "audit/files/faulty_files_for_test.h"
#include "audit/log/log_for_test.h"
#include "audit/log/log_writer.h"
#include "merkle/entry_bundle.h"

namespace wardlock::audit_api {
namespace {

using audit::FaultyFiles;
using audit::LogWriter;

constexpr const char* kFolder = "/log";

/// A log of 300 records, of which the checkpoint covers 290.
class LogEndpoints : public testing::Test {
 protected:
  LogEndpoints() {
    append(290);
    EXPECT_TRUE(writer_->sign_checkpoint());
    append(10);
  }

  void append(int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) texts.push_back("record " + std::to_string(i));
    ASSERT_TRUE(writer_->append(audit::make_records(texts)));
  }

  net::HttpResponse get(std::string_view path, std::string_view method = "GET") {
    audit::TileFiles tiles(files_, kFolder);
    audit::RecordReader records(files_, kFolder);
    const std::string whole = std::string(prefix_) + std::string(path);
    net::HttpResponse response;
    answer({.method = method, .target = whole, .path = whole},
           {.tiles = tiles,
            .records = records,
            .prefix = prefix_,
            .checkpoint = writer_->checkpoint(),
            .size = writer_->checkpoint_size()},
           response);
    return response;
  }
  static std::string_view caching(const net::HttpResponse& response) {
    for (const auto& field : response.headers) {
      if (field.name == "Cache-Control") return field.value;
    }
    return {};
  }

  std::string_view prefix_ = kPrefix;
  FaultyFiles files_{1};
  std::unique_ptr<LogWriter> writer_ =
      LogWriter::open(audit::test_options(kFolder), files_).value();
};

TEST_F(LogEndpoints, give_the_checkpoint) {
  const net::HttpResponse response = get("checkpoint");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, writer_->checkpoint());
  EXPECT_TRUE(response.body.starts_with("wardlock.example/test/audit\n290\n"));
  EXPECT_EQ(caching(response), "no-store");
}

TEST_F(LogEndpoints, are_below_the_other_prefix_too) {
  prefix_ = kCosignedPrefix;
  EXPECT_EQ(get("checkpoint").body, writer_->checkpoint());
  EXPECT_EQ(get("tile/0/000").body.size(), merkle::kFullTileBytes);
  EXPECT_EQ(get("tile/entries/001.p/34").status, 200);
  for (const char* path : {"", "cosigned/checkpoint", "tile/0/002"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(LogEndpoints, give_tiles_as_they_stand_in_the_tree) {
  const net::HttpResponse full = get("tile/0/000");
  EXPECT_EQ(full.body.size(), merkle::kFullTileBytes);
  EXPECT_TRUE(caching(full).contains("immutable"));
  const net::HttpResponse partial = get("tile/0/001.p/34");
  EXPECT_EQ(partial.body.size(), 34 * merkle::kHashBytes);
  EXPECT_EQ(caching(partial), "no-store");
  EXPECT_EQ(get("tile/0/001.p/5").body, partial.body.substr(0, 5 * merkle::kHashBytes));
  EXPECT_EQ(get("tile/1/000.p/1").body.size(), merkle::kHashBytes);
}

TEST_F(LogEndpoints, give_entries) {
  const net::HttpResponse full = get("tile/entries/000");
  const auto entries = merkle::read_entry_bundle(full.body, 256);
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ((*entries)[255], "record 255");
  EXPECT_TRUE(caching(full).contains("immutable"));
  const net::HttpResponse partial = get("tile/entries/001.p/34");
  EXPECT_EQ(merkle::read_entry_bundle(partial.body, 34)->back(), "record 289");
}

TEST_F(LogEndpoints, give_nothing_that_the_checkpoint_does_not_cover) {
  for (const char* path :
       {"tile/0/001", "tile/0/001.p/35", "tile/entries/001.p/35", "tile/entries/001", "tile/0/002",
        "tile/1/000.p/2", "tile/1/000", "tile/2/000.p/1", "tile/entries/x001/000"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(LogEndpoints, know_no_other_paths) {
  for (const char* path : {"", "checkpoint/", "tile", "tile/", "tile/0/0", "tile/0/000.p/0",
                           "tile/0/000.p/256", "tile/entries/", "tile/entries/../../keys/log.key",
                           "tile/-1/000", "tile/0/000/", "keys/log.key", "tile/0/x000/x000/000"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(LogEndpoints, only_give) {
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    EXPECT_EQ(get("checkpoint", method).status, 405) << method;
  }
  EXPECT_EQ(get("checkpoint", "HEAD").status, 200);
}

TEST(LogEndpointsOfAnEmptyLog, have_no_checkpoint) {
  FaultyFiles files(1);
  const auto writer = LogWriter::open(audit::test_options(kFolder), files).value();
  audit::TileFiles tiles(files, kFolder);
  audit::RecordReader records(files, kFolder);
  for (const char* path : {"/audit/checkpoint", "/audit/tile/0/000.p/1"}) {
    net::HttpResponse response;
    answer({.method = "GET", .target = path, .path = path},
           {.tiles = tiles, .records = records, .prefix = kPrefix, .checkpoint = "", .size = 0},
           response);
    EXPECT_EQ(response.status, 404) << path;
  }
}

}  // namespace
}  // namespace wardlock::audit_api
