#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "storage/sqlite.h"
#include "storage/store.h"
#include "storage/store_for_test.h"

namespace wardlock::storage {
namespace {

constexpr std::array<Migration, 1> kTables{
    {{"t", "CREATE TABLE t(i BIGINT PRIMARY KEY, s TEXT) STRICT"}}};
constexpr std::array<Migration, 2> kNewer{
    {kTables[0], {"more", "CREATE TABLE u(i BIGINT) STRICT"}}};

class SqliteStore : public testing::Test {
 protected:
  SqliteStore() {
    std::string name = "/tmp/wardlock-store-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~SqliteStore() override { std::filesystem::remove_all(folder_); }

  std::string path(std::string_view name = "test.db") const {
    return folder_ + "/" + std::string(name);
  }
  StoreOptions options(std::string_view name = "test.db") const {
    return {.url = "sqlite:" + path(name), .busy_timeout = std::chrono::milliseconds(2000)};
  }
  std::unique_ptr<Store> open(std::span<const Migration> migrations = kTables) const {
    auto store = Store::open(options(), migrations);
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }
  /// A store with so many rows, and its backup.
  void make_backup(int rows, std::span<const Migration> migrations = kTables) const {
    const std::unique_ptr<Store> store = open(migrations);
    for (int i = 0; i < rows; ++i) {
      write(*store, "INSERT INTO t VALUES (" + std::to_string(i) + ", 'as it was')");
    }
    const auto done = store->back_up(path("backup.db"));
    ASSERT_TRUE(done) << done.error().message;
  }
  Error restore_error(std::span<const Migration> migrations = kTables) const {
    const auto restored = restore(path("backup.db"), options(), migrations);
    EXPECT_FALSE(restored);
    return restored ? Error{} : restored.error();
  }

  std::string folder_;
};

void overwrite(const std::string& path, std::streamoff at, std::size_t length) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file << std::string(length, '\x55');
}

void damage(const std::string& path) { overwrite(path, 4096, 4096); }

TEST_F(SqliteStore, IsItsOwnersAlone) {
  const std::unique_ptr<Store> store = open();
  for (const std::string_view name : {"test.db", "test.db-wal", "test.db.lock"}) {
    struct stat seen = {};
    ASSERT_EQ(stat(path(name).c_str(), &seen), 0) << name;
    EXPECT_EQ(seen.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(SqliteStore, AFolderThatIsNotThereIsNamed) {
  const auto store = Store::open({.url = "sqlite:" + path("nowhere/test.db")}, kTables);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(store.error().message.contains("nowhere")) << store.error().message;
}

TEST_F(SqliteStore, ADatabaseOfSomethingElseIsLeftAlone) {
  ASSERT_TRUE(Database::open(path()).value().run("CREATE TABLE theirs(i INTEGER)"));
  const auto store = Store::open(options(), kTables);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(store.error().message.contains("something else")) << store.error().message;
  std::ofstream(path("text")) << std::string(5000, 'x');
  const auto text = Store::open(options("text"), kTables);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kDataLoss);
}

TEST_F(SqliteStore, DamageIsFoundAtTheStart) {
  open();
  damage(path());
  const auto store = Store::open(options(), kTables);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(store.error().message.contains("backup")) << store.error().message;
}

TEST_F(SqliteStore, OtherKindsOfDatabasesAreRefused) {
  for (const std::string_view url : {"", "sqlite:", "sqlite::memory:", "sqlite:file:a?mode=memory",
                                     "mysql://user:secret@host/db", "/var/lib/a.db", "secret"}) {
    const auto store = Store::open({.url = std::string(url)}, kTables);
    ASSERT_FALSE(store) << url;
    EXPECT_EQ(store.error().code, ErrorCode::kInvalidArgument) << store.error().message;
    EXPECT_FALSE(store.error().message.contains("user:secret")) << store.error().message;
  }
}

TEST_F(SqliteStore, WhatWasDeletedIsGoneFromTheFile) {
  const std::unique_ptr<Store> store = open();
  write(*store, "INSERT INTO t VALUES (1, 'a person who was erased')");
  write(*store, "DELETE FROM t");
  ASSERT_TRUE(store->back_up(path("copy.db")));
  std::ifstream file(path("copy.db"), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  EXPECT_TRUE(bytes.contains("wardlock_migration"));
  EXPECT_FALSE(bytes.contains("a person who"));
}

TEST_F(SqliteStore, TwoProcessesShareTheFile) {
  constexpr int kWrites = 100;
  open();
  const auto insert_all = [this] {
    const std::unique_ptr<Store> store = open();
    for (int i = 0; i < kWrites; ++i) {
      if (!store->write([](Work& work) -> Result<void> {
            TRY(work.run("INSERT INTO t(i) SELECT coalesce(max(i), 0) + 1 FROM t"));
            return {};
          })) {
        return false;
      }
    }
    return true;
  };
  const pid_t child = fork();
  if (child == 0) _exit(insert_all() ? 0 : 1);
  EXPECT_TRUE(insert_all());
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(number(*open(), "SELECT max(i) FROM t"), 2 * kWrites);
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 2 * kWrites);
}

TEST_F(SqliteStore, WhoWasKilledLeftWhatHeHadCommitted) {
  open();
  std::array<int, 2> pipe_ends = {};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::unique_ptr<Store> store = open();
    for (std::int64_t i = 1;; ++i) {
      const bool is_written = store
                                  ->write([i](Work& work) -> Result<void> {
                                    TRY(work.run("INSERT INTO t VALUES ($1, 'first')", i));
                                    TRY(work.run("UPDATE t SET s = 'second' WHERE i = $1", i));
                                    return {};
                                  })
                                  .has_value();
      if (!is_written || ::write(pipe_ends[1], &i, sizeof i) != sizeof i) _exit(1);
    }
  }
  std::int64_t last = 0;
  while (last < 50) ASSERT_EQ(::read(pipe_ends[0], &last, sizeof last), sizeof last);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  ::close(pipe_ends[1]);
  for (std::int64_t next = 0; ::read(pipe_ends[0], &next, sizeof next) == sizeof next;) last = next;
  ::close(pipe_ends[0]);
  const std::unique_ptr<Store> store = open();
  EXPECT_GE(number(*store, "SELECT max(i) FROM t"), last);
  EXPECT_EQ(number(*store, "SELECT count(*) FROM t WHERE s = 'first'"), 0);
  EXPECT_EQ(number(*store, "SELECT max(i) - count(*) FROM t"), 0);
}

TEST_F(SqliteStore, AFullDiskUndoesTheWriteAndIsNamed) {
  const std::unique_ptr<Store> store = open();
  write(*store, "INSERT INTO t VALUES (1, 'kept')");
  const auto limit = [&](std::string_view pragma) {
    write(*store, [&](Work& work) -> Result<void> {
      TRY(work.query(pragma));
      return {};
    });
  };
  limit("PRAGMA max_page_count = 20");
  const auto written = store->write([](Work& work) -> Result<void> {
    for (int i = 2; i < 1000; ++i) {
      TRY(work.run("INSERT INTO t VALUES ($1, $2)", i, std::string(500, 'x')));
    }
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kResourceExhausted) << written.error().message;
  EXPECT_EQ(number(*store, "SELECT count(*) FROM t"), 1);
  limit("PRAGMA max_page_count = 10000");
  write(*store, "INSERT INTO t VALUES (2, 'there is room again')");
}

TEST_F(SqliteStore, ABackupIsOneFileOfOneMoment) {
  const std::unique_ptr<Store> store = open();
  write(*store, "INSERT INTO t VALUES (1, 'a')");
  write(*store, [&](Work& work) -> Result<void> {
    TRY(work.run("INSERT INTO t VALUES (2, 'b')"));
    const auto done = store->back_up(path("backup.db"));
    EXPECT_TRUE(done) << done.error().message;
    return {};
  });
  const auto copy = Store::open(options("backup.db"), kTables);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(number(**copy, "SELECT count(*) FROM t"), 1);
  struct stat seen = {};
  ASSERT_EQ(stat(path("backup.db").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600U);
}

TEST_F(SqliteStore, ABackupStandsByItself) {
  make_backup(3);
  EXPECT_FALSE(std::filesystem::exists(path("backup.db-wal")));
  EXPECT_FALSE(std::filesystem::exists(path("backup.db.partial")));
}

TEST_F(SqliteStore, ABackupOverwritesNothing) {
  std::ofstream(path("precious")) << "precious";
  const std::unique_ptr<Store> store = open();
  const auto done = store->back_up(path("precious"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(std::filesystem::file_size(path("precious")), 8U);
  EXPECT_FALSE(store->back_up(path("nowhere/backup.db")));
  EXPECT_FALSE(store->back_up(path()));
}

TEST_F(SqliteStore, ABackupTakesNoNameThatIsTheDatabasesOwn) {
  const auto opened = Store::open(options("live.partial"), kTables);
  ASSERT_TRUE(opened);
  write(**opened, "INSERT INTO t VALUES (1, 'as it was')");
  // Put together as `live.partial`, it would be in the place of the database.
  const auto done = (*opened)->back_up(path("live"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument) << done.error().message;
  for (const char* name : {"live.partial-wal", "live.partial-journal", "live.partial.lock",
                           "live.partial.partial", "live.partial"}) {
    EXPECT_FALSE((*opened)->back_up(path(name))) << name;
  }
  EXPECT_EQ(number(**opened, "SELECT count(*) FROM t"), 1);
  EXPECT_TRUE(std::filesystem::exists(path("live.partial")));
}

TEST_F(SqliteStore, APathThatIsTooLongIsAnError) {
  const auto store = open();
  EXPECT_FALSE(store->back_up(path(std::string(300, 'x'))));
}

TEST_F(SqliteStore, ARestoreDoesNotConsumeItsBackup) {
  make_backup(3);
  std::filesystem::rename(path("backup.db"), path("test.db.partial"));
  const auto restored = restore(path("test.db.partial"), options(), kTables);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::kInvalidArgument) << restored.error().message;
  EXPECT_TRUE(std::filesystem::exists(path("test.db.partial")));
}

TEST_F(SqliteStore, WhatAnUnfinishedBackupLeftIsReplaced) {
  std::ofstream(path("backup.db.partial")) << "half of something";
  make_backup(2);
  ASSERT_TRUE(restore(path("backup.db"), options(), kTables));
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 2);
}

TEST_F(SqliteStore, ABackupIsRestored) {
  make_backup(3);
  write(*open(), "UPDATE t SET s = 'changed since'");
  const auto restored = restore(path("backup.db"), options(), kTables);
  ASSERT_TRUE(restored) << restored.error().message;
  const std::unique_ptr<Store> store = open();
  EXPECT_EQ(number(*store, "SELECT count(*) FROM t WHERE s = 'as it was'"), 3);
  write(*store, "INSERT INTO t VALUES (100, 'new')");
}

TEST_F(SqliteStore, ABackupIsRestoredWhereNothingIs) {
  make_backup(3);
  std::filesystem::remove(path());
  ASSERT_TRUE(restore(path("backup.db"), options(), kTables));
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 3);
}

TEST_F(SqliteStore, ABackupIsRestoredOverADamagedDatabase) {
  make_backup(3);
  damage(path());
  ASSERT_TRUE(restore(path("backup.db"), options(), kTables));
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 3);
  std::ofstream(path()) << "no database at all";
  ASSERT_TRUE(restore(path("backup.db"), options(), kTables));
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 3);
}

TEST_F(SqliteStore, WhatACrashLeftInTheLogDoesNotComeIntoTheRestoredOne) {
  make_backup(1);
  for (const bool is_damaged : {false, true}) {
    const pid_t child = fork();
    if (child == 0) {
      const std::unique_ptr<Store> store = open();
      write(*store, "INSERT INTO t VALUES (50, 'in the log alone')");
      ::raise(SIGKILL);
    }
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    ASSERT_GT(std::filesystem::file_size(path("test.db-wal")), 0U);
    if (is_damaged) overwrite(path(), 0, 100);  // SQLite does not know it any more
    ASSERT_TRUE(restore(path("backup.db"), options(), kTables));
    EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 1);
  }
}

TEST_F(SqliteStore, AnOlderBackupIsBroughtUpToDate) {
  make_backup(1);
  ASSERT_TRUE(restore(path("backup.db"), options(), kNewer));
  EXPECT_EQ(number(*open(kNewer), "SELECT count(*) FROM u"), 0);
}

TEST_F(SqliteStore, WhatGoesWithABackupIsRestoredWithIt) {
  make_backup(1);
  const auto add = [](Store& store) {
    return store.write([](Work& work) -> Result<void> {
      TRY(work.run("INSERT INTO t VALUES (7, 'it was restored')"));
      return {};
    });
  };
  ASSERT_TRUE(restore(path("backup.db"), options(), kTables, add));
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 2);
  for (const std::string_view left : {"", "-wal", "-shm", ".lock"}) {
    EXPECT_FALSE(std::filesystem::exists(path("test.db.partial" + std::string(left)))) << left;
  }
  const auto fail_it = [](Store&) -> Result<void> { return fail(ErrorCode::kAborted, "no"); };
  EXPECT_FALSE(restore(path("backup.db"), options(), kTables, fail_it));
  EXPECT_EQ(number(*open(), "SELECT count(*) FROM t"), 2) << "the one before is there";
}

TEST_F(SqliteStore, NothingIsRestoredIntoADatabaseInUse) {
  make_backup(1);
  const std::unique_ptr<Store> store = open();
  const Error error = restore_error();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(error.message.contains("stop Wardlock")) << error.message;
  EXPECT_EQ(number(*store, "SELECT count(*) FROM t"), 1);
}

TEST_F(SqliteStore, WhatIsNoBackupIsRefusedAndTheDatabaseStays) {
  make_backup(2, kNewer);
  EXPECT_EQ(restore_error(kTables).code, ErrorCode::kFailedPrecondition) << "it is newer";
  damage(path("backup.db"));
  EXPECT_EQ(restore_error(kNewer).code, ErrorCode::kDataLoss);
  std::ofstream(path("backup.db")) << "no database";
  EXPECT_EQ(restore_error(kNewer).code, ErrorCode::kDataLoss);
  std::filesystem::remove(path("backup.db"));
  EXPECT_EQ(restore_error(kNewer).code, ErrorCode::kFailedPrecondition) << "it is not there";
  ASSERT_TRUE(Database::open(path("backup.db")).value().run("CREATE TABLE theirs(i INTEGER)"));
  EXPECT_EQ(restore_error(kNewer).code, ErrorCode::kFailedPrecondition) << "it is another's";
  EXPECT_EQ(number(*open(kNewer), "SELECT count(*) FROM t"), 2);
}

}  // namespace
}  // namespace wardlock::storage
