#include "authn/failure_throttle.h"

#include <algorithm>
#include <array>
#include <bit>

#include "authn/network.h"
#include "base/check.h"
#include "crypto/random.h"
#include "net/address.h"

namespace wardlock::authn {
namespace {

std::uint64_t random_seed() {
  std::array<std::uint8_t, 8> bytes;
  crypto::fill_random(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

std::uint64_t mix(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace

FailureThrottle::FailureThrottle(const Quota& quota, std::size_t places)
    : cost_(1'000'000'000 / quota.rate),
      depth_(cost_ * quota.burst),
      size_(places),
      seed_(random_seed()),
      places_(std::make_unique<Place[]>(places)),
      others_(quota) {
  CHECK(places >= 1);
}

std::optional<std::chrono::nanoseconds> FailureThrottle::wait(std::string_view address,
                                                              Ticks now) const {
  const std::uint64_t hash = mix(network_of(address), seed_);
  const Place& place = place_of(hash);
  if (place.address.load(std::memory_order_relaxed) != hash) return {};
  const std::int64_t over = place.earned.load(std::memory_order_relaxed) + cost_ - now - depth_;
  if (over <= 0) return {};
  return std::chrono::nanoseconds(over);
}

bool FailureThrottle::note_failure(std::string_view address, Ticks now) {
  if (net::is_loopback(address)) return !others_.take(1, now);
  const std::uint64_t hash = mix(network_of(address), seed_);
  Place& place = place_of(hash);
  const Ticks earned = place.earned.load(std::memory_order_relaxed);
  if (place.address.load(std::memory_order_relaxed) != hash) {
    if (earned > now) return !others_.take(1, now);
    place.address.store(hash, std::memory_order_relaxed);
  }
  // Threads that fail at the same instant may count as one; a guesser gains a few attempts.
  place.earned.store(std::max(earned, now) + cost_, std::memory_order_relaxed);
  return true;
}

}  // namespace wardlock::authn
