#pragma once

#include <sys/types.h>

#include <string>

namespace wardlock::storage {

/// A PostgreSQL server of our own, in a folder of its own, on a socket there; gone with this, and
/// with the process that started it. Aborts where Debian's package is not there.
class PostgresqlForTest {
 public:
  PostgresqlForTest();
  ~PostgresqlForTest();
  PostgresqlForTest(const PostgresqlForTest&) = delete;
  PostgresqlForTest& operator=(const PostgresqlForTest&) = delete;

  /// The URL of a database that is there (`postgres` always is).
  std::string url(const std::string& database) const;
  /// The URL of a new, empty database. `settings` go behind `CREATE DATABASE NAME`.
  std::string new_database(const std::string& settings = "");

  /// `kill -9` of the server and all its processes.
  void kill();
  /// All of it stands still, without a word, or goes on.
  void freeze();
  void thaw();
  /// Again, with the same data, unless it is running.
  void start();

 private:
  std::string folder_;
  pid_t process_ = -1;
  int next_database_ = 0;
};

/// Whether tests are to run on PostgreSQL as well: WARDLOCK_TEST_POSTGRESQL is set.
bool is_postgresql_tested();

/// One server for all tests of the process, started when it is first asked for.
PostgresqlForTest& shared_postgresql();

}  // namespace wardlock::storage
