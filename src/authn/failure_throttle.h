#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "authn/rate_limit.h"

namespace wardlock::authn {

/// Slows down whoever guesses: an address whose credentials failed too often is no longer told why
/// they fail. Right credentials count from anywhere: a lock-out would be a weapon. The table has a
/// fixed size; where two addresses meet in it, the later one takes the place once the earlier has
/// been quiet, and is not slowed down until then. Addresses of this machine are never slowed down:
/// a proxy stands there for everybody. Thread-safe, no lock.
class FailureThrottle {
 public:
  explicit FailureThrottle(const Quota& quota, std::size_t places = 4096);

  /// How long the address is to stay away; nothing: it may try.
  std::optional<std::chrono::nanoseconds> wait(std::string_view address, Ticks now) const;

  /// Counts a failed attempt. False where too many come from addresses that are not slowed down:
  /// what is kept of each attempt would know no bounds.
  bool note_failure(std::string_view address, Ticks now);

 private:
  struct Place {
    std::atomic<std::uint64_t> address = 0;  ///< its hash
    std::atomic<Ticks> earned = 0;           ///< as in RateLimit
  };

  Place& place_of(std::uint64_t hash) const { return places_[hash % size_]; }

  std::int64_t cost_;
  std::int64_t depth_;
  std::size_t size_;
  std::uint64_t seed_;  ///< so that nobody can choose addresses that meet
  std::unique_ptr<Place[]> places_;
  RateLimit others_;  ///< attempts that count at no place, all together
};

}  // namespace wardlock::authn
