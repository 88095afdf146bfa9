#include "storage/store_for_test.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "storage/postgresql_for_test.h"

namespace wardlock::storage {

std::vector<DatabaseKind> tested_databases() {
  if (is_postgresql_tested()) return {DatabaseKind::kSqlite, DatabaseKind::kPostgresql};
  return {DatabaseKind::kSqlite};
}

std::string name_of(const testing::TestParamInfo<DatabaseKind>& info) {
  return info.param == DatabaseKind::kSqlite ? "Sqlite" : "Postgresql";
}

OnEachDatabase::OnEachDatabase() {
  std::string name = "/tmp/wardlock-store-XXXXXX";
  folder_ = mkdtemp(name.data());
  url_ = new_url();
}

OnEachDatabase::~OnEachDatabase() { std::filesystem::remove_all(folder_); }

std::string OnEachDatabase::new_url() {
  if (is_postgresql()) return shared_postgresql().new_database();
  return "sqlite:" + folder_ + "/" + std::to_string(next_++) + ".db";
}

Result<std::unique_ptr<Store>> OnEachDatabase::try_open(std::span<const Migration> migrations,
                                                        StoreOptions options) const {
  if (options.url.empty()) options.url = url_;
  return Store::open(options, migrations);
}

std::unique_ptr<Store> OnEachDatabase::open(std::span<const Migration> migrations,
                                            StoreOptions options) const {
  auto store = try_open(migrations, std::move(options));
  EXPECT_TRUE(store) << store.error().message;
  return store ? *std::move(store) : nullptr;
}

void write(Store& store, const Store::Call& call) {
  const auto written = store.write(call);
  ASSERT_TRUE(written) << written.error().message;
}

void write(Store& store, std::string_view sql) {
  write(store, [sql](Work& work) -> Result<void> {
    TRY(work.run(sql));
    return {};
  });
}

namespace {

Rows only_row(const Store& store, std::string_view sql) {
  Rows rows(1);
  const auto read = store.read([&](Work& work) -> Result<void> {
    rows = TRY(work.query(sql));
    return {};
  });
  EXPECT_TRUE(read) << read.error().message;
  EXPECT_EQ(rows.size(), 1U) << sql;
  return rows;
}

}  // namespace

std::int64_t number(const Store& store, std::string_view sql) {
  const Rows rows = only_row(store, sql);
  return rows.empty() ? -1 : rows.front().integer(0);
}

std::string text(const Store& store, std::string_view sql) {
  const Rows rows = only_row(store, sql);
  return rows.empty() ? "" : std::string(rows.front().text(0));
}

}  // namespace wardlock::storage
