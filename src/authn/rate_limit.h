#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace wardlock::authn {

/// How much may be asked: `rate` a second over time, `burst` at once. Both at least 1.
struct Quota {
  std::uint32_t rate = 1;
  std::uint32_t burst = 1;

  bool operator==(const Quota&) const = default;
};

/// Time as the limits count it: nanoseconds of a clock that never goes back.
using Ticks = std::int64_t;

/// Keeps a quota by the generic cell rate algorithm (ITU-T I.371): all it remembers is the time at
/// which what was taken will have been earned. Thread-safe, and takes no lock.
class RateLimit {
 public:
  explicit RateLimit(const Quota& quota);

  /// Takes `count` at the time `now`. If that is too much, takes nothing and says how long to wait.
  /// More than the burst is never possible: the maximum then.
  std::optional<std::chrono::nanoseconds> take(std::uint32_t count, Ticks now);

  /// How long until one more could be taken; nothing: now.
  std::optional<std::chrono::nanoseconds> wait(Ticks now) const;

 private:
  std::int64_t cost_;   ///< of one, in nanoseconds
  std::int64_t depth_;  ///< of the burst
  std::atomic<Ticks> earned_ = 0;
};

}  // namespace wardlock::authn
