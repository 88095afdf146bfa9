#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>

#include "net/http_server.h"
#include "net/request_reader.h"

namespace wardlock::net {

using Executor = boost::asio::io_context::executor_type;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
template <typename T = void>
using Task = boost::asio::awaitable<T, Executor>;
using Clock = std::chrono::steady_clock;

/// What all connections of a server share. Outlives them.
struct ServerShared {
  ServerOptions options;
  HandlerFactory handlers;
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> connections = 0;
};

/// What the connections of one thread share. Outlives them.
struct LoopShared {
  ServerShared& server;
  Handler handler = {};
  LoopCounters counters = {};
};

/// One accepted connection. Lives on one thread: all members are called there.
class Connection {
 public:
  Connection(TcpSocket socket, const std::string& remote_address, LoopShared& loop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Answers requests until the connection ends.
  Task<> serve();

  /// Breaks off the pending read or write if its time is over.
  void expire(Clock::time_point now);
  /// Lets a connection that waits for a request find that the server stops.
  void drain();
  /// Cuts the connection off.
  void abort();

 private:
  enum class Waiting : std::uint8_t { kNothing, kFirst, kIdle, kHead, kBody, kWrite, kLinger };

  void answer();
  HttpResponse call_handler();
  void answer_refusal(const Refusal& refusal);
  Task<bool> receive();
  bool send_now();
  Task<bool> send_rest();
  Task<> linger();
  bool receive_what_has_come();
  void wait_for(Waiting what);
  std::chrono::milliseconds time_for(Waiting what) const;

  TcpSocket socket_;
  std::string remote_address_;
  LoopShared& loop_;
  ServerShared& shared_;
  RequestReader reader_;
  std::string out_;       ///< answers
  std::size_t sent_ = 0;  ///< of out_
  bool fresh_ = true;     ///< nothing was answered yet
  bool closing_ = false;
  bool expired_ = false;
  Waiting waiting_ = Waiting::kNothing;
  Clock::time_point deadline_;
};

}  // namespace wardlock::net
