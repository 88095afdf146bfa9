#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"

namespace wardlock {

/// The newest of a series of immutable values, read by threads that must never wait.
///
/// Each reading thread has a `Reader` of its own. Reading takes no lock and frees nothing: the
/// reader notes which value it holds, and whoever publishes keeps a value until nobody holds it.
/// So values die on the publisher's thread only (in `publish`, `collect` or the destructor).
/// Readers must be gone before their Published is.
template <typename T>
class Published {
  struct alignas(64) Place {  // of its own on a cache line: each thread writes its own only
    std::atomic<const T*> held = nullptr;
  };

 public:
  explicit Published(std::shared_ptr<const T> first) : owner_(std::move(first)) {
    CHECK(owner_ != nullptr);
    current_ = owner_.get();
  }
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;
  ~Published() { CHECK(places_.empty()); }

  /// Makes `value` what is read from here on. Any thread.
  void publish(std::shared_ptr<const T> value) {
    CHECK(value != nullptr);
    std::vector<std::shared_ptr<const T>> unused;  // destroyed after the lock is given back
    const std::scoped_lock lock(mutex_);
    current_.store(value.get(), std::memory_order_seq_cst);
    retired_.push_back(std::exchange(owner_, std::move(value)));
    take_unused(unused);
  }

  /// Destroys what was replaced and is no longer held. Any thread; to be called now and then.
  void collect() {
    std::vector<std::shared_ptr<const T>> unused;
    const std::scoped_lock lock(mutex_);
    take_unused(unused);
  }

  /// One thread's view.
  class Reader {
   public:
    explicit Reader(Published& published) : published_(&published), place_(published.enter()) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { published_->leave(place_); }

    /// Calls `use` with the newest value, which is there, unchanged, until `use` returns. Not to be
    /// nested.
    template <typename Use>
    std::invoke_result_t<Use, const T&> read(Use&& use) {
      const Hold hold{*place_};
      return std::forward<Use>(use)(*published_->hold(*place_));
    }

   private:
    struct Hold {
      Place& place;
      ~Hold() { place.held.store(nullptr, std::memory_order_release); }
    };

    Published* published_;
    Place* place_;
  };

 private:
  /// INVARIANT: a value in a place was current after it was written there, so the publisher that
  /// replaces it sees it held.
  const T* hold(Place& place) {
    CHECK(place.held.load(std::memory_order_relaxed) == nullptr);
    const T* value = current_.load(std::memory_order_acquire);
    while (true) {
      place.held.store(value, std::memory_order_seq_cst);
      const T* again = current_.load(std::memory_order_seq_cst);
      if (again == value) return value;
      value = again;
    }
  }

  Place* enter() {
    const std::scoped_lock lock(mutex_);
    return places_.emplace_back(std::make_unique<Place>()).get();
  }

  void leave(Place* place) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(places_, [place](const auto& each) { return each.get() == place; });
  }

  void take_unused(std::vector<std::shared_ptr<const T>>& unused) {
    std::erase_if(retired_, [&](std::shared_ptr<const T>& value) {
      const bool is_held = std::ranges::any_of(places_, [&](const auto& place) {
        return place->held.load(std::memory_order_seq_cst) == value.get();
      });
      if (!is_held) unused.push_back(std::move(value));
      return !is_held;
    });
  }

  std::atomic<const T*> current_ = nullptr;
  std::mutex mutex_;  ///< over all below; readers do not take it
  std::shared_ptr<const T> owner_;
  std::vector<std::shared_ptr<const T>> retired_;  ///< replaced, and perhaps still held
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace wardlock
