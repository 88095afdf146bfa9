#include "directory/registry/registry.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "bench/directory/parts.h"
#include "crypto/random.h"
#include "directory/registry/tables.h"

// People are entered through the registry; then what it wrote is read back, and written again
// through SQLite's own interface: the same rows, as many in each transaction. Lists are asked of
// one file, both ways.

namespace wardlock::directory {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPeople = 100'000;
constexpr int kPeopleInRound = 10'000;
constexpr int kPeopleAtOnce = 100;
constexpr int kQuestions = 300;
constexpr int kPageSize = 100;
constexpr std::string_view kTenant = "st-mary";

double seconds_of(const std::function<void()>& call) {
  const auto begin = Clock::now();
  call();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

codec::Json person(int number) {
  return boost::json::object{
      {"userName", fmt::format("user-{}", number)},
      {"displayName", fmt::format("Dr. Person {}", number)},
      {"name", {{"familyName", fmt::format("Family {}", number % 1000)}, {"givenName", "Person"}}},
      {"title", number % 7 == 0 ? "Chief physician" : "Nurse"},
      {"emails", {{{"value", fmt::format("user-{}@st-mary.example", number)}, {"type", "work"}}}}};
}

/// One connection of SQLite's own.
class Bare {
 public:
  explicit Bare(const std::string& path) {
    CHECK(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA "
        "foreign_keys = ON");
  }
  ~Bare() { sqlite3_close(handle_); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void run(const std::string& sql) {
    CHECK(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    CHECK(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    return statement;
  }

 private:
  sqlite3* handle_ = nullptr;
};

/// A table, and the rows of it that were written in the last round, in their order.
struct Table {
  std::string name;
  std::vector<std::vector<sqlite3_value*>> rows = {};
  std::int64_t last_row = 0;
};

void read_new_rows(Bare& database, Table& table) {
  for (auto& row : table.rows) std::ranges::for_each(row, sqlite3_value_free);
  table.rows.clear();
  sqlite3_stmt* const statement = database.prepare(fmt::format(
      "SELECT rowid, * FROM {} WHERE rowid > {} ORDER BY rowid", table.name, table.last_row));
  while (sqlite3_step(statement) == SQLITE_ROW) {
    table.last_row = sqlite3_column_int64(statement, 0);
    auto& row = table.rows.emplace_back();
    for (int i = 1; i < sqlite3_column_count(statement); ++i) {
      row.push_back(sqlite3_value_dup(sqlite3_column_value(statement, i)));
    }
  }
  sqlite3_finalize(statement);
}

std::string insertion_into(const Table& table) {
  std::string places = "?";
  for (std::size_t i = 1; i < table.rows.front().size(); ++i) places += ",?";
  return fmt::format("INSERT INTO {} VALUES ({})", table.name, places);
}

void write_again(Bare& database, const std::vector<Table>& tables) {
  std::vector<sqlite3_stmt*> statements;
  for (const Table& table : tables) statements.push_back(database.prepare(insertion_into(table)));
  sqlite3_stmt* const revision = database.prepare("UPDATE head SET value = value + 1");
  constexpr std::size_t kBatches = kPeopleInRound / kPeopleAtOnce;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    database.run("BEGIN IMMEDIATE");
    CHECK(sqlite3_step(revision) == SQLITE_DONE);
    sqlite3_reset(revision);
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const auto& rows = tables[i].rows;
      for (std::size_t row = rows.size() * batch / kBatches;
           row < rows.size() * (batch + 1) / kBatches; ++row) {
        for (std::size_t column = 0; column < rows[row].size(); ++column) {
          sqlite3_bind_value(statements[i], static_cast<int>(column) + 1, rows[row][column]);
        }
        CHECK(sqlite3_step(statements[i]) == SQLITE_DONE);
        sqlite3_reset(statements[i]);
      }
    }
    database.run("COMMIT");
  }
  for (sqlite3_stmt* const statement : statements) sqlite3_finalize(statement);
  sqlite3_finalize(revision);
}

void enter_people(Registry& registry, int begin) {
  const Mandate mandate{
      .tenant = std::string(kTenant), .actor_type = "Service", .actor_id = "scim"};
  for (int first = begin; first < begin + kPeopleInRound; first += kPeopleAtOnce) {
    CHECK(registry.write(mandate, [first](Edit& edit) -> Result<void> {
      for (int i = first; i < first + kPeopleAtOnce; ++i) {
        TRY_VOID(edit.create(Kind::kPerson, person(i), "active"));
      }
      return {};
    }));
  }
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

bool report(std::string_view what, double ours, double theirs, std::string_view unit, double ratio,
            double bound, bool is_most) {
  const bool passed = is_most ? ratio <= bound : ratio >= bound;
  fmt::print("registry: {:<34} {:>9.0f} {}, SQLite itself {:>9.0f}: {:.2f} (at {} {:.2f}){}\n",
             what, ours, unit, theirs, ratio, is_most ? "most" : "least", bound,
             passed ? "" : "  TOO SLOW");
  return passed;
}

/// In turns, so that the disk is as quick for one as for the other.
bool compare_writing(Registry& registry, const std::string& path, const std::string& again) {
  std::vector<Table> tables = {{"thing"}, {"identifier"}, {"attribute"}, {"outbox"}, {"change"}};
  Bare written(path), bare(again);
  for (const storage::Migration& migration : migrations()) {
    bare.run(storage::sql_for_sqlite(migration));
  }
  std::vector<double> ours, theirs;
  for (int first = 0; first < kPeople; first += kPeopleInRound) {
    ours.push_back(seconds_of([&] { enter_people(registry, first); }));
    for (Table& table : tables) read_new_rows(written, table);
    theirs.push_back(seconds_of([&] { write_again(bare, tables); }));
  }
  for (Table& table : tables) {
    for (auto& row : table.rows) std::ranges::for_each(row, sqlite3_value_free);
  }
  const double a = median(ours), b = median(theirs);
  return report("enter 100,000 people by 100", kPeopleInRound / a, kPeopleInRound / b, "/s", b / a,
                0.5, false);
}

/// A question, as the registry is asked it and as one would ask SQLite.
struct Question {
  std::string_view name;
  Query query;
  std::string sql;
};

std::vector<Question> questions() {
  const auto where = [](std::string_view path, Comparison comparison, std::string_view value) {
    return Filter{.parts = {Condition{std::string(path), comparison, std::string(value)}}};
  };
  constexpr std::string_view kSelect =
      "SELECT t.id, t.kind, t.state, t.version, t.created_ms, t.changed_ms, t.document FROM "
      "attribute a "
      "JOIN thing t ON t.id = a.thing WHERE a.tenant = 'st-mary' AND a.kind = 'person' AND ";
  return {
      {"100 people by family name",
       {.filter = where("name.familyName", Comparison::kEqual, "Family 7"), .count = kPageSize},
       fmt::format("{} a.name = 'name.familyName' AND a.value = 'family 7' ORDER BY t.id LIMIT 100",
                   kSelect)},
      {"10 people by the start of a name",
       {.filter = where("userName", Comparison::kStartsWith, "user-4242"), .count = kPageSize},
       fmt::format("{} a.name = 'userName' AND a.value >= 'user-4242' AND a.value < 'user-4243' "
                   "ORDER BY t.id LIMIT 100",
                   kSelect)},
      {"the first 100 people by family name",
       {.sort_by = "name.familyName", .count = kPageSize},
       fmt::format(
           "{} a.name = 'name.familyName' AND a.value IS NOT NULL ORDER BY a.value, a.thing "
           "LIMIT 100",
           kSelect)},
  };
}

/// A thing as SQLite has it.
struct BareThing {
  std::string id, kind, state;
  std::int64_t version = 0, created_ms = 0, changed_ms = 0;
  std::string document;
};

std::vector<BareThing> ask(Bare& database, const std::string& sql) {
  std::vector<BareThing> found;
  sqlite3_stmt* const statement = database.prepare(sql);
  const auto text = [statement](int column) {
    const auto* const begin = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return std::string(begin, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  };
  while (sqlite3_step(statement) == SQLITE_ROW) {
    found.push_back({.id = text(0),
                     .kind = text(1),
                     .state = text(2),
                     .version = sqlite3_column_int64(statement, 3),
                     .created_ms = sqlite3_column_int64(statement, 4),
                     .changed_ms = sqlite3_column_int64(statement, 5),
                     .document = text(6)});
  }
  sqlite3_finalize(statement);
  return found;
}

bool compare_lists(const Registry& registry, const std::string& path) {
  Bare bare(path);
  bool is_good = true;
  for (const Question& question : questions()) {
    std::vector<double> ours, theirs;
    for (int i = 0; i < kQuestions; ++i) {
      std::size_t found = 0, expected = 0;
      ours.push_back(seconds_of([&] {
        const auto page = registry.list(kTenant, Kind::kPerson, question.query);
        CHECK(page);
        found = page->things.size();
      }));
      theirs.push_back(seconds_of([&] { expected = ask(bare, question.sql).size(); }));
      CHECK(found == expected && found != 0);
    }
    const double a = median(ours), b = median(theirs);
    is_good = report(question.name, a * 1e6, b * 1e6, "us", a / b, 2, true) && is_good;
  }
  return is_good;
}

}  // namespace

Result<bool> bench_registry(const std::string& folder) {
  const std::string path = folder + "/registry.db";
  const auto store = TRY(storage::Store::open({.url = "sqlite:" + path}, migrations()));
  Registry registry(*store,
                    {.clock = now_ms, .fill_random = crypto::fill_random, .node = "node-1"});
  const bool writes = compare_writing(registry, path, folder + "/bare.db");
  const bool lists = compare_lists(registry, path);
  return writes && lists;
}

}  // namespace wardlock::directory
