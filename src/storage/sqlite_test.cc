#include "storage/sqlite.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace wardlock::storage {
namespace {

class Sqlite : public testing::Test {
 protected:
  Sqlite() {
    std::string name = "/tmp/wardlock-sqlite-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~Sqlite() override { std::filesystem::remove_all(folder_); }

  std::string path(std::string_view name = "test.db") const {
    return folder_ + "/" + std::string(name);
  }
  std::string bytes_of(const std::string& file) const {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  Database open(const DatabaseOptions& options = {}) const {
    auto database = Database::open(path(), options);
    EXPECT_TRUE(database) << database.error().message;
    return std::move(database).value();
  }
  static void run(Database& database, const std::string& sql) {
    const auto done = database.run(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  static std::int64_t number(Database& database, std::string_view sql) {
    Statement statement = database.prepare(sql).value();
    EXPECT_TRUE(statement.step().value());
    return statement.integer(0);
  }

  std::string folder_;
};

TEST_F(Sqlite, KeepsWhatIsPutIntoIt) {
  Database database = open();
  run(database, "CREATE TABLE t(i INTEGER, s TEXT, b BLOB, n TEXT)");
  Statement insert = database.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4)").value();
  const std::uint8_t bytes[] = {0, 255, 7};
  insert.bind(1, std::int64_t{-5});
  insert.bind(2, std::string_view("a\0b \u20AC", 7));
  insert.bind_blob(3, bytes);
  insert.bind_null(4);
  ASSERT_TRUE(insert.run());
  insert.bind(1, std::int64_t{1});
  insert.bind(2, std::string_view());
  insert.bind_blob(3, {});
  insert.bind(4, "there");
  ASSERT_TRUE(insert.run());
  EXPECT_EQ(database.last_row_id(), 2);
  EXPECT_EQ(database.changed_rows(), 1);

  Statement select = database.prepare("SELECT i, s, b, n FROM t ORDER BY rowid").value();
  ASSERT_TRUE(select.step().value());
  EXPECT_EQ(select.integer(0), -5);
  EXPECT_EQ(select.text(1), std::string_view("a\0b \u20AC", 7));
  EXPECT_TRUE(std::ranges::equal(select.blob(2), bytes));
  EXPECT_TRUE(select.is_null(3));
  ASSERT_TRUE(select.step().value());
  EXPECT_EQ(select.text(1), "");
  EXPECT_FALSE(select.is_null(1));
  EXPECT_TRUE(select.blob(2).empty());
  EXPECT_FALSE(select.is_null(2));
  EXPECT_FALSE(select.step().value());
  EXPECT_TRUE(select.step().value()) << "it can be used again";
}

TEST_F(Sqlite, WhatIsBoundIsForgotten) {
  Database database = open();
  Statement select = database.prepare("SELECT ?1").value();
  select.bind(1, "text");
  ASSERT_TRUE(select.step().value());
  select.reset();
  ASSERT_TRUE(select.step().value());
  EXPECT_TRUE(select.is_null(0));
}

TEST_F(Sqlite, UsesAWriteAheadLogThatIsSynced) {
  Database database = open();
  EXPECT_EQ(number(database, "PRAGMA synchronous"), 3);
  EXPECT_EQ(number(database, "PRAGMA secure_delete"), 0);
  Statement mode = database.prepare("PRAGMA journal_mode").value();
  ASSERT_TRUE(mode.step().value());
  EXPECT_EQ(mode.text(0), "wal");
}

TEST_F(Sqlite, LessDurabilityIsAChoice) {
  Database database = open({.durability = Durability::kNormal});
  EXPECT_EQ(number(database, "PRAGMA synchronous"), 1);
}

TEST_F(Sqlite, ATransactionIsWholeOrNothing) {
  Database database = open();
  run(database, "CREATE TABLE t(i INTEGER)");
  {
    const Transaction undone = Transaction::begin(database).value();
    run(database, "INSERT INTO t VALUES (1)");
  }
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 0);
  {
    Transaction done = Transaction::begin(database).value();
    run(database, "INSERT INTO t VALUES (1)");
    ASSERT_TRUE(done.commit());
  }
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 1);
}

TEST_F(Sqlite, ATransactionInATransactionIsRefused) {
  Database database = open();
  const Transaction outer = Transaction::begin(database).value();
  const auto inner = Transaction::begin(database);
  ASSERT_FALSE(inner);
  EXPECT_EQ(inner.error().code, ErrorCode::kInternal);
}

TEST_F(Sqlite, TwoWritersWait) {
  Database one = open(), other = open({.busy_timeout = std::chrono::milliseconds(20)});
  run(one, "CREATE TABLE t(i INTEGER)");
  auto held = std::optional(Transaction::begin(one).value());
  const auto refused = Transaction::begin(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(refused.error().message.contains(path())) << refused.error().message;
  EXPECT_TRUE(refused.error().message.contains("another process")) << refused.error().message;

  Database patient = open();
  std::jthread ends([&held] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    held.reset();
  });
  EXPECT_TRUE(Transaction::begin(patient));
}

TEST_F(Sqlite, WrongSqlIsOurFault) {
  Database database = open();
  EXPECT_EQ(database.prepare("SELECT FROM").error().code, ErrorCode::kInternal);
  EXPECT_EQ(database.run("INSERT INTO nowhere VALUES (1)").error().code, ErrorCode::kInternal);
}

TEST_F(Sqlite, AConstraintIsNamed) {
  Database database = open();
  run(database, "CREATE TABLE t(i INTEGER UNIQUE)");
  Statement insert = database.prepare("INSERT INTO t VALUES (7)").value();
  ASSERT_TRUE(insert.run());
  const auto again = insert.run();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(again.error().message.contains("t.i")) << again.error().message;
  run(database, "DELETE FROM t");
  EXPECT_TRUE(insert.run()) << "it can be used again after an error";
}

TEST_F(Sqlite, AFolderThatIsNotThereIsAnError) {
  const auto database = Database::open(folder_ + "/nowhere/test.db");
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(database.error().message.contains("nowhere/test.db"));
}

TEST_F(Sqlite, ReadingMakesNoFile) {
  const auto database = Database::open(path(), {.is_read_only = true});
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Sqlite, AReaderCannotWrite) {
  Database writer = open();
  run(writer, "CREATE TABLE t(i INTEGER)");
  Database reader = open({.is_read_only = true});
  EXPECT_EQ(number(reader, "SELECT count(*) FROM t"), 0);
  const auto written = reader.run("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(Sqlite, SomethingElseIsNoDatabase) {
  std::ofstream(path()) << std::string(4096, 'x');
  const auto database = Database::open(path());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(database.error().message.contains("backup")) << database.error().message;
}

TEST_F(Sqlite, ADamagedPageIsFound) {
  {
    Database database = open();
    run(database, "CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1);");
    ASSERT_TRUE(database.empty_wal());
  }
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(4096, '\x55');
  file.close();
  Database database = open();
  Statement select = database.prepare("SELECT * FROM t").value();
  const auto row = select.step();
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().code, ErrorCode::kDataLoss);
}

TEST_F(Sqlite, AFullDiskIsNamed) {
  Database database = open();
  run(database, "CREATE TABLE t(s TEXT); PRAGMA max_page_count = 10");
  const auto written = database.run(
      "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
      "INSERT INTO t SELECT printf('%0500d', i) FROM n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 0);
}

TEST_F(Sqlite, APrivateFileIsItsOwnersAlone) {
  Database database = open({.is_private = true});
  run(database, "CREATE TABLE t(i INTEGER)");
  for (const std::string_view name : {"test.db", "test.db-wal", "test.db-shm"}) {
    struct stat seen = {};
    ASSERT_EQ(stat(path(name).c_str(), &seen), 0) << name;
    EXPECT_EQ(seen.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(Sqlite, WaitsForNoPipe) {
  ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
  for (const bool is_read_only : {true, false}) {
    const auto opened = Database::open(path(), {.is_read_only = is_read_only});
    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().message.contains("is no regular file")) << opened.error().message;
  }
}

TEST_F(Sqlite, SecureDeletionLeavesNothing) {
  const auto leaves_it = [this](bool is_secure_delete) {
    Database database = open({.is_secure_delete = is_secure_delete});
    run(database, "CREATE TABLE t(s TEXT); INSERT INTO t VALUES ('first'), ('a secret'), ('last')");
    EXPECT_TRUE(bytes_of(path("test.db-wal")).contains("a secret"));
    run(database, "DELETE FROM t WHERE s = 'a secret'");
    EXPECT_TRUE(database.empty_wal());
    EXPECT_EQ(bytes_of(path("test.db-wal")), "");
    const bool is_left = bytes_of(path()).contains("a secret");
    run(database, "DROP TABLE t");
    return is_left;
  };
  EXPECT_TRUE(leaves_it(false)) << "else the next line says nothing";
  std::filesystem::remove(path());
  EXPECT_FALSE(leaves_it(true));
}

TEST_F(Sqlite, TheWalCannotBeEmptiedUnderAReader) {
  Database writer = open({.busy_timeout = std::chrono::milliseconds(20)}), reader = open();
  run(writer, "CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1), (2)");
  Statement select = reader.prepare("SELECT * FROM t").value();
  ASSERT_TRUE(select.step().value());
  run(writer, "INSERT INTO t VALUES (3)");
  const auto emptied = writer.empty_wal();
  ASSERT_FALSE(emptied);
  EXPECT_EQ(emptied.error().code, ErrorCode::kUnavailable);
  select.reset();
  EXPECT_TRUE(writer.empty_wal());
}

TEST_F(Sqlite, CanBeMoved) {
  Database first = open();
  run(first, "CREATE TABLE t(i INTEGER)");
  Statement insert = first.prepare("INSERT INTO t VALUES (?1)").value();
  Database database = std::move(first);
  insert.bind(1, std::int64_t{4});
  ASSERT_TRUE(insert.run());
  EXPECT_EQ(number(database, "SELECT i FROM t"), 4);
}

}  // namespace
}  // namespace wardlock::storage
