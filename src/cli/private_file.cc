#include "cli/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

namespace wardlock::cli {
namespace {

std::unexpected<Error> cannot_write(std::string_view path, std::string_view why) {
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be written: {}", path, why));
}

}  // namespace

Result<PrivateFile> PrivateFile::create(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return cannot_write(path, "it is not a file");
  }
  std::random_device random;
  std::string draft = fmt::format("{}.{:08x}{:08x}", path, random(), random());
  const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return cannot_write(path, std::generic_category().message(errno));
  return PrivateFile(path, std::move(draft), file);
}

PrivateFile::PrivateFile(PrivateFile&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})),
      file_(std::exchange(other.file_, -1)) {}

PrivateFile::~PrivateFile() {
  if (file_ >= 0) close(file_);
  if (!draft_.empty()) unlink(draft_.c_str());
}

std::unexpected<Error> PrivateFile::failed(int reason) const {
  return cannot_write(path_, std::generic_category().message(reason));
}

Result<void> PrivateFile::write(std::string_view piece) {
  while (!piece.empty()) {
    const ssize_t written = ::write(file_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(errno);
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> PrivateFile::finish() {
  if (fsync(file_) != 0) return failed(errno);
  if (close(std::exchange(file_, -1)) != 0) return failed(errno);
  if (std::rename(draft_.c_str(), path_.c_str()) != 0) return failed(errno);
  draft_.clear();
  return {};
}

}  // namespace wardlock::cli
