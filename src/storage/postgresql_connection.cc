#include "storage/postgresql_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "storage/postgresql_error.h"
#include "storage/postgresql_url.h"
#include "storage/postgresql_values.h"

namespace wardlock::storage {
namespace {

constexpr int kBinary = 1;

// So many texts of statements are kept compiled; see sqlite_session.cc.
constexpr std::size_t kMaxPrepared = 256;

}  // namespace

void ClearAnswer::operator()(pg_result* answer) const { PQclear(answer); }

void PostgresqlConnection::Finish::operator()(pg_conn* handle) const { PQfinish(handle); }

PostgresqlConnection::PostgresqlConnection(Handle handle, std::string name)
    : handle_(std::move(handle)), name_(std::move(name)) {}

Result<PostgresqlConnection> PostgresqlConnection::open(const std::string& url,
                                                        std::chrono::milliseconds timeout) {
  const PostgresqlUrl parsed = TRY(parse_postgresql_url(url));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count();
  const std::string connect_timeout = fmt::format("{}", std::max<std::int64_t>(seconds, 2));
  // What comes first is overridden by the URL; what comes after it is not.
  const std::vector<std::pair<const char*, const char*>> settings = {
      {"sslmode", parsed.is_on_this_machine ? "prefer" : "verify-full"},
      {"target_session_attrs", "read-write"},
      {"connect_timeout", connect_timeout.c_str()},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "20000"},
      {"application_name", "wardlock"},
      {"dbname", url.c_str()},
      {"client_encoding", "UTF8"},
  };
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : settings) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle(PQconnectdbParams(keywords.data(), values.data(), /*expand_dbname=*/1));
  CHECK(handle != nullptr);  // else there is no memory
  PostgresqlConnection connection(std::move(handle), parsed.name);
  if (PQstatus(connection.handle_.get()) != CONNECTION_OK) return connection.failure(nullptr);
  TRY_VOID(connection.set_up(timeout));
  return connection;
}

Result<void> PostgresqlConnection::set_up(std::chrono::milliseconds timeout) {
  PQsetNoticeProcessor(handle_.get(), [](void*, const char*) {}, nullptr);
  const char* const encoding = PQparameterStatus(handle_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("the database `{}` is not UTF-8; make it with `createdb -E UTF8`", name_));
  }
  // A node that hangs must not hold up the others for ever, and committed means on disk.
  TRY(run_script(fmt::format(
      "SET lock_timeout = {}; SET idle_in_transaction_session_timeout = '60s'; SET "
      "tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
      "SELECT set_config('synchronous_commit', 'on', false) WHERE "
      "current_setting('synchronous_commit') = 'off'",
      timeout.count())));
  return {};
}

std::unexpected<Error> PostgresqlConnection::failure(const pg_result* result) {
  const bool is_connected = PQstatus(handle_.get()) == CONNECTION_OK;
  const PostgresqlFailure failure = describe_failure(handle_.get(), result);
  trouble_ = is_connected ? failure.trouble : Trouble::kDisconnected;
  return fail(is_connected ? failure.code : ErrorCode::kUnavailable,
              fmt::format("the database `{}`: {}", name_, failure.message));
}

Result<PostgresqlAnswer> PostgresqlConnection::checked(pg_result* result) {
  PostgresqlAnswer answer(result);
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY: return answer;
    default: return failure(result);
  }
}

Result<PostgresqlAnswer> PostgresqlConnection::run_script(const std::string& sql) {
  return checked(PQexec(handle_.get(), sql.c_str()));
}

Result<std::string> PostgresqlConnection::prepared(std::string_view sql,
                                                   std::span<const Parameter> parameters) {
  std::vector<Oid> types;
  std::string key;
  for (const Parameter& parameter : parameters) {
    types.push_back(type_of(parameter));
    key += static_cast<char>('0' + parameter.value().index());
  }
  key += ' ';
  key += sql;
  if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second;
  if (prepared_.size() >= kMaxPrepared) {
    TRY(run_script("DEALLOCATE ALL"));
    prepared_.clear();
  }
  std::string name = fmt::format("s{}", next_name_++);
  TRY(checked(PQprepare(handle_.get(), name.c_str(), std::string(sql).c_str(),
                        static_cast<int>(types.size()), types.data())));
  prepared_.emplace(std::move(key), name);
  return name;
}

Result<PostgresqlAnswer> PostgresqlConnection::run(std::string_view sql,
                                                   std::span<const Parameter> parameters) {
  const std::string name = TRY(prepared(sql, parameters));
  const PostgresqlParameters values(parameters);
  return checked(PQexecPrepared(handle_.get(), name.c_str(), values.size(), values.values(),
                                values.lengths(), values.formats(), kBinary));
}

Result<PostgresqlAnswer> PostgresqlConnection::run_once(const std::string& sql,
                                                        std::span<const Parameter> parameters) {
  const PostgresqlParameters values(parameters);
  return checked(PQexecParams(handle_.get(), sql.c_str(), values.size(), values.types(),
                              values.values(), values.lengths(), values.formats(), kBinary));
}

Result<void> PostgresqlConnection::wait_for_notification(int descriptor) {
  while (true) {
    bool is_notified = false;
    while (PGnotify* const notification = PQnotifies(handle_.get())) {
      PQfreemem(notification);
      is_notified = true;
    }
    if (is_notified) return {};
    std::array<pollfd, 2> waited = {
        {{PQsocket(handle_.get()), POLLIN, 0}, {descriptor, POLLIN, 0}}};
    if (waited[0].fd < 0) return failure(nullptr);
    if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) return failure(nullptr);
    if (waited[1].revents != 0) return {};
    if (waited[0].revents != 0 && PQconsumeInput(handle_.get()) == 0) return failure(nullptr);
  }
}

}  // namespace wardlock::storage
