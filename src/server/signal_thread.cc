#include "server/signal_thread.h"

#include <pthread.h>

#include <utility>

#include "base/check.h"

namespace wardlock::server {

sigset_t take_over_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  for (const int signal : {SIGPIPE, SIGIO, SIGXFSZ}) {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    CHECK(sigaction(signal, &ignore, nullptr) == 0);
  }
  return signals;
}

SignalThread::SignalThread(const sigset_t& signals, std::function<void()> reload,
                           std::function<void()> stop)
    : thread_([signals, reload = std::move(reload), stop = std::move(stop)] {
        int signal = 0;
        while (sigwait(&signals, &signal) == 0 && signal == SIGHUP && reload) reload();
        stop();
      }) {}

SignalThread::~SignalThread() {
  // Ends a wait that nobody ended, when the server stopped by itself.
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

}  // namespace wardlock::server
