#include "server/errand_office.h"

#include <pthread.h>

#include <utility>

namespace wardlock::server {
namespace {

constexpr std::size_t kShareOfOne = 4;

}  // namespace

ErrandOffice::ErrandOffice(const Options& options) : options_(options) {
  for (std::size_t i = 0; i < options.threads; ++i) threads_.emplace_back([this] { run(); });
}

ErrandOffice::~ErrandOffice() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  threads_.clear();
}

bool ErrandOffice::ask(const std::string& asker, std::size_t bytes, std::function<void()> errand) {
  {
    const std::scoped_lock lock(mutex_);
    std::size_t& own = by_asker_[asker];
    const bool is_too_much = is_stopping_ || waiting_.size() >= options_.most_waiting ||
                             own >= options_.most_waiting / kShareOfOne ||
                             bytes_ + bytes > options_.most_bytes;
    if (is_too_much) {
      if (own == 0) by_asker_.erase(asker);
      return false;
    }
    ++own;
    bytes_ += bytes;
    waiting_.push_back({asker, bytes, std::move(errand)});
  }
  changed_.notify_one();
  return true;
}

std::size_t ErrandOffice::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

void ErrandOffice::run() {
  pthread_setname_np(pthread_self(), "errands");
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (is_stopping_) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    next.errand();
    next.errand = nullptr;  // what it holds goes without the lock
    lock.lock();
    bytes_ -= next.bytes;
    const auto own = by_asker_.find(next.asker);
    if (--own->second == 0) by_asker_.erase(own);
  }
}

}  // namespace wardlock::server
