#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wardlock::directory {

// The directory's tables without the directory: what its parts are compared with.

double seconds_of(const std::function<void()>& call);
double median(std::vector<double> values);

/// Prints a figure of `part` beside SQLite's; whether the ratio keeps its bound.
bool report(std::string_view part, std::string_view what, double ours, double theirs,
            std::string_view unit, double ratio, double bound, bool is_most);

/// One connection of SQLite's own, with the settings of the store.
class Bare {
 public:
  explicit Bare(const std::string& path);
  ~Bare() { sqlite3_close(handle_); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void run(const std::string& sql);
  sqlite3_stmt* prepare(const std::string& sql);

 private:
  sqlite3* handle_ = nullptr;
};

/// A table, and the rows of it that were written in the last round, in their order.
struct Table {
  std::string name;
  std::vector<std::vector<sqlite3_value*>> rows = {};
  std::int64_t last_row = 0;
};

void read_new_rows(Bare& database, Table& table);
void forget(Table& table);
/// The same rows, in so many transactions.
void write_again(Bare& database, const std::vector<Table>& tables, std::size_t batches);

/// A thing as SQLite has it.
struct BareThing {
  std::string id, kind, state;
  std::int64_t version = 0, created_ms = 0, changed_ms = 0;
  std::string document;
};
std::vector<BareThing> ask(Bare& database, const std::string& sql);

}  // namespace wardlock::directory
