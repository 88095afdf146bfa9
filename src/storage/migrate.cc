#include "storage/migrate.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

namespace wardlock::storage {

const Migration kHistoryTable = {
    "history",
    "CREATE TABLE IF NOT EXISTS wardlock_migration(number BIGINT PRIMARY KEY, name TEXT NOT NULL, "
    "checksum TEXT NOT NULL) STRICT"};
const std::string_view kReadHistory =
    "SELECT number, name, checksum FROM wardlock_migration ORDER BY number";

Result<std::size_t> count_applied(const Rows& history, std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const std::string_view name = history[i].text(1);
    if (i >= migrations.size()) {
      return fail(
          ErrorCode::kFailedPrecondition,
          fmt::format("it has migration {}, `{}`, which this version does not know; use the "
                      "newer version that made it, or restore a backup from before it",
                      i + 1, name));
    }
    if (history[i].integer(0) != static_cast<std::int64_t>(i + 1) || name != migrations[i].name ||
        history[i].text(2) != checksum_of(migrations[i])) {
      return fail(
          ErrorCode::kFailedPrecondition,
          fmt::format("its migration {}, `{}`, is not the one of this version, `{}`; use the "
                      "version that made it",
                      history[i].integer(0), name, migrations[i].name));
    }
  }
  return history.size();
}

namespace {

/// Applies the next one, if there is one. Within a transaction.
Result<bool> apply_next(const Backend& backend, Session& session,
                        std::span<const Migration> migrations) {
  const Rows history = TRY(session.query(kReadHistory, {}));
  const auto applied = count_applied(history, migrations);
  if (!applied) {
    return std::unexpected(applied.error().in(fmt::format("the database `{}`", backend.name())));
  }
  if (*applied == migrations.size()) return false;
  const std::size_t number = *applied + 1;
  const Migration& next = migrations[*applied];
  if (const auto done = session.run_script(backend.sql_of(next)); !done) {
    return std::unexpected(done.error().in(fmt::format("migration {}, `{}`", number, next.name)));
  }
  const std::string checksum = checksum_of(next);
  const std::array<Parameter, 3> row = {number, next.name, checksum};
  TRY(session.run("INSERT INTO wardlock_migration VALUES ($1, $2, $3)", row));
  return true;
}

}  // namespace

Result<void> migrate(const Backend& backend, Session& session,
                     std::span<const Migration> migrations) {
  TRY_VOID(backend.prepare(session));
  for (bool is_done = false; !is_done;) {
    TRY_VOID(session.begin_writing(Durability::kFull));
    const auto applied = apply_next(backend, session, migrations);
    if (!applied) {
      session.roll_back();
      return std::unexpected(applied.error());
    }
    TRY_VOID(session.commit());
    is_done = !*applied;
  }
  return {};
}

}  // namespace wardlock::storage
