#include "directory/feed/agenda.h"

#include <algorithm>

#include "directory/model/moment.h"

namespace wardlock::directory {

void Agenda::take(Facts facts, std::int64_t now) {
  const std::int64_t horizon = std::max(horizon_, now + kAheadMs);
  bool is_near = false;
  if (const auto before = near_.find(facts.key); before != near_.end()) {
    // What is told again and again would leave all the moments that it never came to.
    for (const std::int64_t moment : before->second.told_moments) {
      moments_.erase({moment, facts.key});
    }
  }
  for (const std::int64_t moment : facts.told_moments) {
    if (moment <= now) continue;
    moments_.emplace(moment, facts.key);
    is_near = true;
  }
  for (const Tie& tie : facts.ties) {
    const bool begins = tie.from_ms > now;
    const bool ends = tie.until_ms > now && tie.until_ms <= horizon;
    if (begins) moments_.emplace(tie.from_ms, facts.key);
    if (ends) moments_.emplace(tie.until_ms, facts.key);
    is_near = is_near || ends || (begins && tie.from_ms <= horizon);
  }
  if (is_near) {
    near_.insert_or_assign(facts.key, std::move(facts));
  } else {
    near_.erase(facts.key);
  }
}

std::optional<std::int64_t> Agenda::next_moment() const {
  if (moments_.empty()) return std::nullopt;
  return moments_.begin()->first;
}

std::vector<ThingKey> Agenda::due(std::int64_t now) const {
  std::vector<ThingKey> things;
  for (const auto& [moment, thing] : moments_) {
    if (moment > now) break;
    if (std::ranges::find(things, thing) == things.end()) things.push_back(thing);
  }
  return things;
}

void Agenda::passed(std::int64_t now) {
  while (!moments_.empty() && moments_.begin()->first <= now) moments_.erase(moments_.begin());
}

const Facts* Agenda::find(const ThingKey& thing) const {
  const auto it = near_.find(thing);
  return it == near_.end() ? nullptr : &it->second;
}

void Agenda::look_ahead(std::int64_t now) { horizon_ = std::max(horizon_, now + kAheadMs); }

std::optional<std::pair<std::int64_t, std::int64_t>> Agenda::unknown(std::int64_t now) const {
  if (horizon_ - now > kAheadMs / 2) return std::nullopt;
  return std::pair(horizon_, now + kAheadMs);
}

}  // namespace wardlock::directory
