#include "storage/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/descriptor.h"

namespace wardlock::storage {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10;

std::unexpected<Error> failure(const std::string& path, std::string_view what) {
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the file `{}` cannot be {}: {}", path, what, std::strerror(errno)));
}

Result<std::string> read_all(const std::string& path, int file, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    const auto count = ::read(file, bytes.data() + at, size - at);
    if (count < 0) return failure(path, "read");
    if (count == 0) break;
    at += static_cast<std::size_t>(count);
  }
  bytes.resize(at);
  return bytes;
}

Result<void> write_and_sync(const std::string& path, int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0) return failure(path, "written");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(file) != 0) return failure(path, "written");
  return {};
}

Result<void> sync_folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const Descriptor folder(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.number()) != 0) return failure(path, "synced");
  return {};
}

}  // namespace

Result<std::string> read_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno != ENOENT) return failure(path, "read");
    return fail(ErrorCode::kNotFound, fmt::format("there is no file `{}`", path));
  }
  struct stat seen = {};
  if (::fstat(file.number(), &seen) != 0) return failure(path, "read");
  if (!S_ISREG(seen.st_mode)) {
    return fail(ErrorCode::kFailedPrecondition, fmt::format("`{}` is no file", path));
  }
  if ((seen.st_mode & 077) != 0) {
    return fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("others than its owner may use the file `{}`; run `chmod 600 {}`", path, path));
  }
  const auto size = static_cast<std::size_t>(seen.st_size);
  if (size > kMostBytes) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the file `{}` is too large to be what is wanted: at most {} bytes are "
                            "read",
                            path, kMostBytes));
  }
  return read_all(path, file.number(), size);
}

// Whoever makes it first wins.
Result<void> create_private_file(const std::string& path, std::string_view bytes) {
  std::string draft = path + ".XXXXXX";
  const Descriptor file(::mkostemp(draft.data(), O_CLOEXEC));  // 0600
  if (!file.is_open()) return failure(path, "made");
  Result<void> done = write_and_sync(path, file.number(), bytes);
  if (done && ::link(draft.c_str(), path.c_str()) != 0) {
    done = errno == EEXIST
               ? fail(ErrorCode::kAlreadyExists, fmt::format("there is a file `{}` already", path))
               : failure(path, "made");
  }
  ::unlink(draft.c_str());
  TRY_VOID(done);
  return sync_folder_of(path);
}

}  // namespace wardlock::storage
