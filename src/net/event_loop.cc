#include "net/event_loop.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "net/response_writer.h"

namespace wardlock::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});
/// Accepting fails when descriptors or memory run out; trying again at once would only spin.
constexpr std::chrono::milliseconds kAcceptPause{50};

/// Fine enough for the shortest time-out to be kept within a quarter.
std::chrono::milliseconds tick_for(const ServerOptions& options) {
  const auto shortest =
      std::min({options.header_timeout, options.handshake_timeout, options.body_timeout,
                options.idle_timeout, options.write_timeout, options.drain_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds{10}, std::chrono::milliseconds{250});
}

/// The first socket binds alone, so that a port somebody else listens on is refused; after that
/// ours may share it.
error_code open(Acceptor& acceptor, const tcp::endpoint& endpoint, bool is_first) {
  error_code error;
  const asio::ip::address& address = endpoint.address();
  const bool is_only_v6 = address.is_v6() && !address.to_v6().is_v4_mapped();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  // `0.0.0.0` and `::` are two listeners, whatever the system's default is.
  if (!error && is_only_v6) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error && !is_first) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error && is_first) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

EventLoop::EventLoop(ServerShared& shared) : shared_(shared) {}

Result<tcp::endpoint> EventLoop::listen(const tcp::endpoint& endpoint, const TlsPort* tls,
                                        bool is_first) {
  Acceptor& acceptor = ports_.emplace_back(context_, tls).acceptor;
  error_code error = open(acceptor, endpoint, is_first);
  if (!error) return acceptor.local_endpoint(error);
  const bool in_use = error == asio::error::address_in_use;
  return fail(in_use ? ErrorCode::kAlreadyExists : ErrorCode::kUnavailable,
              fmt::format("cannot listen on `{}` port {}: {}", endpoint.address().to_string(),
                          endpoint.port(), error.message()));
}

void EventLoop::run() {
  Service service = shared_.services();
  handler_ = std::move(service.handler);
  held_.attach(std::move(service.gate));
  for (Port& port : ports_) asio::co_spawn(context_, accept(port), asio::detached);
  for (;;) {
    try {
      context_.run();
      return;
    } catch (...) {
      // Out of memory for one connection: the others go on.
    }
  }
}

void EventLoop::stop() {
  asio::post(context_, [this] { drain(); });
}

Task<> EventLoop::accept(Port& port) {
  while (port.acceptor.is_open()) {
    tcp::endpoint peer;
    auto [error, socket] = co_await port.acceptor.async_accept(peer, kAwait);
    if (!error) {
      admit(std::move(socket), peer, port.tls);
    } else if (port.acceptor.is_open()) {
      port.pause.expires_after(kAcceptPause);
      co_await port.pause.async_wait(kAwait);
    }
  }
}

void EventLoop::admit(TcpSocket socket, const tcp::endpoint& peer, const TlsPort* tls) {
  const bool is_full =
      shared_.connections.load(std::memory_order_relaxed) >= shared_.options.max_connections;
  auto place = is_full ? std::nullopt : shared_.peers.enter(peer.address());
  if (!place) return turn_away(std::move(socket), tls == nullptr);
  std::unique_ptr<TlsChannel> channel;
  if (tls != nullptr) channel = tls->accept(socket.native_handle());
  if (tls != nullptr && channel == nullptr) return turn_away(std::move(socket), false);
  connections_.emplace_front(Stream(std::move(socket), std::move(channel)),
                             SessionContext{.options = shared_.options,
                                            .handler = handler_,
                                            .response = response_,
                                            .stopping = shared_.stopping,
                                            .counters = counters_,
                                            .remote_address = peer.address().to_string()},
                             held_);
  ++shared_.connections;
  const auto connection = connections_.begin();
  asio::co_spawn(context_, serve(connection, *std::move(place)), asio::detached);
  if (!std::exchange(ticking_, true)) asio::co_spawn(context_, watch_time(), asio::detached);
}

void EventLoop::turn_away(TcpSocket socket, bool is_plain) {
  counters_.connections_refused.add();
  if (!is_plain) return;
  HttpResponse refusal;
  write_problem(503, "too many connections; try again later", refusal);
  std::string answer;
  append_response(refusal, {.keep_alive = false}, answer);
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(answer), ignored);
}

Task<> EventLoop::serve(Connections::iterator connection, PeerCounts::Place place) {
  const PeerCounts::Place until_its_end = std::move(place);
  try {
    co_await connection->serve();
  } catch (...) {
    // Out of memory: this connection ends.
  }
  connections_.erase(connection);
  --shared_.connections;
  end_if_done();
}

/// Runs while there are connections.
Task<> EventLoop::watch_time() {
  const std::chrono::milliseconds period = tick_for(shared_.options);
  while (!connections_.empty()) {
    tick_.expires_after(period);
    co_await tick_.async_wait(kAwait);
    const Clock::time_point now = Clock::now();
    for (Connection& connection : connections_) {
      if (now >= cut_off_) {
        connection.abort();
      } else {
        connection.expire(now);
      }
    }
    if (held_.are_there()) held_.look_again();
  }
  ticking_ = false;
}

void EventLoop::drain() {
  if (!std::exchange(is_open_, false)) return;
  cut_off_ = Clock::now() + shared_.options.drain_timeout;
  for (Port& port : ports_) close_port(port);
  for (Connection& connection : connections_) connection.drain();
  end_if_done();
}

/// Leaves the context without anything to wait for, which ends `run`.
void EventLoop::end_if_done() {
  if (!connections_.empty() || is_open_) return;
  tick_.cancel();
  held_.detach();
}

/// Takes in whoever has connected by now: closing the listener would reset them.
void EventLoop::close_port(Port& port) {
  error_code error;
  port.acceptor.non_blocking(true, error);
  while (!error) {
    tcp::endpoint peer;
    TcpSocket socket = port.acceptor.accept(peer, error);
    if (!error) admit(std::move(socket), peer, port.tls);
  }
  port.acceptor.close(error);
  port.pause.cancel();
}

}  // namespace wardlock::net
