#include "bench/directory/bare_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "directory/registry/tables.h"
#include "storage/migration.h"

namespace wardlock::directory {
namespace {

using Clock = std::chrono::steady_clock;

std::string insertion_into(const Table& table) {
  std::string places = "?";
  for (std::size_t i = 1; i < table.rows.front().size(); ++i) places += ",?";
  return fmt::format("INSERT INTO {} VALUES ({})", table.name, places);
}

}  // namespace

double seconds_of(const std::function<void()>& call) {
  const auto begin = Clock::now();
  call();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Bare::Bare(const std::string& path) {
  CHECK(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA "
      "foreign_keys = ON");
}

void Bare::run(const std::string& sql) {
  CHECK(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

sqlite3_stmt* Bare::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  CHECK(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  return statement;
}

void forget(Table& table) {
  for (auto& row : table.rows) std::ranges::for_each(row, sqlite3_value_free);
  table.rows.clear();
}

void read_new_rows(Bare& database, Table& table) {
  forget(table);
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

void write_again(Bare& database, const std::vector<Table>& tables, std::size_t batches) {
  std::vector<sqlite3_stmt*> statements;
  for (const Table& table : tables) statements.push_back(database.prepare(insertion_into(table)));
  sqlite3_stmt* const revision = database.prepare("UPDATE head SET value = value + 1");
  for (std::size_t batch = 0; batch < batches; ++batch) {
    database.run("BEGIN IMMEDIATE");
    CHECK(sqlite3_step(revision) == SQLITE_DONE);
    sqlite3_reset(revision);
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const auto& rows = tables[i].rows;
      for (std::size_t row = rows.size() * batch / batches;
           row < rows.size() * (batch + 1) / batches; ++row) {
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

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

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

bool report(std::string_view part, std::string_view what, double ours, double theirs,
            std::string_view unit, double ratio, double bound, bool is_most) {
  const bool passed = is_most ? ratio <= bound : ratio >= bound;
  fmt::print("{}: {:<34} {:>9.0f} {}, SQLite itself {:>9.0f}: {:.2f} (at {} {:.2f}){}\n", part,
             what, ours, unit, theirs, ratio, is_most ? "most" : "least", bound,
             passed ? "" : "  TOO SLOW");
  return passed;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool compare_entering(std::string_view part, std::string_view what, const std::string& path,
                      const std::string& again,
                      const std::function<std::function<void()>(int first)>& prepare) {
  std::vector<Table> tables = {{"thing"}, {"identifier"}, {"attribute"}, {"outbox"}, {"change"}};
  Bare written(path), bare(again);
  for (const storage::Migration& migration : migrations()) {
    bare.run(storage::sql_for_sqlite(migration));
  }
  std::vector<double> ours, theirs;
  for (int first = 0; first < kBenchPeople; first += kPeopleInRound) {
    const std::function<void()> enter = prepare(first);
    ours.push_back(seconds_of(enter));
    for (Table& table : tables) read_new_rows(written, table);
    theirs.push_back(
        seconds_of([&] { write_again(bare, tables, kPeopleInRound / kPeopleAtOnce); }));
  }
  for (Table& table : tables) forget(table);
  const double a = median(ours), b = median(theirs);
  return report(part, what, kPeopleInRound / a, kPeopleInRound / b, "/s", b / a, 0.5, false);
}

bool compare_asking(std::string_view part, const std::vector<BothWays>& questions) {
  constexpr int kTurns = 300;
  bool is_good = true;
  for (const BothWays& question : questions) {
    std::vector<double> ours, theirs;
    for (int i = 0; i < kTurns; ++i) {
      std::size_t found = 0, expected = 0;
      ours.push_back(seconds_of([&] { found = question.ours(); }));
      theirs.push_back(seconds_of([&] { expected = question.theirs(); }));
      CHECK(found == expected && found != 0);
    }
    const double a = median(ours), b = median(theirs);
    is_good = report(part, question.name, a * 1e6, b * 1e6, "us", a / b, 2, true) && is_good;
  }
  return is_good;
}

}  // namespace wardlock::directory
