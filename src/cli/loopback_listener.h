#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::cli {

/// Waits at a port of this machine for the browser that comes back from signing in (RFC 8252, 7.3).
/// Not thread-safe.
class LoopbackListener {
 public:
  /// At 127.0.0.1, at a port that is free. Error: kUnavailable, none can be had.
  static Result<LoopbackListener> open();
  ~LoopbackListener();
  LoopbackListener(LoopbackListener&& other) noexcept;
  LoopbackListener& operator=(LoopbackListener&&) = delete;

  std::uint16_t port() const { return port_; }

  /// The query with which a browser asks for `path`, and that `is_meant` takes. Whoever comes with
  /// something else is answered, and waited on further: any page may send a browser here. Error:
  /// kDeadlineExceeded, nobody came in time.
  Result<std::string> wait(std::string_view path,
                           const std::function<bool(std::string_view query)>& is_meant,
                           std::chrono::steady_clock::time_point until);

 private:
  LoopbackListener(int socket, std::uint16_t port) : socket_(socket), port_(port) {}

  int socket_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace wardlock::cli
