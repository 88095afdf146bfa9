#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "authn/rate_limit.h"

namespace wardlock::authn {

/// How long somebody is to wait who tries and fails.
struct AttemptLimits {
  std::uint32_t free_failures = 3;                            ///< without waiting
  std::chrono::seconds first_wait = std::chrono::seconds(1);  ///< doubles with each failure
  std::chrono::seconds longest_wait = std::chrono::minutes(15);
  /// Failures of one source over all authenticators: whoever tries one password on many people. A
  /// hospital behind one address fails often, so that these are generous.
  std::uint32_t free_source_failures = 50;
  std::chrono::seconds quiet = std::chrono::hours(24);  ///< after which failures are forgotten
};

/// Slows down whoever tries passwords and codes, before anything is verified: a source on one
/// authenticator, and a source over all. A source is a network, or a device that has a mark of ours
/// (`FamiliarDevice`). As a wait is always a source's own, a stranger keeps nobody out. An attempt
/// counts as failed when it begins, so that many at once gain nothing; a success takes it back. The
/// table has a fixed size: who finds no place in it shares a quota with all others who find none.
/// Thread-safe.
class AttemptThrottle {
 public:
  explicit AttemptThrottle(const AttemptLimits& limits, std::size_t places = 65'536);

  /// Begins an attempt; where a time is returned, it may not, and is to be told to wait so long.
  std::optional<std::chrono::nanoseconds> begin(std::string_view source,
                                                std::string_view authenticator, Ticks now);

  /// The attempt that began so succeeded. The source's failures on others stay: else somebody with
  /// an account of his own would be without limit.
  void succeed(std::string_view source, std::string_view authenticator, Ticks now);

 private:
  struct Place {
    std::uint64_t key = 0;  ///< a hash; 0: free
    std::uint32_t failures = 0;
    Ticks not_before = 0;
    Ticks last = 0;
  };
  static constexpr std::size_t kWays = 8;  ///< places that a key may have

  /// The key's place; or one that can be its own, where nobody waits any more; or none.
  Place* find(std::uint64_t key, Ticks now);
  bool is_quiet(const Place& place, Ticks now) const;
  void count(Place& place, std::uint64_t key, std::uint32_t free_failures, Ticks now) const;

  AttemptLimits limits_;
  std::size_t sets_;
  std::mutex mutex_;
  std::unique_ptr<Place[]> places_;
  RateLimit others_;
};

}  // namespace wardlock::authn
