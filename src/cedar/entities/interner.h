#pragma once

#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/arena.h"
#include "cedar/entities/entity.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// One object for each uid, name and list of names, in its arena.
class Interner {
 public:
  explicit Interner(Arena& arena) : arena_(arena) {}

  const EntityUid* uid(const EntityUid& uid);
  std::string_view name(std::string_view name);
  /// Of fields sorted by name.
  const Names& names(std::span<const Field> fields);

  /// The interned uid, or null.
  const EntityUid* find(const EntityUid& uid) const;

 private:
  Arena& arena_;
  std::unordered_set<const EntityUid*, UidHash, UidEqual> uids_;
  std::unordered_set<std::string_view, crypto::SeededHash> names_;
  std::map<std::vector<std::string_view>, const Names*> lists_;
};

}  // namespace wardlock::cedar
