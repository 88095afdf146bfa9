#include "storage/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/descriptor.h"

namespace wardlock::storage {
namespace {

ErrorCode code_of(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return ErrorCode::kAlreadyExists;
    default: break;
  }
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL: return ErrorCode::kUnavailable;
    case SQLITE_FULL: return ErrorCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kDataLoss;
    case SQLITE_CONSTRAINT:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return ErrorCode::kFailedPrecondition;
    default: return ErrorCode::kInternal;
  }
}

std::string_view advice(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "; is another process working with it?";
    case SQLITE_FULL: return "; make room on the disk";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "; restore it from a backup";
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return "; check that the file and its folder are there and may be written";
    default: return "";
  }
}

std::unexpected<Error> system_failure(const std::string& path, std::string_view what) {
  const int code = errno;
  return fail(code == ENOSPC ? ErrorCode::kResourceExhausted : ErrorCode::kFailedPrecondition,
              fmt::format("`{}` {}: {}", path, what, std::strerror(code)));
}

/// Makes the file, empty, where there is none. SQLite gives the same mode to the files beside it.
Result<void> create_file(const std::string& path, bool is_private) {
  const mode_t mode = is_private ? 0600 : 0644;
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.number() < 0) {
    if (errno == EEXIST) return {};
    return system_failure(path, "cannot be made");
  }
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder_path = parent.empty() ? "." : parent.string();
  const Descriptor folder(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
    return system_failure(folder_path, "cannot be synced");
  }
  return {};
}

// With its folder: a rollback journal that came back after a power cut would undo all that was
// committed since the file was made.
constexpr std::string_view kSyncFully = "PRAGMA synchronous = EXTRA;";

std::string settings_of(const DatabaseOptions& options) {
  std::string sql = "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";
  if (options.is_read_only) return sql;
  sql += kSyncFully;
  sql += fmt::format("PRAGMA secure_delete = {};", options.is_secure_delete ? "ON" : "OFF");
  return sql;
}

/// Where several turn it on in a new file at once, SQLite says to all but one at once that the
/// file is locked, whatever the time-out.
Result<void> turn_on_wal(Database& database, std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds kPause{2};
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    auto done = database.run("PRAGMA journal_mode = WAL");
    if (done || done.error().code != ErrorCode::kUnavailable) return done;
    if (std::chrono::steady_clock::now() + kPause > end) return done;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<Database> Database::open(const std::string& path, const DatabaseOptions& options) {
  if (!options.is_read_only) TRY_VOID(create_file(path, options.is_private));
  // SQLite would wait for the other end of a pipe.
  struct stat seen = {};
  if (::stat(path.c_str(), &seen) == 0 && !S_ISREG(seen.st_mode)) {
    return fail(ErrorCode::kFailedPrecondition, fmt::format("`{}` is no regular file", path));
  }
  const int flags = (options.is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  CHECK(handle != nullptr);  // else there is no memory
  Database database(path, handle);
  if (opened != SQLITE_OK) return database.failure(opened);
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  // What an attacker writes into the file must not run.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  TRY_VOID(database.run(settings_of(options)));
  if (!options.is_read_only) TRY_VOID(turn_on_wal(database, options.busy_timeout));
  if (options.durability != Durability::kFull) {
    TRY_VOID(database.set_durability(options.durability));
  }
  // SQLite looks at the file when it is first read.
  TRY_VOID(database.run("SELECT count(*) FROM sqlite_schema"));
  return database;
}

Database::Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

Database::~Database() {
  sqlite3_close_v2(handle_);  // waits for statements that live longer
}

Database::Database(Database&& other) noexcept
    : path_(std::move(other.path_)), handle_(std::exchange(other.handle_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(handle_, other.handle_);
  return *this;
}

std::unexpected<Error> Database::failure(int code) const {
  return fail(code_of(code),
              fmt::format("the database `{}`: {}{}", path_, sqlite3_errmsg(handle_), advice(code)));
}

Result<void> Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

Result<void> Database::set_durability(Durability durability) {
  return run(
      std::string(durability == Durability::kFull ? kSyncFully : "PRAGMA synchronous = NORMAL"));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, &rest);
  if (code != SQLITE_OK) return failure(code);
  CHECK(handle != nullptr);  // else there was no statement in it
  Statement statement(handle, path_);
  // SQLite would pass over it.
  if (std::string_view(rest, sql.data() + sql.size()).find_first_not_of(" \n;") !=
      std::string_view::npos) {
    return fail(ErrorCode::kInternal, "more than one statement where one is compiled");
  }
  return statement;
}

Result<void> Database::empty_wal() {
  int frames = 0, copied = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &frames, &copied);
  if (code != SQLITE_OK) return failure(code);
  return {};
}

Result<void> Database::copy_to(Database& other) const {
  sqlite3_backup* const copy = sqlite3_backup_init(other.handle_, "main", handle_, "main");
  if (copy == nullptr) return other.failure(sqlite3_extended_errcode(other.handle_));
  // In one step: it reads one snapshot, and nothing that is written meanwhile makes it begin again.
  const int code = sqlite3_backup_step(copy, -1);
  sqlite3_backup_finish(copy);
  if (code != SQLITE_DONE) return other.failure(code);
  return {};
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_); }

