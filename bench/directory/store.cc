#include "storage/store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "bench/directory/parts.h"

// The same rows, in the same order, through the store and through SQLite's own interface, in turns:
// the machine's disk is as quick for one as for the other.

namespace wardlock::directory {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRows = 100'000;
constexpr int kRowsAtOnce = 100;
constexpr int kRounds = 3;
constexpr std::string_view kTable =
    "CREATE TABLE identifier(tenant TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, thing "
    "TEXT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (tenant, type, value)) STRICT";
constexpr std::string_view kInsert = "INSERT INTO identifier VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kFind =
    "SELECT thing, seq FROM identifier WHERE tenant = $1 AND type = $2 AND value = $3";
constexpr std::string_view kAll = "SELECT value, thing, seq FROM identifier";
constexpr std::string_view kTenant = "hospital", kType = "user_name",
                           kThing = "018f5b1e-7a3c-7def-8123-456789abcdef";

std::string value_of(int row) { return fmt::format("user-{}-{}", row * 7919LL % 1000003, row); }

/// What is timed, on a database of its own.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual void insert() = 0;
  virtual void find() = 0;
  virtual void read_all() = 0;
};

class Bare : public Subject {
 public:
  explicit Bare(const std::string& path) {
    CHECK(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA "
        "foreign_keys = ON");
    run(storage::sql_for_sqlite({"table", kTable}));
  }
  ~Bare() override { sqlite3_close(handle_); }

  void insert() override {
    sqlite3_stmt* const statement = prepare(kInsert);
    for (int first = 0; first < kRows; first += kRowsAtOnce) {
      run("BEGIN IMMEDIATE");
      for (int row = first; row < first + kRowsAtOnce; ++row) {
        const std::string value = value_of(row);
        bind(statement, 1, kTenant);
        bind(statement, 2, kType);
        bind(statement, 3, value);
        bind(statement, 4, kThing);
        sqlite3_bind_int64(statement, 5, row);
        CHECK(sqlite3_step(statement) == SQLITE_DONE);
        sqlite3_reset(statement);
      }
      run("COMMIT");
    }
    sqlite3_finalize(statement);
  }

  void find() override {
    sqlite3_stmt* const statement = prepare(kFind);
    run("BEGIN");
    for (int row = 0; row < kRows; ++row) {
      const std::string value = value_of(row);
      bind(statement, 1, kTenant);
      bind(statement, 2, kType);
      bind(statement, 3, value);
      CHECK(sqlite3_step(statement) == SQLITE_ROW);
      const std::string thing = text(statement, 0);
      CHECK(thing == kThing && sqlite3_column_int64(statement, 1) == row);
      sqlite3_reset(statement);
    }
    run("COMMIT");
    sqlite3_finalize(statement);
  }

  void read_all() override {
    sqlite3_stmt* const statement = prepare(kAll);
    std::int64_t sum = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const std::string value = text(statement, 0), thing = text(statement, 1);
      CHECK(!value.empty() && !thing.empty());
      sum += sqlite3_column_int64(statement, 2);
    }
    CHECK(sum == std::int64_t{kRows} * (kRows - 1) / 2);
    sqlite3_finalize(statement);
  }

 private:
  void run(const std::string& sql) {
    CHECK(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  sqlite3_stmt* prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    CHECK(sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement,
                             nullptr) == SQLITE_OK);
    return statement;
  }
  static void bind(sqlite3_stmt* statement, int place, std::string_view value) {
    sqlite3_bind_text64(statement, place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  static std::string text(sqlite3_stmt* statement, int column) {
    const auto* const begin = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return {begin, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
  }

  sqlite3* handle_ = nullptr;
};

class Ours : public Subject {
 public:
  explicit Ours(std::unique_ptr<storage::Store> store) : store_(std::move(store)) {}

  void insert() override {
    for (int first = 0; first < kRows; first += kRowsAtOnce) {
      CHECK(store_->write([first](storage::Work& work) -> Result<void> {
        for (int row = first; row < first + kRowsAtOnce; ++row) {
          TRY(work.run(kInsert, kTenant, kType, value_of(row), kThing, row));
        }
        return {};
      }));
    }
  }

  void find() override {
    CHECK(store_->read([](storage::Work& work) -> Result<void> {
      for (int row = 0; row < kRows; ++row) {
        const storage::Rows found = TRY(work.query(kFind, kTenant, kType, value_of(row)));
        CHECK(found.front().text(0) == kThing && found.front().integer(1) == row);
      }
      return {};
    }));
  }

  void read_all() override {
    CHECK(store_->read([](storage::Work& work) -> Result<void> {
      std::int64_t sum = 0;
      const auto visited = work.each(kAll, {}, [&sum](storage::Row row) -> Result<void> {
        const std::string value(row.text(0)), thing(row.text(1));
        CHECK(!value.empty() && !thing.empty());
        sum += row.integer(2);
        return {};
      });
      CHECK(sum == std::int64_t{kRows} * (kRows - 1) / 2);
      return visited;
    }));
  }

 private:
  std::unique_ptr<storage::Store> store_;
};

struct Task {
  std::string_view name;
  void (Subject::*run)();
  double least;  ///< of the comparator's speed
};

constexpr std::array<Task, 3> kTasks{{
    {"write 100,000 rows by 100", &Subject::insert, 0.8},
    {"find one row, 100,000 times", &Subject::find, 0.5},
    {"read 100,000 rows", &Subject::read_all, 0.5},
}};

double rows_a_second(Subject& subject, const Task& task) {
  const auto begin = Clock::now();
  (subject.*task.run)();
  return kRows / std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

Result<bool> bench_store(const std::string& folder) {
  constexpr std::array<storage::Migration, 1> kMigrations{{{"table", kTable}}};
  std::array<std::vector<double>, kTasks.size()> ours, bare;
  for (int round = 0; round < kRounds; ++round) {
    Bare comparator(fmt::format("{}/bare-{}.db", folder, round));
    Ours subject(TRY(storage::Store::open(
        {.url = fmt::format("sqlite:{}/ours-{}.db", folder, round)}, kMigrations)));
    for (std::size_t i = 0; i < kTasks.size(); ++i) {
      ours[i].push_back(rows_a_second(subject, kTasks[i]));
      bare[i].push_back(rows_a_second(comparator, kTasks[i]));
    }
  }
  bool all_passed = true;
  for (std::size_t i = 0; i < kTasks.size(); ++i) {
    const double a = median(ours[i]), b = median(bare[i]);
    const bool passed = a >= kTasks[i].least * b;
    all_passed = all_passed && passed;
    fmt::print(
        "store: {:<28} {:>10.0f}/s, SQLite itself {:>10.0f}/s: {:>4.0f} % (at least {:.0f} %){}\n",
        kTasks[i].name, a, b, 100 * a / b, 100 * kTasks[i].least, passed ? "" : "  TOO SLOW");
  }
  return all_passed;
}

}  // namespace wardlock::directory
