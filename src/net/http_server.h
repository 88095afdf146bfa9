#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "net/http.h"
#include "net/request_reader.h"

namespace wardlock::net {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< an IP address; see is_loopback in net/address.h
  std::uint16_t port = 0;             ///< 0: one that is free
  unsigned threads = 0;               ///< 0: one per core
  HttpLimits limits = {};
  std::size_t max_connections = 10'000;  ///< beyond it: 503, closed at once

  /// From a request's first byte to the end of its header; also how long a new connection may say
  /// nothing.
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};   ///< from the header to the body's end
  std::chrono::milliseconds idle_timeout{60'000};   ///< between two requests
  std::chrono::milliseconds write_timeout{30'000};  ///< for the peer to take an answer
  std::chrono::milliseconds drain_timeout{10'000};  ///< from `stop` until what is left is cut off
};

/// An HTTP/1.1 server. Each thread has its own event loop and listening socket; a connection lives
/// on one thread, and its requests are answered there, in order.
///
/// A peer can hurt its own connection only: it is refused (4xx, 5xx) and closed. When the process
/// runs out of file descriptors, new connections wait until some are free.
class HttpServer {
 public:
  /// Binds and listens; fails when the address is in use. The handler is called from all threads at
  /// once; an exception that escapes it is answered with 500.
  static Result<std::unique_ptr<HttpServer>> listen(const ServerOptions& options, Handler handler);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// `run` must have returned, or never been called.
  ~HttpServer();

  std::uint16_t port() const;

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
