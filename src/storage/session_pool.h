#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "storage/backend.h"
#include "storage/session.h"

namespace wardlock::storage {

/// Connections that read, made as they are needed and kept. Thread-safe.
class SessionPool {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  SessionPool(const Backend& backend, std::size_t size) : backend_(backend), left_(size) {}

  /// A session to be given back, or an error: kUnavailable, all were in use until the deadline; or
  /// why no connection could be made.
  Result<std::unique_ptr<Session>> take(Deadline deadline);
  /// For use by others; or closed, with all that are idle, where its database has gone away.
  void give_back(std::unique_ptr<Session> session, bool is_usable);

 private:
  const Backend& backend_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t left_;  // that may still be taken
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace wardlock::storage
