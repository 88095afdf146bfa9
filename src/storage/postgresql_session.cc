#include "storage/postgresql_session.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <string_view>

#include "storage/postgresql_values.h"

namespace wardlock::storage {
namespace {

constexpr int kFetchedAtOnce = 1000;

std::uint64_t changed_rows(PGresult* answer) {
  const std::string_view text = PQcmdTuples(answer);
  std::uint64_t rows = 0;  // where nothing is said
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

}  // namespace

Result<void> PostgresqlSession::begin_reading() {
  connection_.forget_trouble();
  TRY(connection_.run_script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  return {};
}

Result<void> PostgresqlSession::begin_writing(Durability durability) {
  connection_.forget_trouble();
  // The lock comes before what is read: what others committed while it was waited for is seen.
  std::string script =
      "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE wardlock_migration IN EXCLUSIVE MODE";
  if (durability == Durability::kNormal) script += "; SET LOCAL synchronous_commit = off";
  TRY(connection_.run_script(script));
  return {};
}

Result<void> PostgresqlSession::commit() {
  const PostgresqlAnswer answer = TRY(connection_.run_script("COMMIT"));
  // A transaction that failed is undone by it, without an error.
  if (std::string_view(PQcmdStatus(answer.get())) == "COMMIT") return {};
  return fail(ErrorCode::kInternal, "a transaction that had failed was to be committed");
}

void PostgresqlSession::roll_back() {
  // Where it fails, the connection is gone, and so is the transaction.
  [[maybe_unused]] const auto undone = connection_.run_script("ROLLBACK");
}

Result<std::uint64_t> PostgresqlSession::run(std::string_view sql,
                                             std::span<const Parameter> parameters) {
  const PostgresqlAnswer answer = TRY(connection_.run(sql, parameters));
  return changed_rows(answer.get());
}

Result<Rows> PostgresqlSession::query(std::string_view sql, std::span<const Parameter> parameters) {
  const PostgresqlAnswer answer = TRY(connection_.run(sql, parameters));
  Rows rows(static_cast<std::size_t>(PQnfields(answer.get())));
  TRY_VOID(add_rows(answer.get(), rows));
  return rows;
}

Result<void> PostgresqlSession::each(std::string_view sql, std::span<const Parameter> parameters,
                                     const std::function<Result<void>(Row)>& visit) {
  const std::string cursor = fmt::format("each_{}", next_cursor_++);
  TRY(connection_.run_once(fmt::format("DECLARE {} NO SCROLL CURSOR FOR {}", cursor, sql),
                           parameters));
  const std::string fetch = fmt::format("FETCH {} FROM {}", kFetchedAtOnce, cursor);
  for (bool is_end = false; !is_end;) {
    const PostgresqlAnswer answer = TRY(connection_.run_once(fetch, {}));
    Rows rows(static_cast<std::size_t>(PQnfields(answer.get())));
    TRY_VOID(add_rows(answer.get(), rows));
    for (const Row row : rows) TRY_VOID(visit(row));
    is_end = rows.size() < kFetchedAtOnce;
  }
  TRY(connection_.run_once(fmt::format("CLOSE {}", cursor), {}));
  return {};
}

Result<void> PostgresqlSession::run_script(const std::string& sql) {
  TRY(connection_.run_long_script(sql));
  return {};
}

Result<void> PostgresqlSession::notify(const std::set<std::string>& channels) {
  for (const std::string& channel : channels) {
    const std::array<Parameter, 1> parameters = {channel};
    TRY(connection_.run("SELECT CAST(pg_notify($1, '') AS TEXT)", parameters));
  }
  return {};
}

}  // namespace wardlock::storage
