#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"

namespace wardlock::storage {

enum class DatabaseKind : std::uint8_t { kSqlite, kPostgresql };

/// SQLite, and PostgreSQL where it is tested.
std::vector<DatabaseKind> tested_databases();
std::string name_of(const testing::TestParamInfo<DatabaseKind>& info);

/// A test that runs on each kind of database, with a fresh one.
class OnEachDatabase : public testing::TestWithParam<DatabaseKind> {
 protected:
  OnEachDatabase();
  ~OnEachDatabase() override;

  bool is_postgresql() const { return GetParam() == DatabaseKind::kPostgresql; }
  std::string new_url();
  const std::string& url() const { return url_; }
  const std::string& folder() const { return folder_; }

  Result<std::unique_ptr<Store>> try_open(std::span<const Migration> migrations,
                                          StoreOptions options = {}) const;
  std::unique_ptr<Store> open(std::span<const Migration> migrations,
                              StoreOptions options = {}) const;

 private:
  std::string folder_;
  std::string url_;
  int next_ = 0;
};

// Fails the test where the call fails.
void write(Store& store, const Store::Call& call);
void write(Store& store, std::string_view sql);
/// Of the only column of the only row.
std::int64_t number(const Store& store, std::string_view sql);
std::string text(const Store& store, std::string_view sql);

#define WARDLOCK_ON_EACH_DATABASE(fixture) \
  INSTANTIATE_TEST_SUITE_P(Each, fixture, testing::ValuesIn(tested_databases()), name_of)

}  // namespace wardlock::storage
