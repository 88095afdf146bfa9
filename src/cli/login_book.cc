#include "cli/login_book.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/private_file.h"
#include "codec/json.h"

namespace wardlock::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

/// What is not absolute does not count (XDG Base Directory Specification).
Result<std::string> folder_of_logins() {
  const std::string said = environment("XDG_CONFIG_HOME");
  if (said.starts_with('/')) return said + "/wardlock";
  const std::string home = environment("HOME");
  if (home.starts_with('/')) return home + "/.config/wardlock";
  return fail(ErrorCode::kFailedPrecondition,
              "there is no place to keep a login: set HOME, or XDG_CONFIG_HOME");
}

std::unexpected<Error> unreadable(std::string_view path, int reason) {
  return fail(ErrorCode::kUnavailable, fmt::format("`{}` cannot be read: {}", path,
                                                   std::generic_category().message(reason)));
}

/// A file that is closed when it goes.
class OpenFile {
 public:
  explicit OpenFile(int file) : file_(file) {}
  ~OpenFile() {
    if (file_ >= 0) close(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int get() const { return file_; }

 private:
  int file_;
};

/// Whoever can read it administers in its owner's name.
Result<void> check_is_private(int file, std::string_view path) {
  struct stat status = {};
  if (fstat(file, &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kPermissionDenied, fmt::format("`{}` is no file", path));
  }
  if (status.st_uid != geteuid()) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("`{}` is another user's: remove it, and sign in again", path));
  }
  if ((status.st_mode & 077) == 0) return {};
  return fail(
      ErrorCode::kPermissionDenied,
      fmt::format("`{}` may be read or changed by others (mode {:04o}), who could administer "
                  "in your name: remove it, and sign in again",
                  path, status.st_mode & 07777));
}

Result<std::string> read_all(int file, std::string_view path) {
  std::string text(kMostBytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

/// Nothing: it is none.
std::optional<KeptLogin> read_login(const codec::Json& json) {
  const auto* const object = json.if_object();
  if (object == nullptr) return std::nullopt;
  const auto text = [&](std::string_view name) {
    const codec::Json* const value = object->if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
  };
  const codec::Json* const until = object->if_contains("until");
  if (text("server").empty() || until == nullptr || !until->is_int64()) return std::nullopt;
  return KeptLogin{.server = std::string(text("server")),
                   .ca = std::string(text("ca")),
                   .access_token = Secret(text("access_token")),
                   .refresh_token = Secret(text("refresh_token")),
                   .until_ms = until->get_int64()};
}

}  // namespace

LoginBook::LoginBook(std::string folder)
    : folder_(std::move(folder)), path_(folder_ + "/logins.json") {}

LoginBook::LoginBook(LoginBook&& other) noexcept
    : folder_(std::move(other.folder_)),
      path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      logins_(std::move(other.logins_)) {}

LoginBook::~LoginBook() {
  if (lock_ >= 0) close(lock_);  // which unlocks it
}

Result<LoginBook> LoginBook::open() {
  LoginBook book(TRY(folder_of_logins()));
  TRY_VOID(book.lock());
  TRY_VOID(book.read());
  return book;
}

/// Where there is no folder there is nothing to be kept from others.
Result<void> LoginBook::lock() {
  const std::string path = folder_ + "/logins.lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0 && errno == ENOENT) return {};
  if (lock_ < 0) return unreadable(path, errno);
  while (flock(lock_, LOCK_EX) != 0) {
    if (errno != EINTR) return unreadable(path, errno);
  }
  return {};
}

Result<void> LoginBook::read() {
  const OpenFile file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 && errno == ENOENT) return {};
  if (file.get() < 0) return unreadable(path_, errno);
  TRY_VOID(check_is_private(file.get(), path_));
  std::string text = TRY(read_all(file.get(), path_));
  const auto json = codec::parse_json(text, {.max_bytes = kMostBytes, .max_depth = 8});
  wipe(text);
  const auto* const object = json ? json->if_object() : nullptr;
  const codec::Json* const all = object == nullptr ? nullptr : object->if_contains("logins");
  const auto damaged = [&] {
    return fail(ErrorCode::kDataLoss,
                fmt::format("`{}` is damaged: remove it, and sign in again", path_));
  };
  if (all == nullptr || !all->is_array()) return damaged();
  for (const codec::Json& each : all->get_array()) {
    auto login = read_login(each);
    if (!login) return damaged();
    logins_.push_back(*std::move(login));
  }
  return {};
}

Result<void> LoginBook::write() const {
  boost::json::array all;
  for (const KeptLogin& each : logins_) {
    all.push_back(boost::json::object{{"server", each.server},
                                      {"ca", each.ca},
                                      {"access_token", each.access_token.reveal()},
                                      {"refresh_token", each.refresh_token.reveal()},
                                      {"until", each.until_ms}});
  }
  std::string text = codec::to_pretty_json_text(boost::json::object{{"logins", std::move(all)}});
  PrivateFile file = TRY(PrivateFile::create(path_));
  const auto written = file.write(text + "\n");
  wipe(text);
  TRY_VOID(written);
  return file.finish();
}

const KeptLogin* LoginBook::find(std::string_view server) const {
  if (server.empty()) return logins_.empty() ? nullptr : &logins_.back();
  const auto found = std::ranges::find(logins_, server, &KeptLogin::server);
  return found == logins_.end() ? nullptr : &*found;
}

Result<void> LoginBook::put(KeptLogin login, bool is_new) {
  if (lock_ < 0) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(folder_).parent_path(), error);
    if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return unreadable(folder_, errno);
    TRY_VOID(lock());
  }
  const auto found = std::ranges::find(logins_, login.server, &KeptLogin::server);
  if (found != logins_.end() && !is_new) {
    *found = std::move(login);
    return write();
  }
  if (found != logins_.end()) logins_.erase(found);
  logins_.push_back(std::move(login));
  return write();
}

Result<void> LoginBook::drop(std::string_view server) {
  const auto found = std::ranges::find(logins_, server, &KeptLogin::server);
  if (found == logins_.end()) return {};
  logins_.erase(found);
  return write();
}

}  // namespace wardlock::cli
