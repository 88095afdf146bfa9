#include "audit/forward/file_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "audit/forward/framing.h"

namespace wardlock::audit {

FileTransport::FileTransport(const ForwarderOptions& options, Files& files)
    : path_(options.path), max_bytes_(options.max_file_bytes), files_(files) {}

Result<bool> FileTransport::open() {
  if (is_open_) return false;
  TRY_VOID(cut_torn_line());
  is_open_ = true;
  return false;  // what was handed over is on the disk
}

Result<std::unique_ptr<File>> FileTransport::open_file() {
  auto file = files_.open(path_, OpenMode::kReadWrite);
  if (file || file.error().code != ErrorCode::kNotFound) return file;
  file = files_.open(path_, OpenMode::kCreate);
  if (file) TRY_VOID(files_.sync_folder(folder_of(path_)));
  return file;
}

Result<void> FileTransport::cut_torn_line() {
  const std::unique_ptr<File> file = TRY(open_file());
  std::uint64_t end = TRY(file->size());
  std::array<char, 4096> piece;
  std::uint64_t kept = end;
  while (kept > 0) {
    const std::size_t size = std::min<std::uint64_t>(kept, piece.size());
    const std::span<char> bytes = std::span(piece).first(size);
    TRY(file->read(kept - size, bytes));
    const auto after = std::find(bytes.rbegin(), bytes.rend(), '\n');
    kept -= static_cast<std::uint64_t>(after - bytes.rbegin());
    if (after != bytes.rend()) break;
  }
  if (kept == end) return {};
  TRY_VOID(file->shorten(kept));
  return file->sync();
}

Result<std::string> FileTransport::name_for_full(std::uint64_t next) {
  const std::string base = fmt::format("{}.{:020}", path_, next);
  std::string name = base;
  // One that is there is another's, or from before the log was forwarded anew: it is kept.
  for (int i = 1;; ++i) {
    const auto there = files_.open(name, OpenMode::kRead);
    if (!there && there.error().code == ErrorCode::kNotFound) return name;
    if (!there) return std::unexpected(there.error());
    name = fmt::format("{}.{}", base, i);
  }
}

Delivery FileTransport::deliver(std::span<const Message> messages) {
  std::size_t delivered = 0;
  while (delivered < messages.size()) {
    const auto appended = append(messages.subspan(delivered));
    if (!appended) {
      is_open_ = false;  // part of it may be there
      return {.delivered = delivered, .error = appended.error()};
    }
    delivered += *appended;
  }
  return {.delivered = delivered};
}

Result<std::size_t> FileTransport::append(std::span<const Message> messages) {
  std::unique_ptr<File> file = TRY(open_file());
  std::uint64_t end = TRY(file->size());
  const auto has_room = [&](std::size_t bytes) {
    return max_bytes_ == 0 || end + bytes < max_bytes_;  // and the end of the line
  };
  if (end > 0 && !has_room(messages.front().text.size())) {
    const std::string full = TRY(name_for_full(messages.front().record));
    TRY_VOID(files_.rename(path_, full));
    TRY_VOID(files_.sync_folder(folder_of(path_)));
    file = TRY(open_file());
    end = 0;
  }
  std::string lines;
  std::size_t count = 0;
  for (const Message& message : messages) {  // one that is larger than a file has one of its own
    if (count > 0 && !has_room(lines.size() + message.text.size())) break;
    append_framed(message.text, Framing::kLineFeed, lines);
    ++count;
  }
  TRY_VOID(file->write(end, lines));
  TRY_VOID(file->sync());
  return count;
}

}  // namespace wardlock::audit
