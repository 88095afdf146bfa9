#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <list>

#include "net/connection.h"
#include "net/peer_counts.h"
#include "net/tls_context.h"

namespace wardlock::net {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

/// What all threads of a server share. Outlives them.
struct ServerShared {
  ServerOptions options;
  ServiceFactory services;
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> connections = 0;
  PeerCounts peers{options.max_peer_connections};
};

/// One thread's listening sockets and the connections they accepted. All members but `stop` and
/// `counters` belong to the thread that calls `run`.
class EventLoop {
 public:
  explicit EventLoop(ServerShared& shared);

  /// Before `run`. `tls` (null: plain) must outlive this. Returns where to, with the port when it
  /// was 0.
  Result<boost::asio::ip::tcp::endpoint> listen(const boost::asio::ip::tcp::endpoint& endpoint,
                                                const TlsPort* tls, bool is_first);

  /// Until `stop` and the end of the last connection.
  void run();
  /// Any thread.
  void stop();
  /// Any thread.
  const LoopCounters& counters() const { return counters_; }

 private:
  using Connections = std::list<Connection>;

  /// A listening socket.
  struct Port {
    Port(boost::asio::io_context& context, const TlsPort* tls_port)
        : acceptor(context), pause(context), tls(tls_port) {}
    Acceptor acceptor;
    Timer pause;  ///< before accepting is tried again
    const TlsPort* tls;
  };

  Task<> accept(Port& port);
  void admit(TcpSocket socket, const boost::asio::ip::tcp::endpoint& peer, const TlsPort* tls);
  void turn_away(TcpSocket socket, bool is_plain);
  Task<> serve(Connections::iterator connection, PeerCounts::Place place);
  void close_port(Port& port);
  Task<> watch_time();
  void drain();
  void end_if_done();

  ServerShared& shared_;
  Handler handler_;
  HttpResponse response_;
  LoopCounters counters_;
  Connections connections_;  // outlives the context, whose coroutines refer to it
  /// What only this thread does needs no locks; `stop` posts to it.
  boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  HeldAnswers held_{context_};
  std::list<Port> ports_;
  Timer tick_{context_};  ///< looks for connections whose time is over
  Clock::time_point cut_off_ = Clock::time_point::max();
  bool ticking_ = false;
  bool is_open_ = true;  ///< for new connections
};

}  // namespace wardlock::net
