#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <list>

#include "net/connection.h"

namespace wardlock::net {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

/// One thread's listening socket and the connections it accepted. All members but `stop` belong to
/// the thread that calls `run`.
class EventLoop {
 public:
  explicit EventLoop(ServerShared& shared);

  /// Before `run`. The socket listens when it is given.
  Acceptor& acceptor() { return acceptor_; }

  /// Until `stop` and the end of the last connection.
  void run();
  /// Any thread.
  void stop();

 private:
  using Connections = std::list<Connection>;

  Task<> accept();
  void admit(TcpSocket socket, const boost::asio::ip::tcp::endpoint& peer);
  Task<> serve(Connections::iterator connection);
  void close_listener();
  Task<> watch_time();
  void drain();
  void end_if_done();

  ServerShared& shared_;
  Connections connections_;  // outlives the context, whose coroutines refer to it
  boost::asio::io_context context_{1};
  Acceptor acceptor_{context_};
  Timer tick_{context_};   ///< looks for connections whose time is over
  Timer pause_{context_};  ///< before accepting is tried again
  Clock::time_point cut_off_ = Clock::time_point::max();
  bool ticking_ = false;
};

}  // namespace wardlock::net
