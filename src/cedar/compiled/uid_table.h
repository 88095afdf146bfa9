#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cedar/value/value.h"

namespace wardlock::cedar {

/// Which members of a list belong to an entity: those that are for whatever is in it come first,
/// then those for itself alone. The list is elsewhere.
struct UidBucket {
  const EntityUid* entity = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end_in = 0;
  std::uint32_t end = 0;
};

/// Buckets by uid: a hash table that is probed one place after the other, at most half full.
/// Immutable; may be read by any thread. Borrows the uids.
class UidTable {
 public:
  UidTable() = default;
  /// Requires distinct uids.
  explicit UidTable(std::vector<UidBucket> buckets);

  std::span<const UidBucket> buckets() const { return buckets_; }
  /// Null where there is none.
  const UidBucket* find(const EntityUid& uid) const;

 private:
  struct Slot {
    std::uint32_t tag = 0;    ///< of the hash, other bits than those that choose the slot
    std::uint32_t place = 0;  ///< among the buckets, plus one; 0: the slot is free
  };

  std::vector<UidBucket> buckets_;
  std::vector<Slot> slots_;  ///< a power of two of them
};

}  // namespace wardlock::cedar
