#include "storage/migration.h"

#include <gtest/gtest.h>

namespace wardlock::storage {
namespace {

TEST(Migration, IsOneTextForBothDatabases) {
  constexpr Migration kMigration{
      "things", "CREATE TABLE thing(id TEXT PRIMARY KEY, seq BIGINT, key BYTES) STRICT"};
  EXPECT_EQ(sql_for_sqlite(kMigration),
            "CREATE TABLE thing(id TEXT PRIMARY KEY, seq INTEGER, key BLOB) STRICT");
  EXPECT_EQ(sql_for_postgresql(kMigration),
            "CREATE TABLE thing(id TEXT COLLATE \"C\" PRIMARY KEY, seq BIGINT, key BYTEA) ");
}

TEST(Migration, OnlyWholeWordsOutsideOfQuotesAreReplaced) {
  for (const std::string_view sql :
       {"INSERT INTO t VALUES ('BYTES it''s TEXT')", "SELECT \"BYTES\" FROM t -- BYTES\n",
        "SELECT 1 /* BYTES */", "SELECT bytes, BYTES_2, MYBYTES FROM t", "SELECT 'open BYTES",
        "-- BYTES to the end", "/* BYTES to the end"}) {
    EXPECT_EQ(sql_for_sqlite({"test", sql}), sql);
    EXPECT_EQ(sql_for_postgresql({"test", sql}), sql);
  }
  EXPECT_EQ(sql_for_postgresql({"test", "'a'BYTES/*b*/BYTES"}), "'a'BYTEA/*b*/BYTEA");
}

TEST(Migration, PostgresqlMayHaveATextOfItsOwn) {
  constexpr Migration kMigration{"index", "CREATE INDEX a ON t(b TEXT)", "CREATE INDEX TEXT"};
  EXPECT_EQ(sql_for_sqlite(kMigration), "CREATE INDEX a ON t(b TEXT)");
  EXPECT_EQ(sql_for_postgresql(kMigration), "CREATE INDEX TEXT");
}

TEST(Migration, AnyChangeShowsInItsChecksum) {
  const std::string whole = checksum_of({"a", "CREATE TABLE t(i BIGINT) STRICT"});
  EXPECT_EQ(whole.size(), 64U);
  EXPECT_EQ(checksum_of({"b", "CREATE TABLE t(i BIGINT) STRICT"}), whole)
      << "its name is kept beside it";
  EXPECT_NE(checksum_of({"a", "CREATE TABLE t(i BIGINT) STRICT "}), whole);
  EXPECT_NE(checksum_of({"a", "CREATE TABLE t(i BIGINT) STRICT", "x"}), whole);
  EXPECT_NE(checksum_of({"a", "ab", "c"}), checksum_of({"a", "a", "bc"}));
}

}  // namespace
}  // namespace wardlock::storage
