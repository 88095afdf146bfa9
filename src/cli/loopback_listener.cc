#include "cli/loopback_listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace wardlock::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostHeadBytes = std::size_t{16} << 10;
/// A connection that says nothing keeps nobody waiting.
constexpr std::chrono::seconds kMostSilence{3};
constexpr std::string_view kDone =
    "You are signed in. Go back to the command line; this window may be closed.\n";
constexpr std::string_view kElse = "There is nothing here.\n";

std::unexpected<Error> cannot_listen() {
  return fail(ErrorCode::kUnavailable,
              fmt::format("no port of this machine can be had for the browser to come back to: {}; "
                          "use `--device`",
                          std::generic_category().message(errno)));
}

/// Whether there is something to be read before then.
bool waits_for(int socket, Clock::time_point until) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd asked{.fd = socket, .events = POLLIN, .revents = 0};
    const int ready = poll(&asked, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

/// Nothing: it is no head of a request.
std::optional<std::string> read_head(int connection) {
  const Clock::time_point until = Clock::now() + kMostSilence;
  std::string head;
  std::array<char, 2048> buffer;
  while (!head.contains("\r\n\r\n")) {
    if (head.size() > kMostHeadBytes || !waits_for(connection, until)) return std::nullopt;
    const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) return std::nullopt;
    head.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return head;
}

/// What follows `?` in `GET path?… HTTP/1.1`.
std::optional<std::string> query_of(std::string_view head, std::string_view path) {
  const std::string begin = fmt::format("GET {}?", path);
  if (!head.starts_with(begin)) return std::nullopt;
  head.remove_prefix(begin.size());
  return std::string(head.substr(0, head.find_first_of(" \r\n")));
}

void answer(int connection, bool is_done) {
  const std::string_view body = is_done ? kDone : kElse;
  const std::string text = fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
      "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{}",
      is_done ? "200 OK" : "404 Not Found", body.size(), body);
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t some = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (some <= 0) return;  // it has gone
    sent += static_cast<std::size_t>(some);
  }
}

}  // namespace

Result<LoopbackListener> LoopbackListener::open() {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return cannot_listen();
  LoopbackListener listener(made, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(made, generic, size) != 0 || listen(made, 8) != 0 ||
      getsockname(made, generic, &size) != 0) {
    return cannot_listen();
  }
  listener.port_ = ntohs(address.sin_port);
  return listener;
}

LoopbackListener::LoopbackListener(LoopbackListener&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), port_(other.port_) {}

LoopbackListener::~LoopbackListener() {
  if (socket_ >= 0) close(socket_);
}

Result<std::string> LoopbackListener::wait(
    std::string_view path, const std::function<bool(std::string_view query)>& is_meant,
    Clock::time_point until) {
  while (waits_for(socket_, until)) {
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const auto head = read_head(connection);
    auto query = head ? query_of(*head, path) : std::nullopt;
    const bool is_done = query && is_meant(*query);
    answer(connection, is_done);
    close(connection);
    if (is_done) return *std::move(query);
  }
  return fail(ErrorCode::kDeadlineExceeded, "nobody came back from the browser in time");
}

}  // namespace wardlock::cli
