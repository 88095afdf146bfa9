#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wardlock::authn {

/// Threads that hash passwords and do nothing else. They give way to all others, and since they
/// hold nothing that others need, whoever waits for one waits for a hash and never for a lock.
/// Thread-safe.
class HashingThreads {
 public:
  explicit HashingThreads(std::size_t threads);
  /// Requires that nobody waits any more.
  ~HashingThreads();
  HashingThreads(const HashingThreads&) = delete;
  HashingThreads& operator=(const HashingThreads&) = delete;

  /// Has it done by one of them, after what came before, and waits until it is.
  void run(const std::function<void()>& work);

 private:
  struct Waiting {
    const std::function<void()>* work = nullptr;
    bool is_done = false;
    std::condition_variable done;
  };

  void serve();

  std::mutex mutex_;  ///< over all that follows but the threads
  std::condition_variable changed_;
  std::deque<Waiting*> waiting_;
  bool is_stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace wardlock::authn
