#include "authn/password/hashing_threads.h"

#include <pthread.h>

#include "base/background.h"

namespace wardlock::authn {

HashingThreads::HashingThreads(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

HashingThreads::~HashingThreads() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

void HashingThreads::run(const std::function<void()>& work) {
  Waiting mine;
  mine.work = &work;
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  changed_.notify_one();
  mine.done.wait(lock, [&mine] { return mine.is_done; });
}

void HashingThreads::serve() {
  pthread_setname_np(pthread_self(), "hashing");
  give_way_at_once();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (is_stopping_) return;
    Waiting& next = *waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    (*next.work)();
    lock.lock();
    next.is_done = true;
    next.done.notify_one();  // under the lock: whoever waits takes `next` along when it goes
  }
}

}  // namespace wardlock::authn
