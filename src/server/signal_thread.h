#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace wardlock::server {

/// Keeps the signals that stop or reload a server from the calling thread and all it starts from
/// here on, and ignores those that would end it for nothing (SIGPIPE, SIGIO). They stay blocked:
/// the process is about to end afterwards, and a second signal must not make a failure of that.
sigset_t take_over_signals();

/// A thread that waits for the signals until one says to stop, and has ended when this is gone.
class SignalThread {
 public:
  /// `reload` is called at each SIGHUP; null: it stops as SIGINT and SIGTERM do. `stop` is called
  /// once.
  SignalThread(const sigset_t& signals, std::function<void()> reload, std::function<void()> stop);
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;
  ~SignalThread();

 private:
  std::thread thread_;
};

}  // namespace wardlock::server
