#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cedar/entities/entity.h"
#include "cedar/entities/entity_version.h"
#include "cedar/entities/interner.h"

namespace wardlock::cedar {

/// A store's next version, or the first, in the making: collects changes, one for each entity, then
/// closes the hierarchy and writes what is not as before. To be used with the lineage's mutex held,
/// if others have the lineage.
class NextVersion {
 public:
  /// The first of a new lineage.
  NextVersion() : interner_(std::make_shared<Lineage>(), {}) {}
  /// `before` must be settled.
  explicit NextVersion(std::shared_ptr<EntityVersion> before);
  NextVersion(NextVersion&&) = default;
  ~NextVersion();

  /// The entity is to be like the draft, whose parts, its uids too, must live until `make`.
  void put(const EntityDraft& entity);
  void expect(std::size_t puts);
  void remove(const EntityUid& uid);

  /// Error: the parents form a cycle, which it names, or more than so many ancestors of parents
  /// would have to be looked at.
  Result<std::shared_ptr<EntityVersion>> make(std::size_t max_ancestors_seen) &&;

 private:
  /// An entity that may have to be written.
  struct Put {
    EntityDraft draft;  ///< uid and parents are keys
    Slot before;
    bool keeps_ancestors = false;
    const Entity* written = nullptr;
  };

  bool is_first() const { return before_ == nullptr; }
  /// The interned uid; for the first version, where a uid is interned when its entity is written,
  /// this one.
  const EntityUid* key(const EntityUid& uid);
  /// Finds whose ancestors change, descendants of what was put or removed included.
  void find_moved();
  void add_descendants(std::span<const EntityUid* const> moved);
  Result<std::vector<std::uint32_t>> order() const;
  Result<void> write(std::size_t max_ancestors_seen);
  const Entity* write(const EntityDraft& draft, std::span<const EntityUid* const> ancestors);
  /// The entity as it will be, if it is written or stays as it was; null if it will not be.
  const Entity* find(const EntityUid* key) const;
  /// Interns the parents, and finds all that they are in.
  std::vector<const EntityUid*> close(std::vector<const EntityUid*>& parents, std::size_t& seen);
  std::vector<Slot> changed_slots();

  std::shared_ptr<EntityVersion> before_;  ///< null: this is the first
  Interner interner_;
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::vector<Put> puts_;
  std::unordered_map<const EntityUid*, std::uint32_t, UidHash, UidEqual> places_;  ///< in `puts_`
  std::unordered_map<const EntityUid*, Slot> removed_;  ///< as they were, by interned uid
  std::vector<void*> created_;                          ///< memory of its own
  std::vector<void*> replaced_;                         ///< the like in the version before
};

}  // namespace wardlock::cedar
