#include "authn/attempt_throttle.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "base/check.h"
#include "crypto/seeded_hash.h"

namespace wardlock::authn {
namespace {

constexpr Quota kOthers = {.rate = 20, .burst = 200};

std::uint64_t key_of(std::string_view source, std::string_view authenticator) {
  std::string both(source);
  both += '\0';
  both += authenticator;
  return std::max<std::uint64_t>(crypto::seeded_hash(both), 1);
}

Ticks ticks(std::chrono::nanoseconds duration) { return duration.count(); }

}  // namespace

AttemptThrottle::AttemptThrottle(const AttemptLimits& limits, std::size_t places)
    : limits_(limits),
      sets_(places / kWays),
      places_(std::make_unique<Place[]>(places)),
      others_(kOthers) {
  CHECK(places >= kWays);
}

bool AttemptThrottle::is_quiet(const Place& place, Ticks now) const {
  return place.key == 0 || now - place.last > ticks(limits_.quiet);
}

AttemptThrottle::Place* AttemptThrottle::find(std::uint64_t key, Ticks now) {
  const std::span<Place> set(&places_[key % sets_ * kWays], kWays);
  const auto own = std::ranges::find(set, key, &Place::key);
  if (own != set.end()) {
    if (is_quiet(*own, now)) *own = {};
    return &*own;
  }
  // Of those who need not wait, the one that has been quiet for longest makes room.
  Place* found = nullptr;
  for (Place& place : set) {
    const bool is_free = is_quiet(place, now) || place.not_before <= now;
    if (is_free && (found == nullptr || place.last < found->last)) found = &place;
  }
  if (found != nullptr) *found = {};
  return found;
}

void AttemptThrottle::count(Place& place, std::uint64_t key, std::uint32_t free_failures,
                            Ticks now) const {
  place.key = key;
  place.last = now;
  ++place.failures;
  if (place.failures <= free_failures) return;
  const std::uint32_t doublings = std::min(place.failures - free_failures - 1, 30U);
  const Ticks longest = ticks(limits_.longest_wait);
  place.not_before = now + std::min(ticks(limits_.first_wait) << doublings, longest);
}

std::optional<std::chrono::nanoseconds> AttemptThrottle::begin(std::string_view source,
                                                               std::string_view authenticator,
                                                               Ticks now) {
  const std::uint64_t pair = key_of(source, authenticator);
  const std::uint64_t all = key_of(source, "");
  const std::lock_guard lock(mutex_);
  Place* const pair_place = find(pair, now);
  if (pair_place != nullptr) pair_place->key = pair;  // so that the other does not take it
  Place* const all_place = find(all, now);
  for (const Place* place : {pair_place, all_place}) {
    if (place != nullptr && place->not_before > now) {
      return std::chrono::nanoseconds(place->not_before - now);
    }
  }
  if (pair_place == nullptr || all_place == nullptr) {
    if (const auto wait = others_.take(1, now)) return wait;
  }
  if (pair_place != nullptr) count(*pair_place, pair, limits_.free_failures, now);
  if (all_place != nullptr) count(*all_place, all, limits_.free_source_failures, now);
  return std::nullopt;
}

void AttemptThrottle::succeed(std::string_view source, std::string_view authenticator, Ticks now) {
  const std::uint64_t pair = key_of(source, authenticator);
  const std::uint64_t all = key_of(source, "");
  const std::lock_guard lock(mutex_);
  const auto own = [&](std::uint64_t key) -> Place* {
    const std::span<Place> set(&places_[key % sets_ * kWays], kWays);
    const auto found = std::ranges::find(set, key, &Place::key);
    return found == set.end() || is_quiet(*found, now) ? nullptr : &*found;
  };
  if (Place* place = own(pair)) *place = {};
  if (Place* place = own(all); place != nullptr && place->failures > 0) {
    --place->failures;
    if (place->failures <= limits_.free_source_failures) place->not_before = 0;
  }
}

}  // namespace wardlock::authn
