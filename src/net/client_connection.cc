#include "net/client_connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "net/name_lookup.h"
#include "net/tls_channel.h"
#include "net/tls_context.h"

namespace wardlock::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string text_of(int error) { return std::generic_category().message(error); }

milliseconds left_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
  return std::max(left, milliseconds(0));
}

void set_option(int socket, int level, int name, int value) {
  // What a system does not know of makes a connection no worse.
  ::setsockopt(socket, level, name, &value, sizeof value);
}

/// A peer that is gone without a word is noticed within a minute or so, sending or not.
void watch_peer(int socket) {
  constexpr int kIdleSeconds = 30;
  constexpr int kBetweenSeconds = 10;
  constexpr int kProbes = 3;
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, kIdleSeconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, kBetweenSeconds);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

ClientConnection::ClientConnection(const ClientOptions& options, const Interruption& interruption)
    : options_(options), interruption_(interruption) {}

ClientConnection::~ClientConnection() {
  if (tls_ != nullptr) tls_->finish();
  tls_.reset();
  if (socket_ >= 0) ::close(socket_);
}

Result<std::unique_ptr<ClientConnection>> ClientConnection::connect(
    const ClientOptions& options, const Interruption& interruption) {
  std::unique_ptr<ClientConnection> connection(new ClientConnection(options, interruption));
  TRY_VOID(connection->open());
  return connection;
}

Result<void> ClientConnection::open() {
  const auto deadline = steady_clock::now() + options_.connect_timeout;
  const std::vector<Address> addresses =
      TRY(look_up(options_.host, options_.port, options_.connect_timeout, interruption_));
  Result<void> opened = fail(ErrorCode::kUnavailable, "there is no address");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // One that does not answer leaves time for the next ones.
    const auto share = left_until(deadline) / static_cast<int>(addresses.size() - i);
    opened = open_socket(addresses[i], share);
    if (opened || opened.error().code == ErrorCode::kCancelled) break;
  }
  TRY_VOID(opened);
  watch_peer(socket_);
  return options_.tls ? shake_hands() : Result<void>();
}

Result<void> ClientConnection::open_socket(const Address& address, milliseconds timeout) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) return fail(ErrorCode::kUnavailable, text_of(errno));
  int error = ::connect(socket_, address.get(), address.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    TRY_VOID(wait(POLLOUT, steady_clock::now() + timeout));
    socklen_t size = sizeof error;
    if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  }
  if (error == 0) return {};
  return fail(ErrorCode::kUnavailable, fmt::format("cannot connect to `{}` port {}: {}",
                                                   options_.host, options_.port, text_of(error)));
}

Result<void> ClientConnection::shake_hands() {
  const auto deadline = steady_clock::now() + options_.connect_timeout;
  const TlsContext context = TRY(load_client_tls(*options_.tls));
  const std::string& name = options_.name.empty() ? options_.host : options_.name;
  tls_ = TlsChannel::connect(context.get(), socket_, name);
  if (tls_ == nullptr) return fail(ErrorCode::kUnavailable, "TLS can't be set up");
  while (true) {
    switch (tls_->handshake().outcome) {
      case Transfer::Outcome::kDone: return {};
      case Transfer::Outcome::kWantsRead: TRY_VOID(wait(POLLIN, deadline)); break;
      case Transfer::Outcome::kWantsWrite: TRY_VOID(wait(POLLOUT, deadline)); break;
      case Transfer::Outcome::kCancelled:
      case Transfer::Outcome::kEnded: return broken();
    }
  }
}

std::unexpected<Error> ClientConnection::broken() const {
  const std::string why = tls_ == nullptr ? "" : tls_->what_broke();
  if (why.empty()) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` port {} has ended the connection", options_.host, options_.port));
  }
  return fail(ErrorCode::kUnauthenticated,
              fmt::format("no TLS with `{}` port {}: {}", options_.host, options_.port, why));
}

Result<void> ClientConnection::wait(short events, steady_clock::time_point deadline) const {
  while (true) {
    std::array<pollfd, 2> waits = {{{socket_, events, 0}, {interruption_.descriptor(), POLLIN, 0}}};
    const auto left = left_until(deadline);
    const int ready = ::poll(waits.data(), waits.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return fail(ErrorCode::kUnavailable, text_of(errno));
    if (waits[1].revents != 0) return interrupted();
    if (waits[0].revents != 0) return {};
    if (left.count() == 0) {
      return fail(ErrorCode::kDeadlineExceeded,
                  fmt::format("`{}` port {} does not answer", options_.host, options_.port));
    }
  }
}

Result<void> ClientConnection::send(std::string_view bytes) {
  auto deadline = steady_clock::now() + options_.write_timeout;
  while (!bytes.empty()) {
    TRY_VOID(drop_what_comes());
    std::size_t sent = 0;
    if (tls_ != nullptr) {
      const Transfer transfer = tls_->write(bytes);
      if (transfer.outcome == Transfer::Outcome::kEnded) return broken();
      sent = transfer.bytes;
    } else {
      const ssize_t taken = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (taken < 0 && errno != EAGAIN && errno != EINTR) return broken();
      sent = taken < 0 ? 0 : static_cast<std::size_t>(taken);
    }
    bytes.remove_prefix(sent);
    if (sent > 0) {
      deadline = steady_clock::now() + options_.write_timeout;
    } else {
      // A peer that waits until it is read would wait for ever.
      TRY_VOID(wait(POLLIN | POLLOUT, deadline));
    }
  }
  return {};
}

Result<void> ClientConnection::wait_until_confirmed() {
  const auto deadline = steady_clock::now() + options_.write_timeout;
  auto pause = milliseconds(1);
  constexpr milliseconds kLongestPause{20};
  while (true) {
    int unconfirmed = 0;
    if (::ioctl(socket_, SIOCOUTQ, &unconfirmed) != 0) return broken();
    TRY_VOID(drop_what_comes());
    if (unconfirmed == 0) return {};
    if (steady_clock::now() >= deadline) {
      return fail(ErrorCode::kDeadlineExceeded,
                  fmt::format("`{}` port {} does not confirm what it is sent", options_.host,
                              options_.port));
    }
    // There is no event for it.
    const auto waited = wait(POLLIN, steady_clock::now() + pause);
    if (!waited && waited.error().code != ErrorCode::kDeadlineExceeded) return waited;
    pause = std::min(2 * pause, kLongestPause);
  }
}

milliseconds ClientConnection::silence() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return milliseconds::max();
  return milliseconds(info.tcpi_last_ack_recv);
}

bool ClientConnection::is_open() { return drop_what_comes().has_value(); }

Result<void> ClientConnection::drop_what_comes() {
  std::array<char, 4096> space;
  while (true) {
    if (tls_ != nullptr) {
      const Transfer transfer = tls_->read(space);
      if (transfer.outcome == Transfer::Outcome::kEnded) return broken();
      if (transfer.outcome != Transfer::Outcome::kDone) return {};
      continue;
    }
    const ssize_t got = ::recv(socket_, space.data(), space.size(), 0);
    if (got > 0) continue;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    return broken();
  }
}

}  // namespace wardlock::net
