#include "directory/ldap/ldap_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace wardlock::directory {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype([](addrinfo* first) { freeaddrinfo(first); })>;

/// 0, or why not.
int connect_one(int socket, const addrinfo& address, std::chrono::milliseconds timeout) {
  const int flags = fcntl(socket, F_GETFL);
  if (fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) return errno;
  if (connect(socket, address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return errno;
    pollfd waiting = {.fd = socket, .events = POLLOUT, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    if (error != 0) return error;
  }
  return fcntl(socket, F_SETFL, flags) == 0 ? 0 : errno;
}

}  // namespace

Result<Descriptor> connect_to(const std::string& host, int port,
                              std::chrono::milliseconds timeout) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int found = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &first);
  const Addresses addresses(first);
  if (found != 0) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("`{}` has no address: {}", host, gai_strerror(found)));
  }
  int error = 0;
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
    Descriptor made(::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    error = made.is_open() ? connect_one(made.number(), *each, timeout) : errno;
    if (error == 0) return made;
  }
  return fail(ErrorCode::kUnavailable, fmt::format("connecting to `{}`, port {}, failed: {}", host,
                                                   port, std::strerror(error)));
}

NoBrokenPipe::NoBrokenPipe() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before_);
}

NoBrokenPipe::~NoBrokenPipe() {
  if (sigismember(&before_, SIGPIPE) == 0) {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    const timespec now = {};
    while (sigtimedwait(&pipe, nullptr, &now) == SIGPIPE) {  // what has come meanwhile
    }
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

SocketWatch::SocketWatch(int socket)
    : socket_(fcntl(socket, F_DUPFD_CLOEXEC, 0)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SocketWatch::~SocketWatch() = default;

void SocketWatch::begin(std::chrono::milliseconds time) {
  const std::scoped_lock lock(mutex_);
  until_ = Clock::now() + time;
  changed_.notify_all();
}

void SocketWatch::rest() {
  const std::scoped_lock lock(mutex_);
  until_.reset();
  changed_.notify_all();
}

void SocketWatch::end() { ::shutdown(socket_.number(), SHUT_RDWR); }

bool SocketWatch::has_ended() const {
  const std::scoped_lock lock(mutex_);
  return has_ended_;
}

void SocketWatch::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!until_) {
      changed_.wait(lock, stop, [this] { return until_.has_value(); });
      continue;
    }
    const Clock::time_point until = *until_;
    const bool is_other = changed_.wait_until(lock, stop, until, [&] { return until_ != until; });
    if (is_other || stop.stop_requested()) continue;
    has_ended_ = true;
    until_.reset();
    ::shutdown(socket_.number(), SHUT_RDWR);
  }
}

}  // namespace wardlock::directory
