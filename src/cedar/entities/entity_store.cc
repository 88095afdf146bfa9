#include "cedar/entities/entity_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/graph.h"
#include "cedar/entities/entity_writer.h"
#include "cedar/entities/interner.h"

namespace wardlock::cedar {
namespace {

constexpr std::less<const EntityUid*> kByAddress;

bool equal_fields(std::span<const Field> a, std::span<const Field> b) {
  return std::ranges::equal(
      a, b, [](const Field& x, const Field& y) { return x.name == y.name && x.value == y.value; });
}

void make_set(std::vector<const EntityUid*>& interned) {
  std::ranges::sort(interned, kByAddress);
  const auto repeated = std::ranges::unique(interned);
  interned.erase(repeated.begin(), repeated.end());
}

/// Of interned uids; neither order nor repetition counts.
bool equal_uids(std::span<const EntityUid* const> a, std::span<const EntityUid* const> b) {
  std::vector<const EntityUid*> one(a.begin(), a.end()), other(b.begin(), b.end());
  make_set(one);
  make_set(other);
  return one == other;
}

/// The parents and all their ancestors, sorted by address.
std::vector<const EntityUid*> close(std::span<const EntityUid* const> parents,
                                    const EntityStore& store) {
  std::vector<const EntityUid*> ancestors(parents.begin(), parents.end());
  for (const EntityUid* parent : parents) {
    const Entity* entity = store.find(*parent);
    if (entity == nullptr) continue;
    ancestors.insert(ancestors.end(), entity->ancestors().begin(), entity->ancestors().end());
  }
  make_set(ancestors);
  return ancestors;
}

}  // namespace

EntityStore::EntityStore()
    : arena_(std::make_shared<Arena>()), interner_(std::make_shared<Interner>(*arena_)) {}

const Entity* EntityStore::find(const EntityUid& uid) const {
  const auto it = index_.find(&uid);
  return it == index_.end() ? nullptr : it->second;
}

const EntityUid* EntityStore::canonical(const EntityUid& uid) const { return interner_->find(uid); }

std::vector<const Entity*> EntityStore::entities() const {
  std::vector<const Entity*> entities;
  entities.reserve(index_.size());
  for (const auto& [uid, entity] : index_) entities.push_back(entity);
  std::ranges::sort(entities,
                    [](const Entity* a, const Entity* b) { return *a->uid() < *b->uid(); });
  return entities;
}

const EntityUid* EntityStore::Builder::intern(std::string_view type, std::string_view id) {
  return store_.interner_->uid({type, id, hash_uid(type, id)});
}

Result<void> EntityStore::Builder::add(const EntityDraft& entity) {
  std::vector<const EntityUid*> parents;
  for (const EntityUid* parent : entity.parents) parents.push_back(store_.interner_->uid(*parent));
  const EntityUid* uid = store_.interner_->uid(*entity.uid);
  const auto [it, is_new] = index_.try_emplace(uid, entities_.size());
  if (is_new) {
    entities_.push_back({uid, entity.attributes, entity.tags, arena().copy(parents)});
    return {};
  }
  const EntityDraft& other = entities_[it->second];
  if (equal_fields(entity.attributes, other.attributes) && equal_fields(entity.tags, other.tags) &&
      equal_uids(parents, other.parents)) {
    return {};
  }
  return fail(
      ErrorCode::kAlreadyExists,
      fmt::format("the entity `{}` occurs twice, with different content", to_text(*entity.uid)));
}

Result<EntityStore> EntityStore::Builder::build(std::size_t max_ancestors_seen) && {
  Graph graph(entities_.size());
  for (std::size_t i = 0; i < entities_.size(); ++i) {
    for (const EntityUid* parent : entities_[i].parents) {
      const auto it = index_.find(parent);
      if (it != index_.end()) graph[i].push_back(static_cast<std::uint32_t>(it->second));
    }
  }
  const auto order = order_after_targets(graph);
  if (!order) {
    std::vector<std::string> cycle;
    for (const std::uint32_t i : order.error()) cycle.push_back(to_text(*entities_[i].uid));
    return invalid(fmt::format("the entities are in each other in a cycle: `{}`, then `{}` again",
                               fmt::join(cycle, "`, `"), cycle.front()));
  }
  const auto allocate = [this](std::size_t bytes) {
    return store_.arena_->resource()->allocate(bytes, alignof(Entity));
  };
  std::size_t seen = 0;
  for (const std::uint32_t i : *order) {
    for (const EntityUid* parent : entities_[i].parents) {
      const Entity* entity = store_.find(*parent);
      seen += 1 + (entity == nullptr ? 0 : entity->ancestors().size());
    }
    if (seen > max_ancestors_seen) {
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("the hierarchy is too large: the parents of its entities have more "
                              "than {} ancestors in total",
                              max_ancestors_seen));
    }
    const std::vector<const EntityUid*> ancestors = close(entities_[i].parents, store_);
    const Entity* entity =
        EntityWriter::write(entities_[i], ancestors, *store_.interner_, allocate);
    store_.index_.emplace(entity->uid(), entity);
  }
  return std::move(store_);
}

}  // namespace wardlock::cedar
