#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::config {

/// A place to listen on.
struct ListenAddress {
  std::string address;  ///< an IP address
  std::uint16_t port = 0;

  std::string text() const;
};

/// Reads `127.0.0.1:8180`, `[::1]:8180` or `localhost:8180`. Error: malformed, or without TLS not
/// loopback: plain HTTP is served to this machine only.
Result<ListenAddress> parse_listen_address(std::string_view text, bool has_tls);

}  // namespace wardlock::config
