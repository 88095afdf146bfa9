#include "net/http_server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <deque>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/event_loop.h"

namespace wardlock::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

Result<void> check(const ServerOptions& options) {
  const auto shortest =
      std::min({options.header_timeout, options.body_timeout, options.idle_timeout,
                options.write_timeout, options.drain_timeout});
  if (shortest <= std::chrono::milliseconds::zero()) return invalid("time-outs must be positive");
  if (options.limits.max_header_bytes < 256) return invalid("the header limit is below 256 bytes");
  if (options.max_connections == 0) return invalid("the connection limit is 0");
  return {};
}

Result<tcp::endpoint> endpoint_of(const ServerOptions& options) {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) {
    return invalid(
        fmt::format("`{}` is not an IP address, such as 127.0.0.1 or ::1", options.address));
  }
  return tcp::endpoint(address, options.port);
}

Result<void> to_result(const error_code& error, std::string_view address, std::uint16_t port) {
  if (!error) return {};
  const bool in_use = error == asio::error::address_in_use;
  return fail(in_use ? ErrorCode::kAlreadyExists : ErrorCode::kUnavailable,
              fmt::format("cannot listen on `{}` port {}: {}", address, port, error.message()));
}

/// The first socket binds alone, so that a port somebody else listens on is refused; after that
/// ours may share it.
error_code open(Acceptor& acceptor, const tcp::endpoint& endpoint, bool first) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && !first) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error && first) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

class HttpServer::Loops {
 public:
  Loops(const ServerOptions& options, Handler handler) {
    shared_.options = options;
    shared_.handler = std::move(handler);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const unsigned threads = options.threads == 0 ? cores : options.threads;
    for (unsigned i = 0; i < threads; ++i) loops_.emplace_back(shared_);
  }

  Result<void> listen(tcp::endpoint endpoint) {
    for (EventLoop& loop : loops_) {
      const error_code error = open(loop.acceptor(), endpoint, &loop == &loops_.front());
      TRY_VOID(to_result(error, shared_.options.address, endpoint.port()));
      error_code ignored;  // it is bound
      endpoint = loop.acceptor().local_endpoint(ignored);
    }
    port_ = endpoint.port();
    return {};
  }

  Result<void> run() {
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 1; i < loops_.size(); ++i) {
        threads.emplace_back([&loop = loops_[i]] { loop.run(); });
      }
    } catch (const std::system_error&) {
      stop();
      return fail(ErrorCode::kResourceExhausted, "cannot start another thread");
    }
    loops_.front().run();
    return {};
  }

  void stop() {
    shared_.stopping = true;
    for (EventLoop& loop : loops_) loop.stop();
  }

  std::uint16_t port() const { return port_; }

 private:
  ServerShared shared_;
  std::deque<EventLoop> loops_;
  std::uint16_t port_ = 0;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ServerOptions& options,
                                                       Handler handler) {
  TRY_VOID(check(options));
  const tcp::endpoint endpoint = TRY(endpoint_of(options));
  try {
    auto loops = std::make_unique<Loops>(options, std::move(handler));
    TRY_VOID(loops->listen(endpoint));
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(loops)));
  } catch (const boost::system::system_error& error) {  // no descriptor for an event loop
    return fail(ErrorCode::kResourceExhausted, fmt::format("cannot listen: {}", error.what()));
  }
}

HttpServer::HttpServer(std::unique_ptr<Loops> loops) : loops_(std::move(loops)) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return loops_->port(); }
Result<void> HttpServer::run() { return loops_->run(); }
void HttpServer::stop() { loops_->stop(); }

}  // namespace wardlock::net
