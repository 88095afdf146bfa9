#include "audit/keys/master_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

namespace wardlock::audit {
namespace {

using crypto::SymmetricKey;

constexpr std::size_t kDigits = 2 * SymmetricKey::kBytes;

/// The file's text. Zeroed when it ends.
struct Text {
  std::array<char, kDigits + 1> bytes = {};
  Text() = default;
  ~Text() { explicit_bzero(bytes.data(), bytes.size()); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
};

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::unexpected<Error> failure(const std::string& path, std::string_view what) {
  return fail(ErrorCode::kFailedPrecondition, fmt::format("the master key `{}` cannot be {}: {}",
                                                          path, what, std::strerror(errno)));
}

void write_digits(const SymmetricKey& key, Text& text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  auto out = text.bytes.begin();
  for (const std::uint8_t byte : key.bytes()) {
    *out++ = kHex[byte >> 4];
    *out++ = kHex[byte & 15];
  }
  *out = '\n';
}

std::optional<SymmetricKey> read_digits(const Text& text) {
  if (text.bytes.back() != '\n') return std::nullopt;
  std::array<std::uint8_t, SymmetricKey::kBytes> bytes;
  const char* at = text.bytes.data();
  bool is_hex = true;
  for (std::uint8_t& byte : bytes) {
    const auto [end, error] = std::from_chars(at, at + 2, byte, 16);
    is_hex = is_hex && error == std::errc() && end == at + 2;
    at += 2;
  }
  std::optional<SymmetricKey> key;
  if (is_hex) key.emplace(bytes);
  explicit_bzero(bytes.data(), bytes.size());
  return key;
}

/// Nothing: there is no such file.
Result<std::optional<SymmetricKey>> load(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) {
    if (errno == ENOENT) return std::nullopt;
    return failure(path, "read");
  }
  struct stat seen = {};
  if (::fstat(file.number(), &seen) != 0) return failure(path, "read");
  if ((seen.st_mode & 077) != 0) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("others than its owner may use the master key `{}`; run `chmod 600 {}`",
                            path, path));
  }
  Text text;
  const auto size = ::read(file.number(), text.bytes.data(), text.bytes.size());
  if (size < 0) return failure(path, "read");
  const bool is_whole =
      seen.st_size == static_cast<off_t>(text.bytes.size()) && size == seen.st_size;
  auto key = is_whole ? read_digits(text) : std::nullopt;
  if (!key) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("`{}` holds no master key ({} hexadecimal digits and a newline are "
                            "wanted): restore it from a backup",
                            path, kDigits));
  }
  return key;
}

Result<void> write_and_sync(const std::string& path, int file, const Text& text) {
  const auto written = ::write(file, text.bytes.data(), text.bytes.size());
  if (written != static_cast<ssize_t>(text.bytes.size()) || ::fsync(file) != 0) {
    return failure(path, "written");
  }
  return {};
}

/// Whoever makes it first wins: a file that is there is never replaced.
Result<void> create(const std::string& path) {
  std::string draft_path = path + ".XXXXXX";
  const Descriptor file(::mkostemp(draft_path.data(), O_CLOEXEC));  // 0600
  if (file.number() < 0) return failure(path, "made");
  Text text;
  write_digits(SymmetricKey::random(), text);
  Result<void> done = write_and_sync(path, file.number(), text);
  if (done && ::link(draft_path.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    done = failure(path, "made");
  }
  ::unlink(draft_path.c_str());
  if (!done) return done;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const Descriptor folder(
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() < 0 || ::fsync(folder.number()) != 0) return failure(path, "synced");
  return {};
}

}  // namespace

Result<SymmetricKey> load_or_create_master_key(const std::string& path) {
  if (auto key = TRY(load(path))) return *key;
  TRY_VOID(create(path));
  if (auto key = TRY(load(path))) return *key;
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the master key `{}` was taken away while it was made", path));
}

}  // namespace wardlock::audit
