#pragma once

#include <map>
#include <mutex>
#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cedar/entities/chunks.h"
#include "cedar/entities/entity.h"
#include "crypto/seeded_hash.h"

namespace wardlock::cedar {

/// What all versions of a store share and none gives back: uids, names, and the entities that the
/// first version was built of. Lives as long as any of the versions. Changed by one thread at a
/// time, which holds the mutex if there is a version already; what it handed out is read by any.
class Lineage {
 public:
  std::mutex& mutex() { return mutex_; }

  const EntityUid* make_uid(const EntityUid& uid) { return make_uid(uid, interned_); }
  /// The same, where an entity of the first version will lie: so both are read at once.
  const EntityUid* make_uid_for_entity(const EntityUid& uid) {
    return make_uid(uid, first_version_);
  }
  /// The same text in one place.
  std::string_view name(std::string_view name);
  /// The names of the fields, in one place.
  const Names& names(std::span<const Field> fields);
  /// All lists that `names` has given.
  std::vector<Names> lists() const;
  /// Memory of the first version, for an entity or a node.
  Chunks& first_version() { return first_version_; }

  /// Says that the first version is complete.
  void note_start() {
    bytes_at_start_ = bytes_;
    interned_.complete();
    first_version_.complete();
  }
  /// Whether so many uids and names have been made since the start that most may be unused by now.
  bool is_littered() const { return bytes_ > 2 * bytes_at_start_ + kTolerated; }

 private:
  static constexpr std::size_t kTolerated = std::size_t{1} << 20;

  const EntityUid* make_uid(const EntityUid& uid, Chunks& chunks);

  std::mutex mutex_;
  std::size_t bytes_ = 0;  ///< of uids and names
  std::size_t bytes_at_start_ = 0;
  Chunks interned_;
  Chunks first_version_;
  std::unordered_set<std::string_view, crypto::SeededHash> names_;
  std::map<std::vector<std::string_view>, const Names*> lists_;
  std::vector<std::string_view> wanted_;  ///< kept for its memory
};

}  // namespace wardlock::cedar
