#include "cedar/compiled/uid_table.h"

#include <bit>
#include <utility>

namespace wardlock::cedar {
namespace {

std::uint32_t tag_of(const EntityUid& uid) { return static_cast<std::uint32_t>(uid.hash >> 32); }

}  // namespace

UidTable::UidTable(std::vector<UidBucket> buckets)
    : buckets_(std::move(buckets)), slots_(std::bit_ceil(2 * buckets_.size() + 1)) {
  for (std::uint32_t place = 0; place < buckets_.size(); ++place) {
    const EntityUid& uid = *buckets_[place].entity;
    std::size_t at = uid.hash & (slots_.size() - 1);
    while (slots_[at].place != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {tag_of(uid), place + 1};
  }
}

const UidBucket* UidTable::find(const EntityUid& uid) const {
  if (slots_.empty()) return nullptr;
  for (std::size_t at = uid.hash & (slots_.size() - 1); slots_[at].place != 0;
       at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].tag != tag_of(uid)) continue;
    const UidBucket& bucket = buckets_[slots_[at].place - 1];
    if (*bucket.entity == uid) return &bucket;
  }
  return nullptr;
}

}  // namespace wardlock::cedar
