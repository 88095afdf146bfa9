#include "authn/rate_limit.h"

#include <algorithm>

#include "base/check.h"

namespace wardlock::authn {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

RateLimit::RateLimit(const Quota& quota) : cost_(kSecond / quota.rate), depth_(0) {
  CHECK(quota.rate >= 1 && quota.rate <= kSecond && quota.burst >= 1);
  depth_ = cost_ * quota.burst;
}

std::optional<std::chrono::nanoseconds> RateLimit::take(std::uint32_t count, Ticks now) {
  const std::int64_t cost = cost_ * count;
  if (cost > depth_) return std::chrono::nanoseconds::max();
  Ticks earned = earned_.load(std::memory_order_relaxed);
  while (true) {
    const Ticks after = std::max(earned, now) + cost;
    if (after - now > depth_) return std::chrono::nanoseconds(after - now - depth_);
    if (earned_.compare_exchange_weak(earned, after, std::memory_order_relaxed)) return {};
  }
}

std::optional<std::chrono::nanoseconds> RateLimit::wait(Ticks now) const {
  const Ticks after = std::max(earned_.load(std::memory_order_relaxed), now) + cost_;
  if (after - now <= depth_) return {};
  return std::chrono::nanoseconds(after - now - depth_);
}

}  // namespace wardlock::authn
