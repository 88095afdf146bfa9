#include "cedar/entities/entity_changes.h"

namespace wardlock::cedar {

void EntityChanges::add(const Change& change) {
  const auto [it, is_new] = places_.try_emplace(change.entity.uid, changes_.size());
  if (is_new) {
    changes_.push_back(change);
  } else {
    changes_[it->second] = change;
  }
}

}  // namespace wardlock::cedar
