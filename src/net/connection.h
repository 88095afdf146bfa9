#pragma once

#include <memory>
#include <string>

#include "net/held_answers.h"
#include "net/session.h"
#include "net/socket.h"
#include "net/stream.h"

namespace wardlock::net {

/// One accepted connection: moves bytes between a stream and the session that understands them, and
/// keeps the time. Lives on one thread: all members are called there.
class Connection {
 public:
  Connection(Stream stream, SessionContext context, HeldAnswers& held);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Answers requests until the connection ends.
  Task<> serve();

  /// Breaks off the pending wait if its time is over.
  void expire(Clock::time_point now);
  /// Lets a connection that waits find that the server stops.
  void drain();
  /// Cuts the connection off.
  void abort();

 private:
  Task<bool> shake_hands();
  void choose_session();
  void upgrade();
  Task<> exchange();
  bool take(const Transfer& got);
  bool send_now();
  Task<bool> pass_gate();
  Task<bool> await_change();
  Task<bool> send_rest();
  Task<> linger();
  void wait_until(Clock::time_point deadline);

  Stream stream_;
  SessionContext context_;
  HeldAnswers& held_;
  std::unique_ptr<Session> session_;
  std::string out_;       ///< answers
  std::size_t sent_ = 0;  ///< of out_
  bool is_expired_ = false;
  Clock::time_point deadline_ = Clock::time_point::max();
};

}  // namespace wardlock::net
