#include "directory/feed/told_names.h"

namespace wardlock::directory {

void ToldNames::take(const ThingKey& thing, std::vector<ThingKey> names) {
  if (const auto before = names_.find(thing); before != names_.end()) {
    for (const ThingKey& each : before->second) named_by_.erase({each, thing});
    names_.erase(before);
  }
  if (names.empty()) return;
  for (const ThingKey& each : names) named_by_.emplace(each, thing);
  names_.emplace(thing, std::move(names));
}

std::vector<ThingKey> ToldNames::who_names(const ThingKey& named) const {
  std::vector<ThingKey> things;
  for (auto it = named_by_.lower_bound({named, ThingKey()});
       it != named_by_.end() && it->first == named; ++it) {
    things.push_back(it->second);
  }
  return things;
}

}  // namespace wardlock::directory
