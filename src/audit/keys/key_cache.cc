#include "audit/keys/key_cache.h"

#include <cstring>

namespace wardlock::audit {

std::size_t KeyCache::Hash::operator()(const RandomName& name) const {
  std::size_t hash = 0;
  std::memcpy(&hash, name.data(), sizeof hash);
  return hash;
}

const event::SubjectKey* KeyCache::find(const RandomName& name) {
  const auto place = places_.find(name);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return &place->second->key;
}

void KeyCache::put(const RandomName& name, const event::SubjectKey& key) {
  remove(name);
  entries_.push_front({name, key});
  places_.emplace(name, entries_.begin());
  if (entries_.size() > most_) {
    const RandomName oldest = entries_.back().name;
    remove(oldest);
  }
}

void KeyCache::remove(const RandomName& name) {
  const auto place = places_.find(name);
  if (place == places_.end()) return;
  entries_.erase(place->second);
  places_.erase(place);
}

void KeyCache::clear() {
  places_.clear();
  entries_.clear();
}

}  // namespace wardlock::audit
