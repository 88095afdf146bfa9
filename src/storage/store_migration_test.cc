#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "storage/store.h"
#include "storage/store_for_test.h"

namespace wardlock::storage {
namespace {

constexpr Migration kFirst = {"first", "CREATE TABLE t(i BIGINT) STRICT"};
constexpr Migration kSecond = {"second",
                               "ALTER TABLE t ADD COLUMN s TEXT; INSERT INTO t(i) VALUES (1)"};
constexpr std::array<Migration, 1> kOld = {kFirst};
constexpr std::array<Migration, 2> kNew = {kFirst, kSecond};

class StoreMigration : public OnEachDatabase {
 protected:
  Error refused(std::span<const Migration> migrations) {
    const auto opened = try_open(migrations);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
};
WARDLOCK_ON_EACH_DATABASE(StoreMigration);

TEST_P(StoreMigration, EachIsAppliedOnce) {
  for (int i = 0; i < 2; ++i) {
    const std::unique_ptr<Store> store = open(kNew);
    EXPECT_EQ(number(*store, "SELECT count(*) FROM t"), 1);
    EXPECT_EQ(number(*store, "SELECT count(*) FROM wardlock_migration"), 2);
  }
}

TEST_P(StoreMigration, WhatIsLackingIsApplied) {
  write(*open(kOld), "INSERT INTO t VALUES (7)");
  const std::unique_ptr<Store> store = open(kNew);
  EXPECT_EQ(number(*store, "SELECT sum(i) = 8 FROM t"), 1);
  EXPECT_EQ(text(*store, "SELECT name FROM wardlock_migration WHERE number = 2"), "second");
}

TEST_P(StoreMigration, ANewerDatabaseIsLeftAlone) {
  open(kNew);
  const Error error = refused(kOld);
  EXPECT_EQ(error.code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(error.message.contains("`second`")) << error.message;
  EXPECT_TRUE(error.message.contains("newer version")) << error.message;
}

TEST_P(StoreMigration, OneThatWasChangedIsNoticed) {
  open(kOld);
  constexpr Migration kChanged = {"first", "CREATE TABLE t(i BIGINT NOT NULL) STRICT"};
  constexpr Migration kRenamed = {"erste", "CREATE TABLE t(i BIGINT) STRICT"};
  constexpr Migration kOther = {"first", "CREATE TABLE t(i BIGINT) STRICT",
                                "CREATE TABLE t(i BIGINT)"};
  for (const Migration& migration : {kChanged, kRenamed, kOther, kSecond}) {
    const std::array<Migration, 1> migrations = {migration};
    EXPECT_EQ(refused(migrations).code, ErrorCode::kFailedPrecondition);
  }
  EXPECT_TRUE(open(kOld));
}

TEST_P(StoreMigration, OneThatFailsLeavesNothing) {
  constexpr Migration kWrong = {"wrong",
                                "CREATE TABLE u(i BIGINT) STRICT; INSERT INTO nowhere VALUES (1)"};
  const std::array<Migration, 2> migrations = {kFirst, kWrong};
  const Error error = refused(migrations);
  EXPECT_EQ(error.code, ErrorCode::kInternal);
  EXPECT_TRUE(error.message.contains("migration 2, `wrong`")) << error.message;
  const std::unique_ptr<Store> store = open(kOld);
  write(*store, "CREATE TABLE u(i TEXT)");
  EXPECT_EQ(number(*store, "SELECT count(*) FROM wardlock_migration"), 1);
}

TEST_P(StoreMigration, ManyMayOpenItAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([this] { EXPECT_TRUE(open(kNew)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(number(*open(kNew), "SELECT count(*) FROM t"), 1);
}

}  // namespace
}  // namespace wardlock::storage
