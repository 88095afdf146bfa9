#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace wardlock::audit {

/// Lets one thread sleep until there is work, so that who brings work pays for waking it up only
/// when it sleeps.
class LogWakeup {
 public:
  /// After the work has been put where `has_work` sees it, with sequentially consistent order. Any
  /// thread.
  void wake();

  /// Sleeps until `wake`, the time, or at once where there is work. The one thread.
  void sleep_until(std::chrono::steady_clock::time_point time,
                   const std::function<bool()>& has_work);

 private:
  std::atomic<bool> sleeping_ = false;
  std::mutex mutex_;
  std::condition_variable condition_;
};

}  // namespace wardlock::audit
