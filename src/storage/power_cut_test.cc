#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "storage/failing_disk_for_test.h"
#include "storage/sqlite.h"
#include "storage/store.h"

// What is on the disk after the power failed, at any moment: all that was acknowledged, nothing by
// halves. (A killed process leaves the page cache behind; here what was not synced is dropped, torn
// and reordered.)

namespace wardlock::storage {
namespace {

constexpr std::array<Migration, 1> kTables{
    {{"rows",
      "CREATE TABLE row(i BIGINT PRIMARY KEY, s TEXT NOT NULL) STRICT;"
      "CREATE TABLE beside(i BIGINT PRIMARY KEY) STRICT"}}};

/// What there was when the power failed, and what had been acknowledged by then.
struct Image {
  std::string folder;
  int acknowledged = 0;  ///< as durable
  int told = 0;          ///< as committed
};

class PowerCut : public testing::Test {
 protected:
  PowerCut() {
    std::string name = "/tmp/wardlock-power-XXXXXX";
    folder_ = mkdtemp(name.data());
    std::filesystem::create_directory(folder_ + "/live");
  }
  ~PowerCut() override { std::filesystem::remove_all(folder_); }

  std::string live() const { return folder_ + "/live/a.db"; }
  StoreOptions options(const std::string& folder) const {
    return {.url = "sqlite:" + folder + "/a.db"};
  }

  /// Has the power fail every so many operations.
  void fail_every(std::uint64_t operations, FailingDisk& disk) {
    disk.before_each([this, operations, &disk] {
      if (++operations_ % operations != 0) return;
      const std::string folder = folder_ + "/" + std::to_string(images_.size());
      std::filesystem::create_directory(folder);
      disk.leave_image(folder, random_);
      images_.push_back({.folder = folder, .acknowledged = acknowledged_, .told = told_});
    });
  }

  std::string folder_;
  std::mt19937_64 random_{20261123};
  std::uint64_t operations_ = 0;
  int acknowledged_ = 0;
  int told_ = 0;
  std::vector<Image> images_;
};

std::string some_text(int i) {
  return std::string(static_cast<std::size_t>(50 + i * 37 % 900), 'x');
}

Result<void> insert(Work& work, int i) {
  TRY(work.run("INSERT INTO row VALUES ($1, $2)", i, some_text(i)));
  if (i % 5 == 0) TRY(work.run("UPDATE row SET s = s || 'y' WHERE i > $1", i - 40));
  TRY(work.run("INSERT INTO beside VALUES ($1)", i));
  return {};
}

/// Of the only column of the only row.
std::int64_t number(Store& store, std::string_view sql) {
  std::int64_t found = -1;
  const auto read = store.read([&](Work& work) -> Result<void> {
    found = TRY(work.query(sql)).front().integer(0);
    return {};
  });
  EXPECT_TRUE(read) << read.error().message;
  return found;
}

TEST_F(PowerCut, LeavesWhatWasAcknowledgedAndNothingByHalves) {
  constexpr int kRows = 300;
  {
    FailingDisk disk(folder_ + "/live");
    fail_every(13, disk);
    const auto store = Store::open(options(folder_ + "/live"), kTables);
    ASSERT_TRUE(store) << store.error().message;
    for (int i = 1; i <= kRows; ++i) {
      const auto done = (*store)->write([&](Work& work) { return insert(work, i); });
      ASSERT_TRUE(done) << done.error().message;
      acknowledged_ = i;
    }
  }
  ASSERT_GT(images_.size(), 100U);
  for (const Image& image : images_) {
    SCOPED_TRACE(image.folder);
    const auto store = Store::open(options(image.folder), kTables);
    ASSERT_TRUE(store) << store.error().message;
    const std::int64_t rows = number(**store, "SELECT count(*) FROM row");
    EXPECT_GE(rows, image.acknowledged);
    EXPECT_LE(rows, image.acknowledged + 1);
    EXPECT_EQ(number(**store, "SELECT coalesce(max(i), 0) FROM row"), rows);
    EXPECT_EQ(number(**store, "SELECT count(*) FROM beside"), rows);
  }
}

TEST_F(PowerCut, LeavesWhatCameBeforeSomethingDurable) {
  constexpr int kRows = 300;
  int lost = 0;
  {
    FailingDisk disk(folder_ + "/live");
    fail_every(13, disk);
    const auto store = Store::open(options(folder_ + "/live"), kTables);
    ASSERT_TRUE(store) << store.error().message;
    for (int i = 1; i <= kRows; ++i) {
      const auto durability = i % 3 == 0 ? Durability::kFull : Durability::kNormal;
      const auto done = (*store)->write([&](Work& work) { return insert(work, i); }, durability);
      ASSERT_TRUE(done) << done.error().message;
      told_ = i;
      if (durability == Durability::kFull) acknowledged_ = i;
    }
  }
  ASSERT_GT(images_.size(), 50U);
  for (const Image& image : images_) {
    SCOPED_TRACE(image.folder);
    const auto store = Store::open(options(image.folder), kTables);
    ASSERT_TRUE(store) << store.error().message;
    const std::int64_t rows = number(**store, "SELECT count(*) FROM row");
    EXPECT_GE(rows, image.acknowledged);
    EXPECT_LE(rows, image.acknowledged + 3);
    EXPECT_EQ(number(**store, "SELECT coalesce(max(i), 0) FROM row"), rows);
    EXPECT_EQ(number(**store, "SELECT count(*) FROM beside"), rows);
    lost += rows < image.told ? 1 : 0;
  }
  EXPECT_GT(lost, 0) << "else each was synced by itself";
}

TEST_F(PowerCut, TakesWhatIsAcknowledgedBeforeItIsSynced) {
  {
    FailingDisk disk(folder_ + "/live");
    auto database = Database::open(live(), {.durability = Durability::kNormal});
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(database->run("CREATE TABLE row(i INTEGER PRIMARY KEY)"));
    fail_every(3, disk);
    for (int i = 1; i <= 100; ++i) {
      ASSERT_TRUE(database->run("INSERT INTO row VALUES (" + std::to_string(i) + ")"));
      acknowledged_ = i;
    }
  }
  int lost = 0;
  for (const Image& image : images_) {
    auto database = Database::open(image.folder + "/a.db");
    ASSERT_TRUE(database) << database.error().message;
    if (auto rows = database->prepare("SELECT count(*) FROM row")) {
      ASSERT_TRUE(rows->step());
      lost += rows->integer(0) < image.acknowledged ? 1 : 0;
    } else {
      ++lost;  // even the table
    }
  }
  EXPECT_GT(lost, 0) << "else this disk never fails, and the other test shows nothing";
}

}  // namespace
}  // namespace wardlock::storage
