#include "audit/log/wakeup.h"

namespace wardlock::audit {

// INVARIANT: who brings work first puts it where `has_work` sees it and then reads `sleeping_`; the
// sleeper first sets `sleeping_` and then asks `has_work`. In the one order that all agree on, one
// of the two sees the other.
void LogWakeup::wake() {
  if (!sleeping_.load()) return;
  {
    const std::scoped_lock lock(mutex_);
    sleeping_.store(false);
  }
  condition_.notify_one();
}

void LogWakeup::sleep_until(std::chrono::steady_clock::time_point time,
                            const std::function<bool()>& has_work) {
  sleeping_.store(true);
  if (!has_work()) {
    std::unique_lock lock(mutex_);
    condition_.wait_until(lock, time, [&] { return !sleeping_.load(); });
  }
  sleeping_.store(false);
}

}  // namespace wardlock::audit
