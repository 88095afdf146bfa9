#include "directory/feed/seen_people.h"

#include <mutex>

namespace wardlock::directory {

std::optional<SeenPeople::Name> SeenPeople::find(std::string_view person,
                                                 std::uint64_t revision) const {
  const auto key = ThingKey::read(person);
  if (!key) return std::nullopt;
  const std::shared_lock lock(mutex_);
  const auto found = people_.find(*key);
  if (found == people_.end() || found->second.since > revision) return std::nullopt;
  return found->second.name;
}

void SeenPeople::set(const ThingKey& person, const cedar::EntityUid* name, std::uint64_t revision) {
  const std::unique_lock lock(mutex_);
  if (name == nullptr) {
    people_.erase(person);
    return;
  }
  Entry& entry = people_[person];
  if (entry.name.type == name->type && entry.name.id == name->id) return;
  entry = {.name = {.type = std::string(name->type), .id = std::string(name->id)},
           .since = revision};
}

std::size_t SeenPeople::size() const {
  const std::shared_lock lock(mutex_);
  return people_.size();
}

}  // namespace wardlock::directory
