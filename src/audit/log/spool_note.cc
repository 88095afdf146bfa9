#include "audit/log/spool_note.h"

#include <fmt/format.h>

namespace wardlock::audit {
namespace {

constexpr std::size_t kBytes = 4096;

}  // namespace

Result<std::string> SpoolNote::read() const {
  if (path_.empty()) return "";
  auto found = read_file(files_, path_, kBytes);
  if (!found && found.error().code == ErrorCode::kNotFound) return "";
  std::string text = TRY(std::move(found));
  text.resize(text.find_last_not_of('\0') + 1);
  return text;
}

Result<std::unique_ptr<File>> SpoolNote::make() const {
  auto found = files_.open(path_, OpenMode::kReadWrite);
  if (found || found.error().code != ErrorCode::kNotFound) return found;
  auto file = TRY(files_.open(path_, OpenMode::kCreate));
  TRY_VOID(file->write(0, std::string(kBytes, '\0')));
  TRY_VOID(file->sync());
  TRY_VOID(files_.sync_folder(folder_of(path_)));
  return file;
}

Result<void> SpoolNote::write(std::string_view text) {
  if (path_.empty()) return {};
  if (text.size() > kBytes) {
    return invalid(fmt::format("{} bytes are too long for `{}`", text.size(), path_));
  }
  if (file_ == nullptr) file_ = TRY(make());
  std::string bytes(text);
  bytes.resize(kBytes, '\0');
  auto written = file_->write(0, bytes);
  if (written) written = file_->sync();
  if (!written) file_.reset();
  return written;
}

}  // namespace wardlock::audit
