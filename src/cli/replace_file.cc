#include "cli/replace_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace wardlock::cli {
namespace {

/// Creates a file that did not exist, with a name that nobody can foresee.
bool write_draft(std::string& path, std::string_view text, mode_t mode) {
  path += ".XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return false;
  bool is_good = fchmod(file, mode) == 0;
  while (is_good && !text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    is_good = written > 0;
    if (is_good) text.remove_prefix(static_cast<std::size_t>(written));
  }
  is_good = is_good && fsync(file) == 0;
  return close(file) == 0 && is_good;
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view text) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::weakly_canonical(path, error);
  constexpr mode_t kNewFile = 0644;
  struct stat old = {};
  const mode_t mode = stat(target.c_str(), &old) == 0 ? old.st_mode & 0777 : kNewFile;
  std::string draft = target.string();
  const bool is_written = !error && write_draft(draft, text, mode);
  if (is_written) std::filesystem::rename(draft, target, error);
  if (is_written && !error) return {};
  std::filesystem::remove(draft, error);
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be written", path));
}

}  // namespace wardlock::cli
