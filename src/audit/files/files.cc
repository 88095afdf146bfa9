#include "audit/files/files.h"

#include <fmt/format.h>

#include <filesystem>

namespace wardlock::audit {

std::string folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

Result<std::string> read_file(Files& files, const std::string& path, std::size_t limit) {
  const std::unique_ptr<File> file = TRY(files.open(path, OpenMode::kRead));
  const std::uint64_t size = TRY(file->size());
  if (size > limit) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("`{}` has {} bytes; at most {} are read", path, size, limit));
  }
  std::string bytes(size, '\0');
  bytes.resize(TRY(file->read(0, bytes)));
  return bytes;
}

Result<void> replace_file(Files& files, const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  // One that a crash has left there.
  if (auto removed = files.remove(beside);
      !removed && removed.error().code != ErrorCode::kNotFound) {
    return removed;
  }
  {
    const std::unique_ptr<File> file = TRY(files.open(beside, OpenMode::kCreate));
    TRY_VOID(file->write(0, bytes));
    TRY_VOID(file->sync());
  }
  return files.rename(beside, path);
}

}  // namespace wardlock::audit
