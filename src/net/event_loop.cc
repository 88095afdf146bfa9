#include "net/event_loop.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "net/response_writer.h"

namespace wardlock::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});
/// Accepting fails when descriptors or memory run out; trying again at once would only spin.
constexpr std::chrono::milliseconds kAcceptPause{50};

/// Fine enough for the shortest time-out to be kept within a quarter.
std::chrono::milliseconds tick_for(const ServerOptions& options) {
  const auto shortest =
      std::min({options.header_timeout, options.body_timeout, options.idle_timeout,
                options.write_timeout, options.drain_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds{10}, std::chrono::milliseconds{250});
}

}  // namespace

EventLoop::EventLoop(ServerShared& shared) : shared_(shared) {}

void EventLoop::run() {
  asio::co_spawn(context_, accept(), asio::detached);
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

Task<> EventLoop::accept() {
  while (acceptor_.is_open()) {
    tcp::endpoint peer;
    auto [error, socket] = co_await acceptor_.async_accept(peer, kAwait);
    if (!error) {
      admit(std::move(socket), peer);
    } else if (acceptor_.is_open()) {
      pause_.expires_after(kAcceptPause);
      co_await pause_.async_wait(kAwait);
    }
  }
}

void EventLoop::admit(TcpSocket socket, const tcp::endpoint& peer) {
  if (shared_.connections.load(std::memory_order_relaxed) >= shared_.options.max_connections) {
    std::string answer;
    append_response(problem(503, "too many connections; try again later"), {.keep_alive = false},
                    answer);
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(answer), ignored);
    return;
  }
  connections_.emplace_front(std::move(socket), peer.address().to_string(), shared_);
  const auto connection = connections_.begin();
  asio::co_spawn(context_, serve(connection), asio::detached);
  if (!std::exchange(ticking_, true)) asio::co_spawn(context_, watch_time(), asio::detached);
}

Task<> EventLoop::serve(Connections::iterator connection) {
  try {
    co_await connection->serve();
  } catch (...) {
    // Out of memory: this connection ends.
  }
  connections_.erase(connection);
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
  }
  ticking_ = false;
}

void EventLoop::drain() {
  if (!acceptor_.is_open()) return;
  cut_off_ = Clock::now() + shared_.options.drain_timeout;
  close_listener();
  for (Connection& connection : connections_) connection.drain();
  end_if_done();
}

/// Leaves the context without anything to wait for, which ends `run`.
void EventLoop::end_if_done() {
  if (connections_.empty() && !acceptor_.is_open()) tick_.cancel();
}

/// Takes in whoever has connected by now: closing the listener would reset them.
void EventLoop::close_listener() {
  error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    tcp::endpoint peer;
    TcpSocket socket = acceptor_.accept(peer, error);
    if (!error) admit(std::move(socket), peer);
  }
  acceptor_.close(error);
  pause_.cancel();
}

}  // namespace wardlock::net
