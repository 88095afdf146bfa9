#include "directory/inventory/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace wardlock::directory {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  const ErrorCode code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return fail(
      code, fmt::format("cannot {} `{}`: {}", what, path, std::generic_category().message(errno)));
}

}  // namespace

Result<std::size_t> TextInMemory::read(std::uint64_t offset, std::span<char> out) {
  if (offset >= text_.size()) return 0;
  return text_.copy(out.data(), out.size(), offset);
}

Result<std::unique_ptr<TextFile>> TextFile::open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return failed("open", path);
  struct stat about = {};
  if (::fstat(file.number(), &about) != 0) return failed("look at", path);
  if (!S_ISREG(about.st_mode)) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("`{}` is no file: it is read more than once, so save it first", path));
  }
  return std::unique_ptr<TextFile>(
      new TextFile(std::move(file), static_cast<std::uint64_t>(about.st_size), path));
}

Result<std::size_t> TextFile::read(std::uint64_t offset, std::span<char> out) {
  for (;;) {
    const ::ssize_t count =
        ::pread(file_.number(), out.data(), out.size(), static_cast<::off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return failed("read", path_);
  }
}

Result<int> TextCursor::peek() {
  if (at_ == buffer_.size()) {
    begin_ += buffer_.size();
    at_ = 0;
    buffer_.resize(
        std::min<std::uint64_t>(kBufferBytes, text_.size() - std::min(begin_, text_.size())));
    buffer_.resize(TRY(text_.read(begin_, buffer_)));
    if (buffer_.empty()) return -1;
  }
  return static_cast<unsigned char>(buffer_[at_]);
}

void TextCursor::advance() {
  if (at_ == buffer_.size()) return;
  if (buffer_[at_] == '\n') ++line_;
  ++at_;
}

}  // namespace wardlock::directory
