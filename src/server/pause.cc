#include "server/pause.h"

namespace wardlock::server {

bool Pause::wait(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

bool Pause::wait_until_woken(const std::stop_token& stop, std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, stop, at_most, [this] { return is_awake_; });
  is_awake_ = false;
  return !stop.stop_requested();
}

void Pause::wake() {
  {
    const std::scoped_lock lock(mutex_);
    is_awake_ = true;
  }
  woken_.notify_one();
}

}  // namespace wardlock::server
