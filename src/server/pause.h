#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace wardlock::server {

/// How a thread of its own waits between two pieces of work: until the time is over, somebody wakes
/// it, or it is to stop. One thread waits; any wakes it.
class Pause {
 public:
  /// Waits for so long, whoever wakes it. False: it is time to stop.
  bool wait(const std::stop_token& stop, std::chrono::milliseconds time);
  /// Waits until somebody wakes it, or has since it was last woken, or the time is over. False: it
  /// is time to stop.
  bool wait_until_woken(const std::stop_token& stop, std::chrono::milliseconds at_most);
  void wake();

 private:
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool is_awake_ = false;
};

}  // namespace wardlock::server
