#pragma once

#include <csignal>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/descriptor.h"
#include "base/error.h"

namespace wardlock::directory {

// libldap waits for ever in a TLS handshake that does not end, so its sockets are ours. Private to
// this room.

/// Connects by TCP to one of the host's addresses. Error kUnavailable: none answers in time.
Result<Descriptor> connect_to(const std::string& host, int port, std::chrono::milliseconds timeout);

/// As long as it lives, writing to a connection that has ended is an error of the call, and no
/// signal that ends the process. For the thread that made it.
class NoBrokenPipe {
 public:
  NoBrokenPipe();
  ~NoBrokenPipe();
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t before_;
};

/// Ends a socket's connection where what is done over it takes too long: whoever waits for the
/// server is told that it has gone.
class SocketWatch {
 public:
  explicit SocketWatch(int socket);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// From now on there is so much time, until `rest`.
  void begin(std::chrono::milliseconds time);
  void rest();
  /// Ends the connection now.
  void end();
  /// Whether it ended the connection.
  bool has_ended() const;

 private:
  using Clock = std::chrono::steady_clock;
  void run(const std::stop_token& stop);

  const Descriptor socket_;  // of its own: whoever uses the other may close it at any time
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Clock::time_point> until_;
  bool has_ended_ = false;
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace wardlock::directory
