#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "pdp/snapshot.h"

namespace wardlock::server {

/// A place to listen on.
struct ListenAddress {
  std::string address;  ///< an IP address
  std::uint16_t port = 0;

  std::string text() const;
};

/// Reads `127.0.0.1:8180`, `[::1]:8180` or `localhost:8180`. Error: malformed, or not loopback:
/// plain HTTP is served to this machine only.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// Answers AuthZEN questions from the snapshot over plain HTTP until SIGINT or SIGTERM, then
/// finishes what it has accepted and returns. Call from the main thread, once, before other threads
/// are started: it takes over both signals. `on_listening` is told where the server listens.
Result<void> serve_pdp(const std::shared_ptr<const pdp::Snapshot>& snapshot,
                       const ListenAddress& listen, unsigned threads,
                       const std::function<void(const ListenAddress&)>& on_listening);

}  // namespace wardlock::server
