#include "storage/postgresql_backend.h"

#include <fmt/format.h>

#include <utility>

#include "storage/migrate.h"
#include "storage/postgresql_connection.h"
#include "storage/postgresql_listening.h"
#include "storage/postgresql_session.h"
#include "storage/postgresql_url.h"

namespace wardlock::storage {
namespace {

class PostgresqlBackend : public Backend {
 public:
  PostgresqlBackend(std::string url, std::string name, std::chrono::milliseconds busy_timeout)
      : url_(std::move(url)), name_(std::move(name)), busy_timeout_(busy_timeout) {}

  const std::string& name() const override { return name_; }
  bool is_postgresql() const override { return true; }
  std::string sql_of(const Migration& migration) const override {
    return sql_for_postgresql(migration);
  }

  Result<std::unique_ptr<Session>> connect(bool) const override {
    return std::make_unique<PostgresqlSession>(
        TRY(PostgresqlConnection::open(url_, busy_timeout_)));
  }

  Result<void> prepare(Session& session) const override {
    // Two that make a table of the same name at once would fail, `IF NOT EXISTS` or not. The number
    // is "wardlock" in ASCII.
    return session.run_script(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({}); {}; COMMIT",
                                          0x776172646c6f636b, sql_for_postgresql(kHistoryTable)));
  }

  void announce(const std::set<std::string>&) override {}

  Result<std::unique_ptr<Listening>> listen(const std::string& channel,
                                            std::function<void()> heard) override {
    return listen_to_postgresql(url_, busy_timeout_, channel, std::move(heard));
  }

  Result<void> back_up(const std::string&) const override {
    return fail(ErrorCode::kUnimplemented,
                fmt::format("the database `{}` is backed up with PostgreSQL's own tools, while "
                            "Wardlock runs: `pg_dump --format=custom`",
                            name_));
  }

 private:
  std::string url_;
  std::string name_;
  std::chrono::milliseconds busy_timeout_;
};

}  // namespace

Result<std::unique_ptr<Backend>> open_postgresql_backend(const std::string& url,
                                                         std::chrono::milliseconds busy_timeout) {
  PostgresqlUrl parsed = TRY(parse_postgresql_url(url));
  return std::make_unique<PostgresqlBackend>(url, std::move(parsed.name), busy_timeout);
}

}  // namespace wardlock::storage
