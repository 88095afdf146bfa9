#include "server/source_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/utf8.h"
#include "server/policy_folder.h"

namespace wardlock::server {
namespace {

constexpr const char* kTestFolder = "tests";
constexpr std::size_t kBlock = std::size_t{64} << 10;

std::unexpected<Error> unreadable(const std::string& path, int error) {
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be read: {}", printable(path),
                                                   std::generic_category().message(error)));
}

/// One reading of a folder.
class SourceReading {
 public:
  SourceReading(std::string folder, const SourceLimits& limits)
      : folder_(std::move(folder)), limits_(limits), left_(limits.bytes) {}

  Result<std::vector<bundle::BundledFile>> read() && {
    const Descriptor root(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root.is_open()) return unreadable(folder_, errno);
    TRY_VOID(add_folder(root, ""));
    const Descriptor tests(
        openat(root.number(), kTestFolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (tests.is_open()) {
      TRY_VOID(add_folder(tests, "tests/"));
    } else if (errno == ELOOP || errno == ENOTDIR) {
      return no_file(kTestFolder);
    } else if (errno != ENOENT) {
      return unreadable(path_of(kTestFolder), errno);
    }
    return std::move(files_);
  }

 private:
  std::string path_of(std::string_view name) const { return fmt::format("{}/{}", folder_, name); }

  std::unexpected<Error> no_file(std::string_view name) const {
    return invalid(fmt::format("`{}` is a link or no file; put the file itself there",
                               printable(path_of(name))));
  }
  std::unexpected<Error> too_much(std::string_view what, std::size_t most) const {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("`{}` has more than {} {}", printable(folder_), most, what));
  }

  Result<void> add_folder(const Descriptor& folder, std::string_view prefix) {
    // The stream closes what it was given.
    const int own = fcntl(folder.number(), F_DUPFD_CLOEXEC, 0);
    const auto close_stream = [](DIR* stream) { closedir(stream); };
    const std::unique_ptr<DIR, decltype(close_stream)> stream(own < 0 ? nullptr : fdopendir(own));
    if (stream == nullptr) {
      const int error = errno;
      if (own >= 0) close(own);
      return unreadable(path_of(prefix), error);
    }
    errno = 0;
    for (const dirent* each = readdir(stream.get()); each != nullptr;
         each = readdir(stream.get())) {
      if (++entries_ > limits_.entries) return too_much("entries", limits_.entries);
      TRY_VOID(add_entry(folder, prefix, each->d_name));
      errno = 0;
    }
    if (errno != 0) return unreadable(path_of(prefix), errno);
    return {};
  }

  Result<void> add_entry(const Descriptor& folder, std::string_view prefix, const char* own) {
    std::string name = std::string(prefix) + own;
    if (bundle::kind_of(name)) return add_file(folder, own, std::move(name));
    if (!is_nearly_bundled(own)) return {};
    return would_be_missing(path_of(name));
  }

  Result<void> add_file(const Descriptor& folder, const char* own, std::string name) {
    if (files_.size() == limits_.files) return too_much("files", limits_.files);
    // A pipe would keep the reader waiting.
    const Descriptor file(
        openat(folder.number(), own, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.is_open()) return errno == ELOOP ? no_file(name) : unreadable(path_of(name), errno);
    struct stat found = {};
    if (fstat(file.number(), &found) != 0) return unreadable(path_of(name), errno);
    if (!S_ISREG(found.st_mode)) return no_file(name);
    std::string text = TRY(read_text(file, name));
    files_.push_back({std::move(name), std::move(text)});
    return {};
  }

  Result<std::string> read_text(const Descriptor& file, const std::string& name) {
    std::string text;
    std::array<char, kBlock> block;
    while (true) {
      const ssize_t count = ::read(file.number(), block.data(), block.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return unreadable(path_of(name), errno);
      if (count == 0) return text;
      if (static_cast<std::size_t>(count) > left_) return too_much("bytes", limits_.bytes);
      left_ -= static_cast<std::size_t>(count);
      text.append(block.data(), static_cast<std::size_t>(count));
    }
  }

  const std::string folder_;
  const SourceLimits& limits_;
  std::size_t left_;
  std::size_t entries_ = 0;
  std::vector<bundle::BundledFile> files_;
};

}  // namespace

Result<bundle::Content> read_source_folder(const std::string& folder, const SourceLimits& limits) {
  auto files = TRY(SourceReading(folder, limits).read());
  return content_of_folder(std::move(files), folder);
}

}  // namespace wardlock::server
