#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "directory/feed/facts.h"

namespace wardlock::directory {

/// What the clock will change: things whose relations begin or end. What of that is near is known
/// with all that it takes to do it, so that it happens without the database. Not thread-safe.
class Agenda {
 public:
  /// How far ahead it looks. Further away, ends are not known here, only beginnings.
  static constexpr std::int64_t kAheadMs = std::int64_t{24} * 60 * 60 * 1000;

  explicit Agenda(std::int64_t now = 0) : horizon_(now + kAheadMs) {}

  /// The facts of a thing, as they are now known.
  void take(Facts facts, std::int64_t now);
  void forget(const ThingKey& thing) { near_.erase(thing); }

  std::optional<std::int64_t> next_moment() const;
  /// Those for whom something begins or ends by then. They stay until `passed`.
  std::vector<ThingKey> due(std::int64_t now) const;
  void passed(std::int64_t now);
  /// Null: what is known of it is not enough.
  const Facts* find(const ThingKey& thing) const;

  /// The first and the last moment between which others may end than those that are known, and it
  /// is time to look for them.
  std::optional<std::pair<std::int64_t, std::int64_t>> unknown(std::int64_t now) const;
  /// Everything that ends within `kAheadMs` from now has been taken.
  void look_ahead(std::int64_t now);

 private:
  std::int64_t horizon_;
  std::set<std::pair<std::int64_t, ThingKey>> moments_;
  std::map<ThingKey, Facts> near_;
};

}  // namespace wardlock::directory
