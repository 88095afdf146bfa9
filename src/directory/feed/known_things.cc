#include "directory/feed/known_things.h"

#include <ranges>

namespace wardlock::directory {

using cedar::EntityUid;

const KnownThings::Known* KnownThings::find(const ThingKey& thing) const {
  const auto it = things_.find(thing);
  return it == things_.end() ? nullptr : &it->second;
}

const EntityUid* KnownThings::seen(const ThingKey& thing) const {
  const Known* known = find(thing);
  return known != nullptr && known->is_seen ? known->uid : nullptr;
}

bool KnownThings::name(const ThingKey& thing, std::string_view type, std::string_view id) {
  const EntityUid wanted{type, id, cedar::hash_uid(type, id)};
  const auto owner = owners_.find(&wanted);
  if (owner == owners_.end()) {
    take_name(thing);
    note(thing);
    const EntityUid* uid = make(type, id, wanted.hash);
    owners_.emplace(uid, thing);
    things_[thing].uid = uid;
    return true;
  }
  const auto [uid, holder] = *owner;
  if (holder == thing) return true;
  take_name(thing);
  note(thing);
  if (holder < thing) {
    wait_for(thing, uid);
    return false;
  }
  note(holder);
  Known& displaced = things_.at(holder);
  displaced.uid = nullptr;
  displaced.is_seen = false;
  wait_for(holder, uid);
  affected_.push_back(holder);
  owners_.at(uid) = thing;
  things_[thing].uid = uid;
  drop_if_empty(things_.find(holder));
  return true;
}

void KnownThings::take_name(const ThingKey& thing) {
  if (waiting_.contains(thing)) {
    note(thing);
    stop_waiting(thing);
  }
  const auto it = things_.find(thing);
  if (it == things_.end()) return;
  note(thing);
  if (it->second.uid != nullptr) {
    const auto queue = queues_.find(it->second.uid);
    if (queue != queues_.end()) affected_.push_back(*queue->second.begin());
    owners_.erase(it->second.uid);
  }
  it->second.uid = nullptr;
  it->second.is_seen = false;
  drop_if_empty(it);
}

void KnownThings::wait_for(const ThingKey& thing, Uid uid) {
  waiting_[thing] = uid;
  queues_[uid].insert(thing);
}

void KnownThings::stop_waiting(const ThingKey& thing) {
  const auto waits = waiting_.find(thing);
  if (waits == waiting_.end()) return;
  const auto queue = queues_.find(waits->second);
  queue->second.erase(thing);
  if (queue->second.empty()) queues_.erase(queue);
  waiting_.erase(waits);
}

void KnownThings::set_seen(const ThingKey& thing, bool is_seen) {
  const auto it = things_.find(thing);
  if (it == things_.end() || it->second.is_seen == is_seen) return;
  note(thing);
  it->second.is_seen = is_seen;
}

void KnownThings::set_shown_as(const ThingKey& thing, const EntityUid* uid) {
  const auto it = things_.find(thing);
  if (it == things_.end()) return;
  note(thing);
  it->second.shown_as = uid;
  drop_if_empty(it);
}

void KnownThings::drop_if_empty(Things::iterator it) {
  if (it->second.uid == nullptr && it->second.shown_as == nullptr) things_.erase(it);
}

void KnownThings::begin() {
  is_noting_ = true;
  notes_.clear();
  affected_.clear();
}

void KnownThings::note(const ThingKey& thing) {
  if (!is_noting_) return;
  const Known* known = find(thing);
  const auto waits = waiting_.find(thing);
  notes_.push_back({.thing = thing,
                    .known = known == nullptr ? Known() : *known,
                    .waits_for = waits == waiting_.end() ? nullptr : waits->second});
}

void KnownThings::undo() {
  is_noting_ = false;
  for (const Note& before : std::views::reverse(notes_)) {
    const ThingKey& thing = before.thing;
    Known& now = things_[thing];
    if (now.uid != nullptr && now.uid != before.known.uid) {
      const auto owner = owners_.find(now.uid);
      if (owner != owners_.end() && owner->second == thing) owners_.erase(owner);
    }
    if (before.known.uid != nullptr) owners_[before.known.uid] = thing;
    now = before.known;
    drop_if_empty(things_.find(thing));
    stop_waiting(thing);
    if (before.waits_for != nullptr) wait_for(thing, before.waits_for);
  }
  notes_.clear();
  affected_.clear();
}

const EntityUid* KnownThings::make(std::string_view type, std::string_view id, std::size_t hash) {
  const auto known = types_.find(type);
  const std::string_view kept =
      known != types_.end() ? *known : *types_.insert(arena_.copy(type)).first;
  return arena_.make<EntityUid>(kept, arena_.copy(id), hash);
}

}  // namespace wardlock::directory
