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
  if (owner != owners_.end()) {
    if (owner->second == thing) return true;
    take_name(thing);
    return false;
  }
  take_name(thing);
  note(thing);
  const EntityUid* uid = make(type, id, wanted.hash);
  owners_.emplace(uid, thing);
  things_[thing].uid = uid;
  return true;
}

void KnownThings::take_name(const ThingKey& thing) {
  const auto it = things_.find(thing);
  if (it == things_.end()) return;
  note(thing);
  if (it->second.uid != nullptr) owners_.erase(it->second.uid);
  it->second.uid = nullptr;
  it->second.is_seen = false;
  drop_if_empty(it);
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
}

void KnownThings::note(const ThingKey& thing) {
  if (!is_noting_) return;
  const Known* known = find(thing);
  notes_.emplace_back(thing, known == nullptr ? Known() : *known);
}

void KnownThings::undo() {
  is_noting_ = false;
  for (const auto& [thing, before] : std::views::reverse(notes_)) {
    Known& now = things_[thing];
    if (now.uid != nullptr && now.uid != before.uid) owners_.erase(now.uid);
    if (before.uid != nullptr) owners_[before.uid] = thing;
    now = before;
    drop_if_empty(things_.find(thing));
  }
  notes_.clear();
}

const EntityUid* KnownThings::make(std::string_view type, std::string_view id, std::size_t hash) {
  const auto known = types_.find(type);
  const std::string_view kept =
      known != types_.end() ? *known : *types_.insert(arena_.copy(type)).first;
  return arena_.make<EntityUid>(kept, arena_.copy(id), hash);
}

}  // namespace wardlock::directory
