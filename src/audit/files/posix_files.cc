#include "audit/files/posix_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/descriptor.h"

namespace wardlock::audit {
namespace {

ErrorCode code_of(int error) {
  switch (error) {
    case ENOENT: return ErrorCode::kNotFound;
    case EEXIST: return ErrorCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE: return ErrorCode::kResourceExhausted;
    case EWOULDBLOCK: return ErrorCode::kFailedPrecondition;
    default: return ErrorCode::kUnavailable;
  }
}

/// For what the last system call failed with.
std::unexpected<Error> failed(std::string_view doing, const std::string& path) {
  const int error = errno;
  return fail(code_of(error), fmt::format("cannot {} `{}`: {}", doing, path,
                                          std::generic_category().message(error)));
}

/// A call that a signal may interrupt.
template <typename Call>
auto again_if_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Never waits, e.g. for the other end of a pipe that somebody put in a file's place.
Descriptor open_at(const std::string& path, int flags) {
  constexpr mode_t kOwnerOnly = 0600;
  constexpr int kAlways = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  return Descriptor(
      again_if_interrupted([&] { return ::open(path.c_str(), flags | kAlways, kOwnerOnly); }));
}

/// Not a folder or a pipe. Devices are root's to make.
Result<void> check_is_file(const Descriptor& descriptor, const std::string& path) {
  struct stat status{};
  if (::fstat(descriptor.number(), &status) != 0) return failed("read", path);
  if (S_ISREG(status.st_mode) || S_ISCHR(status.st_mode)) return {};
  return fail(ErrorCode::kFailedPrecondition, fmt::format("`{}` is no regular file", path));
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::uint64_t> size() override {
    struct stat status{};
    if (::fstat(number(), &status) != 0) return failed("read", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = again_if_interrupted([&] {
        return ::pread(number(), into.data() + done, into.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (got < 0) return failed("read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = again_if_interrupted([&] {
        return ::pwrite(number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (written < 0) return failed("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  Result<void> claim(std::uint64_t bytes) override {
    const int done = again_if_interrupted(
        [&] { return ::fallocate(number(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)); });
    if (done == 0 || errno == EOPNOTSUPP) return {};
    return failed("claim space for", path_);
  }

  Result<void> shorten(std::uint64_t bytes) override {
    if (TRY(size()) <= bytes) return {};
    if (::ftruncate(number(), static_cast<off_t>(bytes)) != 0) return failed("shorten", path_);
    return {};
  }

  // What fails is told by the sync, since nothing is waited for here.
  void begin_sync(std::uint64_t offset, std::uint64_t bytes) override {
    ::sync_file_range(number(), static_cast<off_t>(offset), static_cast<off_t>(bytes),
                      SYNC_FILE_RANGE_WRITE);
  }

  // Not tried again when interrupted: after any error, what was written must be written again.
  Result<void> sync() override {
    if (::fdatasync(number()) != 0) return failed("sync", path_);
    return {};
  }

 private:
  int number() const { return descriptor_.number(); }

  Descriptor descriptor_;
  std::string path_;
};

/// Sets or clears the filesystem's immutable flag; false where it can't be had here.
bool set_immutable(const Descriptor& file, bool immutable) {
  int flags = 0;
  if (::ioctl(file.number(), FS_IOC_GETFLAGS, &flags) != 0) return false;
  const int wanted = immutable ? (flags | FS_IMMUTABLE_FL) : (flags & ~FS_IMMUTABLE_FL);
  return wanted == flags || ::ioctl(file.number(), FS_IOC_SETFLAGS, &wanted) == 0;
}

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead: return O_RDONLY;
    case OpenMode::kReadWrite: return O_RDWR;
    case OpenMode::kCreate: return O_RDWR | O_CREAT | O_EXCL;
  }
  std::unreachable();
}

}  // namespace

Result<std::unique_ptr<File>> PosixFiles::open(const std::string& path, OpenMode mode) {
  Descriptor descriptor = open_at(path, flags_of(mode));
  if (!descriptor.is_open()) return failed(mode == OpenMode::kCreate ? "create" : "open", path);
  TRY_VOID(check_is_file(descriptor, path));
  return std::make_unique<PosixFile>(std::move(descriptor), path);
}

Result<std::unique_ptr<File>> PosixFiles::lock(const std::string& path) {
  Descriptor descriptor = open_at(path, O_RDWR | O_CREAT);
  if (!descriptor.is_open()) return failed("open", path);
  TRY_VOID(check_is_file(descriptor, path));
  if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed("lock", path);
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}` is locked: another process uses this folder; end it first, or "
                            "give this one a folder of its own",
                            path));
  }
  return std::make_unique<PosixFile>(std::move(descriptor), path);
}

Result<bool> PosixFiles::is_locked(const std::string& path) {
  const Descriptor descriptor = open_at(path, O_RDONLY);
  if (!descriptor.is_open()) {
    if (errno == ENOENT) return false;
    return failed("open", path);
  }
  TRY_VOID(check_is_file(descriptor, path));
  // A shared lock, for a moment: others who only ask are no obstacle.
  if (::flock(descriptor.number(), LOCK_SH | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return failed("look at the lock of", path);
}

Result<void> PosixFiles::make_folder(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0700;
  if (::mkdir(path.c_str(), kOwnerOnly) == 0) return {};
  if (errno != EEXIST) return failed("create the folder", path);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return failed("read", path);
  if (S_ISDIR(status.st_mode)) return {};
  return fail(ErrorCode::kAlreadyExists, fmt::format("`{}` is not a folder", path));
}

Result<std::vector<std::string>> PosixFiles::list(const std::string& folder) {
  DIR* const opened = ::opendir(folder.c_str());
  if (opened == nullptr) return failed("list the folder", folder);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(opened)) {
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error = errno;
  ::closedir(opened);
  errno = error;
  if (error != 0) return failed("list the folder", folder);
  std::ranges::sort(names);
  return names;
}

Result<void> PosixFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from);
  return {};
}

Result<void> PosixFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return failed("remove", path);
  return {};
}

Result<void> PosixFiles::sync_folder(const std::string& path) {
  const Descriptor folder = open_at(path, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) return failed("open the folder", path);
  if (::fsync(folder.number()) != 0) return failed("sync the folder", path);
  return {};
}

Result<Protection> PosixFiles::protect(const std::string& path, Protection wanted) {
  constexpr mode_t kReadOnlyMode = 0400;
  const Descriptor file = open_at(path, O_RDONLY);
  if (!file.is_open()) return failed("open", path);
  if (::fchmod(file.number(), kReadOnlyMode) != 0 && errno != EPERM) return failed("protect", path);
  const bool immutable = wanted == Protection::kImmutable && set_immutable(file, true);
  return immutable ? Protection::kImmutable : Protection::kReadOnly;
}

Result<void> PosixFiles::unprotect(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0600;
  const Descriptor file = open_at(path, O_RDONLY);
  if (!file.is_open()) return failed("open", path);
  set_immutable(file, false);
  if (::fchmod(file.number(), kOwnerOnly) != 0) return failed("lift the protection of", path);
  return {};
}

Result<void> check_private(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return failed("read", path);
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}` belongs to another user, who could read or exchange keys: run "
                            "`chown` on it, or name another folder",
                            path));
  }
  const bool is_folder = S_ISDIR(status.st_mode);
  const mode_t forbidden = is_folder ? S_IWGRP | S_IWOTH : S_IRWXG | S_IRWXO;
  if ((status.st_mode & forbidden) == 0) return {};
  return fail(
      ErrorCode::kFailedPrecondition,
      fmt::format("others than its owner may {} `{}`; run `chmod {} {}`",
                  is_folder ? "exchange keys in" : "use", path, is_folder ? "700" : "600", path));
}

}  // namespace wardlock::audit
