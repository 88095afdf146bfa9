#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/http.h"
#include "net/listener.h"
#include "net/request_reader.h"
#include "net/server_counters.h"

namespace wardlock::net {

struct ServerOptions {
  std::vector<Listener> listeners = {};  ///< at least one
  unsigned threads = 0;                  ///< 0: one per core
  HttpLimits limits = {};
  std::size_t max_connections = 10'000;      ///< beyond it: 503, closed at once
  std::size_t max_peer_connections = 1'000;  ///< of one peer (`PeerCounts`); as above

  /// From a request's first byte to the end of its header; also how long a new connection may say
  /// nothing.
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds handshake_timeout{10'000};  ///< of TLS
  std::chrono::milliseconds body_timeout{30'000};       ///< from the header to the body's end
  std::chrono::milliseconds idle_timeout{60'000};       ///< between two requests
  std::chrono::milliseconds write_timeout{30'000};      ///< for the peer to take an answer
  std::chrono::milliseconds drain_timeout{10'000};  ///< from `stop` until what is left is cut off
};

/// A server of HTTP/1.1 and HTTP/2, both on each port: by ALPN on TLS, by the client's first bytes
/// on plain connections. Each thread has its own event loop and a socket for each listener; a
/// connection lives on one thread, and its requests are answered there, in order.
///
/// A peer can hurt its own connection only: it is refused (4xx, 5xx) and closed. When the process
/// runs out of file descriptors, new connections wait until some are free.
class HttpServer {
 public:
  /// Binds and listens. Fails when an address is in use, when plain HTTP would leave this machine,
  /// when certificates can't be used. An exception that escapes a handler is answered with 500.
  static Result<std::unique_ptr<HttpServer>> listen(const ServerOptions& options,
                                                    ServiceFactory services);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// `run` must have returned, or never been called.
  ~HttpServer();

  /// In the order of the listeners.
  const std::vector<std::uint16_t>& ports() const;
  /// Any thread.
  ServerCounters counters() const;

  /// Reads the certificates, keys and authorities of all listeners anew. New connections use them;
  /// old ones go on. On failure nothing changes. Any thread.
  Result<void> reload_tls();
  /// What was odd about the files in use, for the operator's log. Any thread.
  std::vector<std::string> tls_warnings() const;

  /// Serves until stopped; the calling thread is one of the server's. To be called once.
  Result<void> run();

  /// Ends `run`: nothing new is accepted, connections between requests are closed, requests that
  /// have begun to arrive are answered, and after `drain_timeout` what is left is cut off. A
  /// handler that is running is waited for. Any thread, any number of times; returns at once.
  void stop();

 private:
  class Loops;
  explicit HttpServer(std::unique_ptr<Loops> loops);
  std::unique_ptr<Loops> loops_;
};

}  // namespace wardlock::net
