#include "storage/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace wardlock::storage {

Result<FileLock> FileLock::lock(const std::string& database_path, int operation) {
  const std::string path = database_path + ".lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}` cannot be opened: {}", path, std::strerror(errno)));
  }
  if (::flock(file.number(), operation | LOCK_NB) == 0) return FileLock(std::move(file));
  if (errno != EWOULDBLOCK) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}` cannot be locked: {}", path, std::strerror(errno)));
  }
  return fail(ErrorCode::kUnavailable,
              operation == LOCK_EX
                  ? fmt::format("the database `{}` is in use; stop Wardlock first", database_path)
                  : fmt::format("the database `{}` is being restored; try again when that is done",
                                database_path));
}

Result<FileLock> FileLock::shared(const std::string& database_path) {
  return lock(database_path, LOCK_SH);
}

Result<FileLock> FileLock::exclusive(const std::string& database_path) {
  return lock(database_path, LOCK_EX);
}

}  // namespace wardlock::storage
