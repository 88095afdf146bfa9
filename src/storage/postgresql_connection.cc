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

// A statement may wait for a lock as long as the timeout is, and then has work to do.
constexpr int kTimeoutsToAnswer = 6;

}  // namespace

void ClearAnswer::operator()(pg_result* answer) const { PQclear(answer); }

void PostgresqlConnection::Finish::operator()(pg_conn* handle) const { PQfinish(handle); }

PostgresqlConnection::PostgresqlConnection(Handle handle, std::string name,
                                           std::chrono::milliseconds timeout)
    : handle_(std::move(handle)), name_(std::move(name)), timeout_(timeout) {}

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
  PostgresqlConnection connection(std::move(handle), parsed.name, timeout);
  if (PQstatus(connection.handle_.get()) != CONNECTION_OK) return connection.failure(nullptr);
  TRY_VOID(connection.set_up());
  return connection;
}

Result<void> PostgresqlConnection::set_up() {
  PQsetnonblocking(handle_.get(), 1);
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
      timeout_.count())));
  return {};
}

std::unexpected<Error> PostgresqlConnection::failure(const pg_result* result) {
  const bool is_connected = PQstatus(handle_.get()) == CONNECTION_OK;
  const PostgresqlFailure failure = describe_failure(handle_.get(), result);
  trouble_ = is_connected ? failure.trouble : Trouble::kDisconnected;
  return fail(is_connected ? failure.code : ErrorCode::kUnavailable,
              fmt::format("the database `{}`: {}", name_, failure.message));
}

Result<PostgresqlAnswer> PostgresqlConnection::checked(PostgresqlAnswer result) {
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY: return result;
    default: return failure(result.get());
  }
}

PostgresqlConnection::Deadline PostgresqlConnection::deadline() const {
  return std::chrono::steady_clock::now() + kTimeoutsToAnswer * timeout_;
}

Result<void> PostgresqlConnection::wait_for_input(Deadline deadline) {
  // Reads while it sends: the server may wait for its answers to be read.
  const int unsent = PQflush(handle_.get());
  const short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
  pollfd socket = {PQsocket(handle_.get()), events, 0};
  if (unsent < 0 || socket.fd < 0) return failure(nullptr);
  const auto now = std::chrono::steady_clock::now();
  if (now >= deadline) {
    trouble_ = Trouble::kDisconnected;
    return fail(ErrorCode::kUnavailable,
                fmt::format("the database `{}` does not answer; is the server at work?", name_));
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      std::min<Deadline::duration>(deadline - now, std::chrono::hours(1)));
  if (::poll(&socket, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) {
    return failure(nullptr);
  }
  if ((socket.revents & ~POLLOUT) != 0 && PQconsumeInput(handle_.get()) == 0) {
    return failure(nullptr);
  }
  return {};
}

Result<PostgresqlAnswer> PostgresqlConnection::answer(int is_taken, Deadline deadline) {
  if (is_taken == 0) return failure(nullptr);
  PostgresqlAnswer last;
  while (true) {
    // What is sent completely before the answer is there, is so at the first look.
    if (PQflush(handle_.get()) != 0 || PQisBusy(handle_.get()) != 0) {
      TRY_VOID(wait_for_input(deadline));
      continue;
    }
    pg_result* const next = PQgetResult(handle_.get());
    if (next == nullptr) break;
    last.reset(next);
  }
  return checked(std::move(last));
}

Result<PostgresqlAnswer> PostgresqlConnection::run_script(const std::string& sql) {
  return answer(PQsendQuery(handle_.get(), sql.c_str()), deadline());
}

Result<PostgresqlAnswer> PostgresqlConnection::run_long_script(const std::string& sql) {
  return answer(PQsendQuery(handle_.get(), sql.c_str()), Deadline::max());
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
  const std::string text(sql);
  TRY(answer(PQsendPrepare(handle_.get(), name.c_str(), text.c_str(),
                           static_cast<int>(types.size()), types.data()),
             deadline()));
  prepared_.emplace(std::move(key), name);
  return name;
}

Result<PostgresqlAnswer> PostgresqlConnection::run(std::string_view sql,
                                                   std::span<const Parameter> parameters) {
  const std::string name = TRY(prepared(sql, parameters));
  const PostgresqlParameters values(parameters);
  return answer(PQsendQueryPrepared(handle_.get(), name.c_str(), values.size(), values.values(),
                                    values.lengths(), values.formats(), kBinary),
                deadline());
}

Result<PostgresqlAnswer> PostgresqlConnection::run_once(const std::string& sql,
                                                        std::span<const Parameter> parameters) {
  const PostgresqlParameters values(parameters);
  return answer(PQsendQueryParams(handle_.get(), sql.c_str(), values.size(), values.types(),
                                  values.values(), values.lengths(), values.formats(), kBinary),
                deadline());
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
