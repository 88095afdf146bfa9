#include "cli/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <system_error>

namespace wardlock::cli {
namespace {

std::unexpected<Error> cannot_write(std::string_view path, std::string_view reason) {
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be written: {}", path, reason));
}

/// The reason is that of the last system call.
std::unexpected<Error> cannot_write(std::string_view path) {
  return cannot_write(path, std::generic_category().message(errno));
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> write_into(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return cannot_write(path);
  const bool is_written = write_all(file, text);
  const int reason = errno;
  if (close(file) == 0 && is_written) return {};
  if (!is_written) errno = reason;
  return cannot_write(path);
}

/// Makes the draft belong to whom the old file did. Its owner comes first: with it the kernel may
/// take permissions away.
bool keep_attributes(int draft, const struct stat& old) {
  struct stat now = {};
  if (fstat(draft, &now) != 0) return false;
  const bool is_ours = now.st_uid == old.st_uid && now.st_gid == old.st_gid;
  if (!is_ours && fchown(draft, old.st_uid, old.st_gid) != 0) return false;
  return fchmod(draft, old.st_mode & 0777) == 0;
}

/// The new text beside its target, until it takes the target's place. Removed if it never does.
class Draft {
 public:
  explicit Draft(const std::string& target) {
    std::random_device random;
    path_ = fmt::format("{}.{:08x}{:08x}", target, random(), random());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (is_there_) unlink(path_.c_str());
  }

  /// `errno` says why not.
  bool write(std::string_view text, const std::optional<struct stat>& old) {
    // Nobody may read what replaces a private file, not even for a moment.
    const mode_t mode = old ? 0600 : 0666;
    const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) return false;
    is_there_ = true;
    const bool is_written =
        (!old || keep_attributes(file, *old)) && write_all(file, text) && fsync(file) == 0;
    const int reason = errno;
    if (close(file) == 0 && is_written) return true;
    if (!is_written) errno = reason;
    return false;
  }

  bool replace(const std::string& target) {
    is_there_ = std::rename(path_.c_str(), target.c_str()) != 0;
    return !is_there_;
  }

 private:
  std::string path_;
  bool is_there_ = false;
};

/// What is at the path; nothing where there is nothing.
Result<std::optional<struct stat>> look_at(const std::string& path) {
  struct stat found = {};
  if (stat(path.c_str(), &found) == 0) return found;
  if (errno == ENOENT) return std::nullopt;
  return cannot_write(path);
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::optional<struct stat> old = TRY(look_at(path));
  if (old) {
    if (S_ISFIFO(old->st_mode) || S_ISCHR(old->st_mode)) return write_into(path, text);
    if (S_ISDIR(old->st_mode)) return cannot_write(path, "it is a folder");
    if (!S_ISREG(old->st_mode)) return cannot_write(path, "it is not a file");
    // Who may write to the folder could replace the file all the same.
    if (access(path.c_str(), W_OK) != 0) return cannot_write(path);
  }
  std::error_code error;
  const std::string target = std::filesystem::weakly_canonical(path, error).string();
  if (error) return cannot_write(path, error.message());
  Draft draft(target);
  if (draft.write(text, old) && draft.replace(target)) return {};
  return cannot_write(path);
}

}  // namespace wardlock::cli
