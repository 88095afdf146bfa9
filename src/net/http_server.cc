#include "net/http_server.h"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <deque>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/event_loop.h"
#include "net/tls_context.h"

namespace wardlock::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Result<void> check(const ServerOptions& options) {
  const auto shortest =
      std::min({options.header_timeout, options.handshake_timeout, options.body_timeout,
                options.idle_timeout, options.write_timeout, options.drain_timeout});
  if (shortest <= std::chrono::milliseconds::zero()) return invalid("time-outs must be positive");
  if (options.limits.max_header_bytes < 256) return invalid("the header limit is below 256 bytes");
  if (options.limits.max_streams == 0 || options.limits.max_streams > 10'000) {
    return invalid("the limit of streams must be from 1 to 10000");
  }
  if (options.limits.max_buffered_bytes < options.limits.max_body_bytes) {
    return invalid("a connection must be allowed to hold one body");
  }
  if (options.listeners.empty()) return invalid("there is nothing to listen on");
  if (options.max_connections == 0 || options.max_peer_connections == 0) {
    return invalid("a limit of connections is 0");
  }
  return {};
}

Result<tcp::endpoint> endpoint_of(const Listener& listener) {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(listener.address, error);
  if (error) {
    return invalid(
        fmt::format("`{}` is not an IP address, such as 127.0.0.1 or ::1", listener.address));
  }
  if (!listener.tls && !is_loopback(listener.address)) {
    return invalid(
        fmt::format("`{}` is not a loopback address: plain HTTP is served to this machine only; "
                    "give the listener a certificate",
                    listener.address));
  }
  return tcp::endpoint(address, listener.port);
}

}  // namespace

class HttpServer::Loops {
 public:
  Loops(const ServerOptions& options, ServiceFactory services)
      : shared_{.options = options, .services = std::move(services)} {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const unsigned threads = options.threads == 0 ? cores : options.threads;
    for (unsigned i = 0; i < threads; ++i) loops_.emplace_back(shared_);
  }

  Result<void> listen() {
    for (const Listener& listener : shared_.options.listeners) {
      const TlsPort* tls = listener.tls ? &tls_ports_.emplace_back(*listener.tls) : nullptr;
      tcp::endpoint endpoint = TRY(endpoint_of(listener));
      for (EventLoop& loop : loops_) {
        endpoint = TRY(loop.listen(endpoint, tls, &loop == &loops_.front()));
      }
      ports_.push_back(endpoint.port());
    }
    return reload_tls();
  }

  Result<void> reload_tls() {
    std::vector<TlsContext> contexts;
    std::vector<std::string> warnings;
    const std::lock_guard lock(reload_mutex_);
    for (const TlsPort& port : tls_ports_) {
      LoadedTls loaded = TRY(load_tls(port.files()));
      contexts.push_back(std::move(loaded.context));
      std::ranges::move(loaded.warnings, std::back_inserter(warnings));
    }
    for (std::size_t i = 0; i < contexts.size(); ++i) tls_ports_[i].publish(std::move(contexts[i]));
    tls_warnings_ = std::move(warnings);
    return {};
  }

  std::vector<std::string> tls_warnings() const {
    const std::lock_guard lock(reload_mutex_);
    return tls_warnings_;
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

  const std::vector<std::uint16_t>& ports() const { return ports_; }

  ServerCounters counters() const {
    ServerCounters sum;
    for (const EventLoop& loop : loops_) loop.counters().add_to(sum);
    return sum;
  }

 private:
  ServerShared shared_;
  std::deque<TlsPort> tls_ports_;
  mutable std::mutex reload_mutex_;
  std::vector<std::string> tls_warnings_;
  std::deque<EventLoop> loops_;
  std::vector<std::uint16_t> ports_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ServerOptions& options,
                                                       ServiceFactory services) {
  TRY_VOID(check(options));
  try {
    auto loops = std::make_unique<Loops>(options, std::move(services));
    TRY_VOID(loops->listen());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(loops)));
  } catch (const boost::system::system_error& error) {  // no descriptor for an event loop
    return fail(ErrorCode::kResourceExhausted, fmt::format("cannot listen: {}", error.what()));
  }
}

HttpServer::HttpServer(std::unique_ptr<Loops> loops) : loops_(std::move(loops)) {}
HttpServer::~HttpServer() = default;

const std::vector<std::uint16_t>& HttpServer::ports() const { return loops_->ports(); }
ServerCounters HttpServer::counters() const { return loops_->counters(); }
Result<void> HttpServer::reload_tls() { return loops_->reload_tls(); }
std::vector<std::string> HttpServer::tls_warnings() const { return loops_->tls_warnings(); }
Result<void> HttpServer::run() { return loops_->run(); }
void HttpServer::stop() { loops_->stop(); }

}  // namespace wardlock::net
