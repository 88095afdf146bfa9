#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/arena.h"
#include "cedar/entities/entity.h"
#include "cedar/entities/interner.h"

namespace wardlock::cedar {

/// Writes entities as one piece of memory each.
///
/// Their layout: the Entity; a Value per attribute; the ancestors; for each parent its place among
/// the ancestors, in 1 or 4 bytes; for each ancestor its mark; up to the next multiple of 8; if
/// there are tags, their number, names and values; the sets, records and addresses that values
/// hold; last the texts.
class EntityWriter {
 public:
  /// A request's entity: shares what the attributes, and `stored`, if it is not null, point to.
  static const Entity* write_over(Arena& arena, const EntityUid& uid, const Names& names,
                                  std::span<const Field> attributes, const Entity* stored);

  /// A store's entity: borrows nothing but what `interner` owns. The draft's uid and
  /// parents are interned; so are the ancestors, which are sorted by address and hold the parents.
  /// `allocate` gives aligned memory.
  static const Entity* write(const EntityDraft& draft, std::span<const EntityUid* const> ancestors,
                             Interner& interner,
                             const std::function<std::byte*(std::size_t bytes)>& allocate);

  static EntityFields tags_of(const Entity& entity);

 private:
  /// What an entity's record has of those that it is in.
  struct Hierarchy {
    std::span<const EntityUid* const> ancestors = {};
    std::span<const std::byte> parent_places = {};
    std::span<const std::uint8_t> marks = {};
    std::size_t bytes() const {
      return ancestors.size_bytes() + parent_places.size_bytes() + marks.size_bytes();
    }
  };

  static std::vector<std::byte> places_of(std::span<const EntityUid* const> parents,
                                          std::span<const EntityUid* const> ancestors);
  /// `copy` makes of each attribute and tag the field that the entity has.
  template <typename Tags, typename Copy>
  static const Entity* place(std::byte* memory, const EntityUid* uid, const Names& names,
                             std::span<const Field> attributes, const Hierarchy& above,
                             const Tags& tags, Copy copy);
};

}  // namespace wardlock::cedar
