#include "tables/tables.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "directory/registry/tables.h"
#include "storage/store_for_test.h"

namespace wardlock::tables {
namespace {

using storage::name_of;
using storage::tested_databases;

class TablesTest : public storage::OnEachDatabase {};
WARDLOCK_ON_EACH_DATABASE(TablesTest);

TEST_P(TablesTest, AreMadeAndThenThere) {
  const auto store = open(migrations());
  EXPECT_EQ(storage::number(*store, "SELECT count(*) FROM session"), 0);
  EXPECT_EQ(storage::number(*store, "SELECT count(*) FROM authenticator"), 0);
  EXPECT_TRUE(try_open(migrations()));
}

TEST_P(TablesTest, GoOnFromADatabaseThatHadTheDirectoryAlone) {
  open(directory::migrations()).reset();
  EXPECT_TRUE(try_open(migrations()));
  EXPECT_FALSE(try_open(directory::migrations())) << "an older version does not take it";
}

TEST(Tables, HaveANameEach) {
  std::set<std::string_view> names;
  for (const auto& each : migrations()) EXPECT_TRUE(names.insert(each.name).second) << each.name;
}

}  // namespace
}  // namespace wardlock::tables
