#include "storage/session_pool.h"

#include <fmt/format.h>

#include <utility>

namespace wardlock::storage {

Result<std::unique_ptr<Session>> SessionPool::take(Deadline deadline) {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, deadline, [this] { return left_ > 0; })) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the database `{}`: all connections were in use for too long; ask "
                              "again later",
                              backend_.name()));
    }
    --left_;
    if (!idle_.empty()) {
      std::unique_ptr<Session> session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  auto session = backend_.connect(false);
  if (!session) give_back(nullptr, false);
  return session;
}

void SessionPool::give_back(std::unique_ptr<Session> session, bool is_usable) {
  std::vector<std::unique_ptr<Session>> closed;  // without the lock
  {
    const std::lock_guard lock(mutex_);
    ++left_;
    if (is_usable) {
      idle_.push_back(std::move(session));
    } else {
      closed = std::exchange(idle_, {});
    }
  }
  changed_.notify_one();
}

}  // namespace wardlock::storage
