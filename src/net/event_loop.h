#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <list>

#include "net/connection.h"

namespace wardlock::net {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

/// One thread's listening sockets and the connections they accepted. All members but `stop` and
/// `counters` belong to the thread that calls `run`.
class EventLoop {
 public:
  explicit EventLoop(ServerShared& shared);

  /// Before `run`. Returns where to, with the port when it was 0.
  Result<boost::asio::ip::tcp::endpoint> listen(const boost::asio::ip::tcp::endpoint& endpoint,
                                                bool is_first);

  /// Until `stop` and the end of the last connection.
  void run();
  /// Any thread.
  void stop();
  /// Any thread.
  const LoopCounters& counters() const { return shared_.counters; }

 private:
  using Connections = std::list<Connection>;

  /// A listening socket.
  struct Port {
    explicit Port(boost::asio::io_context& context) : acceptor(context), pause(context) {}
    Acceptor acceptor;
    Timer pause;  ///< before accepting is tried again
  };

  Task<> accept(Port& port);
  void admit(TcpSocket socket, const boost::asio::ip::tcp::endpoint& peer);
  Task<> serve(Connections::iterator connection);
  void close_port(Port& port);
  Task<> watch_time();
  void drain();
  void end_if_done();

  LoopShared shared_;
  Connections connections_;  // outlives the context, whose coroutines refer to it
  boost::asio::io_context context_{1};
  std::list<Port> ports_;
  Timer tick_{context_};  ///< looks for connections whose time is over
  Clock::time_point cut_off_ = Clock::time_point::max();
  bool ticking_ = false;
  bool is_open_ = true;  ///< for new connections
};

}  // namespace wardlock::net
