#include "audit/files/faulty_files_for_test.h"

#include <gtest/gtest.h>

namespace wardlock::audit {
namespace {

using Fault = FaultyFiles::Fault;

std::unique_ptr<File> create(FaultyFiles& files, const std::string& path) {
  auto file = files.open(path, OpenMode::kCreate);
  EXPECT_TRUE(file);
  return std::move(*file);
}

ErrorCode code(const auto& result) { return result ? ErrorCode::kUnknown : result.error().code; }

/// What the file holds after a loss of power, over many chances.
std::set<std::string> after_power_loss(const std::function<void(FaultyFiles&)>& steps) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    FaultyFiles files(seed);
    steps(files);
    files.restart();
    const std::string* content = files.content("/a");
    seen.insert(content == nullptr ? "missing" : *content);
  }
  return seen;
}

TEST(FaultyFilesTest, WhatWasSyncedSurvives) {
  EXPECT_EQ(after_power_loss([](FaultyFiles& files) {
              const auto file = create(files, "/a");
              ASSERT_TRUE(file->write(0, "kept"));
              ASSERT_TRUE(file->sync());
              ASSERT_TRUE(files.sync_folder("/"));
            }),
            std::set<std::string>{"kept"});
}

TEST(FaultyFilesTest, AFileWhoseFolderWasNotSyncedMayBeMissing) {
  EXPECT_EQ(after_power_loss([](FaultyFiles& files) {
              const auto file = create(files, "/a");
              ASSERT_TRUE(file->write(0, "kept"));
              ASSERT_TRUE(file->sync());
            }),
            (std::set<std::string>{"kept", "missing"}));
}

TEST(FaultyFilesTest, UnsyncedWritesAreDroppedTornAndReordered) {
  const std::string first(512, '1');
  const std::string second(512, '2');
  const std::string zeros(512, '\0');
  EXPECT_EQ(after_power_loss([&](FaultyFiles& files) {
              const auto file = create(files, "/a");
              ASSERT_TRUE(file->write(0, zeros + zeros));
              ASSERT_TRUE(file->sync());
              ASSERT_TRUE(files.sync_folder("/"));
              ASSERT_TRUE(file->write(0, first + second));
            }),
            (std::set<std::string>{zeros + zeros, first + zeros, zeros + second, first + second}));
}

TEST(FaultyFilesTest, ARenameThatWasNotSyncedMayNotHaveBeen) {
  EXPECT_EQ(after_power_loss([&](FaultyFiles& files) {
              ASSERT_TRUE(replace_file(files, "/a", "old"));
              ASSERT_TRUE(files.sync_folder("/"));
              ASSERT_TRUE(create(files, "/b"));
              ASSERT_TRUE(files.sync_folder("/"));
              ASSERT_TRUE(files.rename("/b", "/a"));
            }),
            (std::set<std::string>{"old", ""}));
}

TEST(FaultyFilesTest, AFailedSyncForgetsWhatItHeld) {
  const auto seen = after_power_loss([](FaultyFiles& files) {
    const auto file = create(files, "/a");
    ASSERT_TRUE(file->write(0, std::string(1, '\0')));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(files.sync_folder("/"));
    ASSERT_TRUE(file->write(0, "x"));
    files.break_at(1, Fault::kFailedSync);
    ASSERT_EQ(code(file->sync()), ErrorCode::kUnavailable);
    ASSERT_TRUE(file->sync());  // says yes, and keeps nothing
    std::string byte(1, '?');
    ASSERT_EQ(file->read(0, byte), 1U);
    ASSERT_EQ(byte, "x");
  });
  EXPECT_EQ(seen, (std::set<std::string>{std::string(1, '\0'), "x"}));
}

TEST(FaultyFilesTest, ALyingDiskLosesWhatWasSynced) {
  EXPECT_TRUE(after_power_loss([](FaultyFiles& files) {
                files.lie_about_syncs();
                const auto file = create(files, "/a");
                ASSERT_TRUE(file->sync());
                ASSERT_TRUE(files.sync_folder("/"));
              }).contains("missing"));
}

TEST(FaultyFilesTest, NothingWorksWithoutPower) {
  FaultyFiles files(1);
  const auto file = create(files, "/a");
  files.lose_power_at(2);
  EXPECT_TRUE(file->write(0, "x"));
  EXPECT_EQ(code(file->sync()), ErrorCode::kUnavailable);
  EXPECT_TRUE(files.is_without_power());
  EXPECT_FALSE(file->write(0, "x"));
  EXPECT_FALSE(file->size());
  EXPECT_FALSE(files.open("/a", OpenMode::kRead));
  EXPECT_FALSE(files.list("/"));
  EXPECT_FALSE(files.remove("/a"));
  files.restart();
  EXPECT_FALSE(file->size()) << "a file of before is closed";
  EXPECT_TRUE(files.list("/"));
}

TEST(FaultyFilesTest, AKilledProcessLosesNothingButItsLocks) {
  FaultyFiles files(1);
  const auto lock = files.lock("/lock");
  ASSERT_TRUE(lock);
  EXPECT_EQ(code(files.lock("/lock")), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(create(files, "/a")->write(0, "x"));
  files.kill();
  EXPECT_TRUE(files.lock("/lock"));
  EXPECT_EQ(*files.content("/a"), "x");
}

TEST(FaultyFilesTest, AFullDiskTakesWhatHasItsSpace) {
  FaultyFiles files(1);
  const auto file = create(files, "/a");
  ASSERT_TRUE(file->claim(10));
  files.break_with(Fault::kNoSpace);
  EXPECT_TRUE(file->write(0, "0123456789"));
  EXPECT_EQ(code(file->write(9, "xy")), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code(file->claim(11)), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code(files.open("/b", OpenMode::kCreate)), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(file->sync());
}

TEST(FaultyFilesTest, OtherFaults) {
  FaultyFiles files(1);
  const auto file = create(files, "/a");
  ASSERT_TRUE(file->write(0, "0000"));
  files.break_with(Fault::kReadOnly);
  EXPECT_EQ(code(file->write(0, "x")), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(files.open("/a", OpenMode::kReadWrite)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(files.rename("/a", "/b")), ErrorCode::kPermissionDenied);
  files.break_with(Fault::kShortWrite);
  EXPECT_EQ(code(file->write(0, "1111")), ErrorCode::kResourceExhausted);
  EXPECT_EQ(*files.content("/a"), "1100");
  files.break_with(Fault::kIoError);
  EXPECT_EQ(code(file->write(0, "22")), ErrorCode::kUnavailable);
  EXPECT_EQ(code(file->sync()), ErrorCode::kUnavailable);
  files.break_with(Fault::kNone);
  EXPECT_TRUE(file->sync());
}

TEST(FaultyFilesTest, ProtectedFilesStay) {
  FaultyFiles files(1);
  create(files, "/a");
  ASSERT_TRUE(files.protect("/a", Protection::kImmutable));
  EXPECT_EQ(files.protected_files(), std::set<std::string>{"/a"});
  EXPECT_EQ(code(files.open("/a", OpenMode::kReadWrite)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(files.remove("/a")), ErrorCode::kPermissionDenied);
  ASSERT_TRUE(files.unprotect("/a"));
  EXPECT_TRUE(files.remove("/a"));
}

}  // namespace
}  // namespace wardlock::audit
