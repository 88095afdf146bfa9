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

/// The wall clock, in milliseconds since the epoch.
std::int64_t now_ms();

// What the registry and SCIM are compared in, both alike.

inline constexpr std::string_view kBenchTenant = "st-mary";
inline constexpr int kBenchPeople = 100'000;
inline constexpr int kPeopleInRound = 10'000;
inline constexpr int kPeopleAtOnce = 100;  ///< in a transaction

/// Enters people in rounds, and after each writes the very rows that came of it again, as many in
/// each transaction, through SQLite's own interface into the file `again`. In turns, so that the
/// disk is as quick for one as for the other. `prepare` is given the number of a round's first
/// person, and returns what enters them, which alone is timed. At least half as fast.
bool compare_entering(std::string_view part, std::string_view what, const std::string& path,
                      const std::string& again,
                      const std::function<std::function<void()>(int first)>& prepare);

/// One question both ways; each returns how many it found.
struct BothWays {
  std::string_view name;
  std::function<std::size_t()> ours;
  std::function<std::size_t()> theirs;
};
/// Asks each in turns. In at most twice the time.
bool compare_asking(std::string_view part, const std::vector<BothWays>& questions);

}  // namespace wardlock::directory
