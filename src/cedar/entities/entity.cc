#include "cedar/entities/entity.h"

#include <algorithm>

#include "cedar/entities/entity_writer.h"

namespace wardlock::cedar {

const Value* EntityFields::find(std::string_view name) const {
  constexpr std::size_t kLinearUpTo = 8;
  const auto it = size() <= kLinearUpTo ? std::ranges::find(names_, name)
                                        : std::ranges::lower_bound(names_, name);
  return it != names_.end() && *it == name ? values_ + (it - names_.begin()) : nullptr;
}

bool Entity::has_ancestor(const EntityUid* interned) const {
  constexpr std::size_t kLinearUpTo = 16;
  const auto own = ancestors();
  return own.size() <= kLinearUpTo ? std::ranges::find(own, interned) != own.end()
                                   : std::ranges::binary_search(own, interned, std::less<>());
}

EntityFields Entity::further_tags() const { return EntityWriter::tags_of(*this); }

EntityDraft draft_of(const Entity& entity, Arena& arena) {
  const auto copy = [&](const auto& range, auto copied) {
    std::ranges::copy(range, copied.begin());
    return copied;
  };
  const EntityFields attributes = entity.attributes(), tags = entity.tags();
  const auto parents = entity.parents();
  return {.uid = entity.uid(),
          .attributes = copy(attributes, arena.allocate<Field>(attributes.size())),
          .tags = copy(tags, arena.allocate<Field>(tags.size())),
          .parents = copy(parents, arena.allocate<const EntityUid*>(parents.size()))};
}

const Entity* with_attributes(Arena& arena, const EntityUid& uid, std::span<const Field> attributes,
                              const Entity* stored) {
  std::span<std::string_view> names = arena.allocate<std::string_view>(attributes.size());
  std::ranges::copy(attributes | std::views::transform(&Field::name), names.begin());
  return EntityWriter::write_over(arena, stored != nullptr ? *stored->uid() : uid,
                                  *arena.make<Names>(names), attributes, stored);
}

}  // namespace wardlock::cedar
