#include "storage/sqlite_copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "crypto/random.h"
#include "storage/file_lock.h"
#include "storage/migrate.h"
#include "storage/sqlite_session.h"

namespace wardlock::storage {
namespace {

constexpr const char* kPartial = ".partial";
constexpr const char* kLock = ".lock";

Result<void> sync(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0 || ::fsync(file.number()) != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` cannot be synced: {}", path, std::strerror(errno)));
  }
  return {};
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// A database at the path is gone, with what SQLite keeps beside it.
void remove_database(const std::string& path) {
  for (const std::string_view suffix : {"", "-wal", "-shm", "-journal"}) {
    ::unlink((path + std::string(suffix)).c_str());
  }
}

/// One file with all of it, on disk: no write-ahead log is beside it.
Result<void> write_copy(const Database& database, const std::string& path) {
  remove_database(path);
  {
    Database copy = TRY(Database::open(path, {.is_private = true}));
    TRY_VOID(database.copy_to(copy));
    TRY_VOID(copy.run("PRAGMA journal_mode = DELETE"));
  }
  return sync(path);
}

/// What a Store leaves of a database that it had open goes into the one file, on disk.
Result<void> gather(const std::string& path) {
  {
    Database copy = TRY(Database::open(path));
    TRY_VOID(copy.run("PRAGMA journal_mode = DELETE"));
  }
  ::unlink((path + kLock).c_str());
  return sync(path);
}

Result<void> rename_file(const std::string& from, const std::string& to, unsigned flags) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) {
    const auto code = errno == EEXIST ? ErrorCode::kAlreadyExists : ErrorCode::kFailedPrecondition;
    return fail(code, fmt::format("`{}` cannot be written: {}", to, std::strerror(errno)));
  }
  return sync(folder_of(to));
}

/// As Database::open with `is_read_only`, found whole and made by migrations that we know.
Result<Database> open_backup(const std::string& path, std::span<const Migration> migrations) {
  SqliteSession session(TRY(Database::open(path, {.is_read_only = true})));
  TRY_VOID(check_integrity(session.database()));
  const auto history = session.query(kReadHistory, {});
  if (!history) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}` is no backup that Wardlock made", path));
  }
  if (const auto known = count_applied(*history, migrations); !known) {
    return std::unexpected(known.error().in(fmt::format("the backup `{}`", path)));
  }
  return std::move(session.database());
}

bool is_one_file(const std::string& a, const std::string& b) {
  std::error_code none;  // what is not there is no such file
  return std::filesystem::equivalent(a, b, none);
}

bool is_there(const std::string& path) {
  std::error_code unknown;  // what cannot be looked at is said when it is written
  return std::filesystem::exists(std::filesystem::symlink_status(path, unknown));
}

/// What is made beside the backup, or what SQLite and a restore keep beside the database, must not
/// be the other.
Result<void> check_names(const std::string& database, const std::string& path) {
  bool is_apart = !is_one_file(path + kPartial, database);
  for (const char* const suffix : {"-wal", "-shm", "-journal", kLock, kPartial}) {
    is_apart = is_apart && path != database + suffix;
  }
  if (is_apart) return {};
  return invalid(
      fmt::format("`{}` is too near to the name of the database itself; name another "
                  "file",
                  path));
}

/// What is in the write-ahead log goes into the file, which is then all of the database; a log that
/// stayed would be taken for the restored one's. What is too damaged for that is lost anyway.
void close_up(const std::string& path) {
  if (!is_there(path)) return;
  if (auto old = Database::open(path)) [[maybe_unused]]
    const auto emptied = old->empty_wal();
}

}  // namespace

Result<void> check_integrity(Database& database) {
  Statement check = TRY(database.prepare("PRAGMA quick_check(1)"));
  const bool has_row = TRY(check.step());
  if (has_row && check.text(0) == "ok") return {};
  return fail(ErrorCode::kDataLoss,
              fmt::format("the database `{}` is damaged: {}; restore it from a backup",
                          database.path(), has_row ? check.text(0) : "it cannot be checked"));
}

Result<void> back_up_sqlite(const Database& database, const std::string& path) {
  TRY_VOID(check_names(database.path(), path));
  if (is_there(path)) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("`{}` is there already; name another file", path));
  }
  // Of its own, since others may write to the same path; the first that is complete gets it.
  const crypto::UuidText unique = crypto::random_uuid();
  const std::string partial =
      fmt::format("{}{}.{}", path, kPartial, std::string_view(unique.data(), unique.size()));
  auto written = write_copy(database, partial);
  if (written) written = rename_file(partial, path, RENAME_NOREPLACE);
  if (!written) remove_database(partial);
  return written;
}

Result<void> restore_sqlite(const std::string& backup_path, const std::string& path,
                            std::span<const Migration> migrations,
                            const std::function<Result<void>(const std::string&)>& finish) {
  const FileLock alone = TRY(FileLock::exclusive(path));
  const std::string partial = path + kPartial;
  if (is_one_file(backup_path, partial)) {
    return invalid(
        fmt::format("`{}` is where the database is put together; rename the backup", backup_path));
  }
  {
    const Database backup = TRY(open_backup(backup_path, migrations));
    TRY_VOID(write_copy(backup, partial));
  }
  TRY_VOID(finish(partial));
  TRY_VOID(gather(partial));
  close_up(path);
  ::unlink((path + "-wal").c_str());
  ::unlink((path + "-shm").c_str());
  TRY_VOID(sync(folder_of(path)));
  return rename_file(partial, path, 0);
}

}  // namespace wardlock::storage
