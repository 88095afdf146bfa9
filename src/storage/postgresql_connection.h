#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "storage/parameter.h"
#include "storage/session.h"

struct pg_conn;
struct pg_result;

namespace wardlock::storage {

struct ClearAnswer {
  void operator()(pg_result* answer) const;
};
using PostgresqlAnswer = std::unique_ptr<pg_result, ClearAnswer>;

/// One connection through libpq. For one thread at a time. A server that does not answer for long
/// is taken to be gone.
class PostgresqlConnection {
 public:
  /// Errors: kUnavailable, it cannot be reached, or does not let us in; kInvalidArgument, no URL
  /// that libpq takes; kFailedPrecondition, its database is not UTF-8.
  static Result<PostgresqlConnection> open(const std::string& url,
                                           std::chrono::milliseconds timeout);

  /// One or more statements without parameters; the answer of the last.
  Result<PostgresqlAnswer> run_script(const std::string& sql);
  /// The same, however long it takes.
  Result<PostgresqlAnswer> run_long_script(const std::string& sql);
  /// One statement, compiled when it comes for the first time.
  Result<PostgresqlAnswer> run(std::string_view sql, std::span<const Parameter> parameters);
  /// One statement that is not kept.
  Result<PostgresqlAnswer> run_once(const std::string& sql, std::span<const Parameter> parameters);

  /// Waits until there is a notification or `descriptor` is readable. Error kUnavailable: the
  /// connection broke.
  Result<void> wait_for_notification(int descriptor);

  /// Of the last call that failed, unless it was forgotten.
  Trouble trouble() const { return trouble_; }
  void forget_trouble() { trouble_ = Trouble::kNone; }

 private:
  struct Finish {
    void operator()(pg_conn* handle) const;
  };
  using Handle = std::unique_ptr<pg_conn, Finish>;

  using Deadline = std::chrono::steady_clock::time_point;

  PostgresqlConnection(Handle handle, std::string name, std::chrono::milliseconds timeout);
  Result<void> set_up();
  Deadline deadline() const;
  /// What comes of a statement that libpq was given to send (if it took it).
  Result<PostgresqlAnswer> answer(int is_taken, Deadline deadline);
  Result<void> wait_for_input(Deadline deadline);
  Result<PostgresqlAnswer> checked(PostgresqlAnswer result);
  std::unexpected<Error> failure(const pg_result* result);
  Result<std::string> prepared(std::string_view sql, std::span<const Parameter> parameters);

  Handle handle_;
  std::string name_;
  std::chrono::milliseconds timeout_;
  std::unordered_map<std::string, std::string> prepared_;  // names, by types and SQL
  std::uint64_t next_name_ = 0;
  Trouble trouble_ = Trouble::kNone;
};

}  // namespace wardlock::storage
