#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace wardlock::server {

/// The bells of several threads, rung together: each looks again at what waits there. Thread-safe.
class Bells {
 public:
  /// `ring`: as of a Bell or a Recorder.
  void add(std::function<void()> ring) {
    const std::lock_guard lock(mutex_);
    bells_.push_back(std::move(ring));
  }
  void ring() const {
    const std::lock_guard lock(mutex_);
    for (const auto& each : bells_) each();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::function<void()>> bells_;
};

}  // namespace wardlock::server
