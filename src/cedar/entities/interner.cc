#include "cedar/entities/interner.h"

namespace wardlock::cedar {

const EntityUid* Interner::uid(const EntityUid& uid) {
  if (const Slot slot = before_.find(uid)) return slot.uid();
  const auto it = fresh_.find(&uid);
  return it != fresh_.end() ? *it : *fresh_.insert(lineage_->make_uid(uid)).first;
}

const EntityUid* Interner::make_room_for(const EntityUid& uid) {
  const auto it = fresh_.find(&uid);
  return it != fresh_.end() ? *it : *fresh_.insert(lineage_->make_uid_for_entity(uid)).first;
}

}  // namespace wardlock::cedar
