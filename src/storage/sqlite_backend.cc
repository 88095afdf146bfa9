#include "storage/sqlite_backend.h"

#include <fmt/format.h>

#include <utility>

#include "storage/file_lock.h"
#include "storage/migrate.h"
#include "storage/sqlite.h"
#include "storage/sqlite_announcer.h"
#include "storage/sqlite_copy.h"
#include "storage/sqlite_session.h"

namespace wardlock::storage {
namespace {

class SqliteBackend : public Backend {
 public:
  SqliteBackend(std::string path, std::chrono::milliseconds busy_timeout, FileLock lock)
      : path_(std::move(path)), busy_timeout_(busy_timeout), lock_(std::move(lock)) {}

  const std::string& name() const override { return path_; }
  bool is_postgresql() const override { return false; }
  std::string sql_of(const Migration& migration) const override {
    return sql_for_sqlite(migration);
  }

  Result<std::unique_ptr<Session>> connect(bool is_writing) const override {
    return std::make_unique<SqliteSession>(
        TRY(Database::open(path_, {
                                      .is_read_only = !is_writing,
                                      .is_private = true,
                                      .is_secure_delete = true,
                                      .busy_timeout = busy_timeout_,
                                  })));
  }

  Result<void> prepare(Session& session) const override {
    auto& database = static_cast<SqliteSession&>(session).database();
    TRY_VOID(check_integrity(database));
    const Rows others =
        TRY(session.query("SELECT count(*) FROM sqlite_schema WHERE NOT EXISTS (SELECT 1 FROM "
                          "sqlite_schema WHERE name "
                          "= 'wardlock_migration')",
                          {}));
    if (others.front().integer(0) != 0) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("the database `{}` is of something else; name another file", path_));
    }
    return session.run_script(sql_for_sqlite(kHistoryTable));
  }

  void announce(const std::set<std::string>& channels) override { announcer_.announce(channels); }

  Result<std::unique_ptr<Listening>> listen(const std::string& channel,
                                            std::function<void()> heard) override {
    return announcer_.listen(path_, channel, std::move(heard));
  }

  Result<void> back_up(const std::string& path) const override {
    const Database database =
        TRY(Database::open(path_, {.is_read_only = true, .busy_timeout = busy_timeout_}));
    return back_up_sqlite(database, path);
  }

 private:
  std::string path_;
  std::chrono::milliseconds busy_timeout_;
  FileLock lock_;
  SqliteAnnouncer announcer_;
};

}  // namespace

Result<std::unique_ptr<Backend>> open_sqlite_backend(const std::string& path,
                                                     std::chrono::milliseconds busy_timeout) {
  FileLock lock = TRY(FileLock::shared(path));
  return std::make_unique<SqliteBackend>(path, busy_timeout, std::move(lock));
}

}  // namespace wardlock::storage
