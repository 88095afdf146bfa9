#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/interruption.h"

namespace wardlock::net {

/// Where a socket can connect to.
struct Address {
  sockaddr_storage bytes = {};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

/// The addresses of a host, by name or as an IP address; at least one. Names are looked up on a
/// thread of their own, since the system's resolver cannot be interrupted. Errors: kUnavailable,
/// there is no such host; kDeadlineExceeded; kCancelled.
Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port,
                                     std::chrono::milliseconds timeout,
                                     const Interruption& interruption);

}  // namespace wardlock::net