std::int64_t Database::changed_rows() const { return sqlite3_changes64(handle_); }

Statement::Statement(sqlite3_stmt* handle, std::string path)
    : handle_(handle), path_(std::move(path)) {}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), path_(std::move(other.path_)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(path_, other.path_);
  return *this;
}

void Statement::bind(int parameter, std::int64_t value) {
  CHECK(sqlite3_bind_int64(handle_, parameter, value) == SQLITE_OK);
}

void Statement::bind(int parameter, std::string_view text) {
  // A null pointer would be NULL instead of an empty text.
  const char* const data = text.data() == nullptr ? "" : text.data();
  CHECK(sqlite3_bind_text64(handle_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8) ==
        SQLITE_OK);
}

void Statement::bind_blob(int parameter, std::span<const std::uint8_t> bytes) {
  const void* const data = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
  CHECK(sqlite3_bind_blob64(handle_, parameter, data, bytes.size(), SQLITE_STATIC) == SQLITE_OK);
}

void Statement::bind_null(int parameter) {
  CHECK(sqlite3_bind_null(handle_, parameter) == SQLITE_OK);
}

int Statement::parameters() const { return sqlite3_bind_parameter_count(handle_); }

int Statement::parameter(const std::string& name) const {
  return sqlite3_bind_parameter_index(handle_, name.c_str());
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  const std::string message = sqlite3_errmsg(sqlite3_db_handle(handle_));
  reset();
  return fail(code_of(code), fmt::format("the database `{}`: {}{}", path_, message, advice(code)));
}

Result<void> Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_);  // repeats the error of the last step, which was told
  sqlite3_clear_bindings(handle_);
}

int Statement::columns() const { return sqlite3_column_count(handle_); }

ColumnType Statement::type(int column) const {
  switch (sqlite3_column_type(handle_, column)) {
    case SQLITE_INTEGER: return ColumnType::kInteger;
    case SQLITE_FLOAT: return ColumnType::kReal;
    case SQLITE_TEXT: return ColumnType::kText;
    case SQLITE_BLOB: return ColumnType::kBlob;
    default: return ColumnType::kNull;
  }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::text(int column) const {
  const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return {data == nullptr ? "" : data,
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::span<const std::uint8_t> Statement::blob(int column) const {
  const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

Result<Transaction> Transaction::begin(Database& database) {
  TRY_VOID(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // Fails only where SQLite has already undone it, after an error.
  if (database_ != nullptr) sqlite3_exec(database_->handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Result<void> Transaction::commit() {
  TRY_VOID(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace wardlock::storage
