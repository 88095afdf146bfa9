#include "directory/feed/known_things.h"

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
  const EntityUid* uid = make(type, id, wanted.hash);
  owners_.emplace(uid, thing);
  things_[thing].uid = uid;
  return true;
}

void KnownThings::take_name(const ThingKey& thing) {
  const auto it = things_.find(thing);
  if (it == things_.end()) return;
  if (it->second.uid != nullptr) owners_.erase(it->second.uid);
  it->second.uid = nullptr;
  it->second.is_seen = false;
  if (it->second.shown_as == nullptr) things_.erase(it);
}

void KnownThings::set_seen(const ThingKey& thing, bool is_seen) {
  const auto it = things_.find(thing);
  if (it != things_.end()) it->second.is_seen = is_seen;
}

void KnownThings::set_shown_as(const ThingKey& thing, const EntityUid* uid) {
  const auto it = things_.find(thing);
  if (it == things_.end()) return;
  it->second.shown_as = uid;
  if (uid == nullptr && it->second.uid == nullptr) things_.erase(it);
}

const EntityUid* KnownThings::make(std::string_view type, std::string_view id, std::size_t hash) {
  const auto known = types_.find(type);
  const std::string_view kept =
      known != types_.end() ? *known : *types_.insert(arena_.copy(type)).first;
  return arena_.make<EntityUid>(kept, arena_.copy(id), hash);
}

}  // namespace wardlock::directory
