#include "cedar/entities/entity_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/graph.h"

namespace wardlock::cedar {
namespace {

/// The order of `Entity::ancestors`: by hash, so that most comparisons read no text.
bool less(const EntityUid* a, const EntityUid* b) {
  if (a == b) return false;
  if (a->hash != b->hash) return a->hash < b->hash;
  return *a < *b;
}

bool equal_fields(std::span<const Field> a, std::span<const Field> b) {
  return std::ranges::equal(
      a, b, [](const Field& x, const Field& y) { return x.name == y.name && x.value == y.value; });
}

std::vector<const EntityUid*> as_set(std::span<const EntityUid* const> uids) {
  std::vector<const EntityUid*> sorted(uids.begin(), uids.end());
  std::ranges::sort(sorted, less);
  const auto repeated =
      std::ranges::unique(sorted, [](const EntityUid* a, const EntityUid* b) { return *a == *b; });
  sorted.erase(repeated.begin(), repeated.end());
  return sorted;
}

/// Neither order nor repetition counts.
bool equal_uids(std::span<const EntityUid* const> a, std::span<const EntityUid* const> b) {
  return std::ranges::equal(as_set(a), as_set(b),
                            [](const EntityUid* x, const EntityUid* y) { return *x == *y; });
}

/// Adds `uid` and `its_ancestors` (sorted) to `sorted`, in linear time.
void merge(std::vector<const EntityUid*>& sorted, const EntityUid* uid,
           std::span<const EntityUid* const> its_ancestors) {
  std::vector<const EntityUid*> merged;
  merged.reserve(sorted.size() + its_ancestors.size() + 1);
  std::ranges::set_union(sorted, its_ancestors, std::back_inserter(merged), less);
  const auto place = std::ranges::lower_bound(merged, uid, less);
  if (place == merged.end() || **place != *uid) merged.insert(place, uid);
  sorted = std::move(merged);
}

/// The parents and all their ancestors, sorted. `find` gives a parent's entity, or null.
template <typename Find>
std::vector<const EntityUid*> close(std::span<const EntityUid* const> parents, Find find) {
  constexpr std::size_t kMergeUpTo = 4;
  std::vector<const EntityUid*> ancestors;
  for (const EntityUid* parent : parents) {
    const Entity* entity = find(*parent);
    const auto further = entity ? entity->ancestors : std::span<const EntityUid* const>();
    if (parents.size() <= kMergeUpTo) {
      merge(ancestors, parent, further);
    } else {
      ancestors.push_back(parent);
      ancestors.insert(ancestors.end(), further.begin(), further.end());
    }
  }
  return parents.size() <= kMergeUpTo ? ancestors : as_set(ancestors);
}

}  // namespace

bool Entity::has_ancestor(const EntityUid& other) const {
  constexpr std::size_t kLinearUpTo = 8;
  if (ancestors.size() <= kLinearUpTo) {
    return std::ranges::any_of(ancestors, [&](const EntityUid* own) { return *own == other; });
  }
  const auto it = std::ranges::lower_bound(ancestors, &other, less);
  return it != ancestors.end() && **it == other;
}

const Entity* EntityStore::find(const EntityUid& uid) const {
  const auto it = index_.find(&uid);
  return it == index_.end() ? nullptr : &entities_[it->second];
}

const EntityUid* EntityStore::Builder::intern(std::string_view type, std::string_view id) {
  const EntityUid wanted{type, id, hash_uid(type, id)};
  const auto it = interned_.find(&wanted);
  if (it != interned_.end()) return *it;
  const auto known_type = types_.find(type);
  const std::string_view own_type =
      known_type != types_.end() ? *known_type : *types_.insert(arena().copy(type)).first;
  const EntityUid* uid = arena().make<EntityUid>(own_type, arena().copy(id), wanted.hash);
  interned_.insert(uid);
  return uid;
}

Result<void> EntityStore::Builder::add(const Entity& entity) {
  const auto [it, is_new] = store_.index_.try_emplace(entity.uid, store_.entities_.size());
  if (is_new) {
    store_.entities_.push_back(entity);
    return {};
  }
  const Entity& other = store_.entities_[it->second];
  if (equal_fields(entity.attributes, other.attributes) && equal_fields(entity.tags, other.tags) &&
      equal_uids(entity.parents, other.parents)) {
    return {};
  }
  return fail(
      ErrorCode::kAlreadyExists,
      fmt::format("the entity `{}` occurs twice, with different content", to_text(*entity.uid)));
}

Result<EntityStore> EntityStore::Builder::build(std::size_t max_ancestors_seen) && {
  std::vector<Entity>& entities = store_.entities_;
  Graph graph(entities.size());
  for (std::size_t i = 0; i < entities.size(); ++i) {
    for (const EntityUid* parent : entities[i].parents) {
      const auto it = store_.index_.find(parent);
      if (it != store_.index_.end()) graph[i].push_back(static_cast<std::uint32_t>(it->second));
    }
  }
  const auto order = order_after_targets(graph);
  if (!order) {
    std::vector<std::string> cycle;
    for (const std::uint32_t i : order.error()) cycle.push_back(to_text(*entities[i].uid));
    return invalid(fmt::format("the entities are in each other in a cycle: `{}`, then `{}` again",
                               fmt::join(cycle, "`, `"), cycle.front()));
  }
  const auto find_parent = [&](const EntityUid& parent) { return store_.find(parent); };
  std::size_t seen = 0;
  for (const std::uint32_t i : *order) {
    for (const EntityUid* parent : entities[i].parents) {
      const Entity* entity = find_parent(*parent);
      seen += 1 + (entity == nullptr ? 0 : entity->ancestors.size());
    }
    if (seen > max_ancestors_seen) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("the hierarchy is too large: the parents of its entities have more "
                              "than {} ancestors in total",
                              max_ancestors_seen));
    }
    const std::vector<const EntityUid*> ancestors = close(entities[i].parents, find_parent);
    entities[i].ancestors = arena().copy(ancestors);
  }
  return std::move(store_);
}

}  // namespace wardlock::cedar
