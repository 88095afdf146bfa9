#include "cedar/entities/entity_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "cedar/entities/next_version.h"

namespace wardlock::cedar {
namespace {

bool equal_fields(const auto& a, const auto& b) {
  return std::ranges::equal(
      a, b, [](const Field& x, const Field& y) { return x.name == y.name && x.value == y.value; });
}

/// Neither order nor repetition counts.
std::vector<const EntityUid*> as_set(std::span<const EntityUid* const> interned) {
  std::vector<const EntityUid*> set(interned.begin(), interned.end());
  std::ranges::sort(set, std::less<>());
  const auto repeated = std::ranges::unique(set);
  set.erase(repeated.begin(), repeated.end());
  return set;
}

/// Whether nothing would change if the entity were put again.
bool is_like(const Entity& entity, const EntityDraft& draft) {
  return equal_fields(entity.attributes(), draft.attributes) &&
         equal_fields(entity.tags(), draft.tags) &&
         std::ranges::equal(entity.parents(), draft.parents,
                            [](const EntityUid* a, const EntityUid* b) { return *a == *b; });
}

void sort_by_uid(std::vector<const Entity*>& entities) {
  std::ranges::sort(entities,
                    [](const Entity* a, const Entity* b) { return *a->uid() < *b->uid(); });
}

/// Of entities of one type, by their ids: without reading entity and uid at each comparison.
void sort_by_id(std::vector<const Entity*>& entities) {
  std::vector<std::pair<std::string_view, const Entity*>> keyed;
  keyed.reserve(entities.size());
  for (const Entity* each : entities) keyed.emplace_back(each->uid()->id, each);
  std::ranges::sort(keyed, {}, [](const auto& each) { return each.first; });
  std::ranges::transform(keyed, entities.begin(), [](const auto& each) { return each.second; });
}

void put_all(NextVersion& next, const EntityChanges& changes) {
  for (const EntityChanges::Change& change : changes.all()) {
    if (change.is_removal) {
      next.remove(*change.entity.uid);
    } else {
      next.put(change.entity);
    }
  }
}

}  // namespace

EntityStore::EntityStore(std::shared_ptr<EntityVersion> version)
    : trie_(version->trie()), version_(std::move(version)) {}

const EntityUid* EntityStore::canonical(const EntityUid& uid) const {
  const Slot slot = trie_.find(uid);
  return slot ? slot.uid() : nullptr;
}

std::size_t EntityStore::size() const { return version_ == nullptr ? 0 : version_->size(); }

std::vector<const Entity*> EntityStore::entities() const {
  std::vector<const Entity*> entities;
  entities.reserve(size());
  trie_.for_each([&](Slot slot) {
    if (const Entity* entity = slot.entity()) entities.push_back(entity);
  });
  sort_by_uid(entities);
  return entities;
}

std::vector<const Entity*> EntityStore::entities(std::string_view type) const {
  if (version_ == nullptr) return {};
  std::vector<const Entity*> entities;
  if (const auto few = version_->census()->few(type)) {
    for (const EntityUid* uid : *few) entities.push_back(find(*uid));
  } else {
    trie_.for_each([&](Slot slot) {
      const Entity* entity = slot.entity();
      if (entity != nullptr && entity->uid()->type == type) entities.push_back(entity);
    });
  }
  sort_by_id(entities);
  return entities;
}

std::vector<std::string_view> EntityStore::parent_types() const {
  if (version_ == nullptr) return {};
  if (auto known = version_->census()->parent_types()) return *std::move(known);
  std::unordered_set<std::string_view, crypto::SeededHash> types;
  trie_.for_each([&](Slot slot) {
    if (slot.entity() == nullptr) return;
    for (const EntityUid* parent : slot.entity()->parents()) types.insert(parent->type);
  });
  return {types.begin(), types.end()};
}

std::shared_ptr<const Lineage> EntityStore::lineage() const {
  return version_ == nullptr ? nullptr : version_->lineage();
}

std::vector<Names> EntityStore::attribute_names() const {
  if (version_ == nullptr) return {};
  const std::scoped_lock lock(version_->lineage()->mutex());
  return version_->lineage()->lists();
}

bool EntityStore::is_of_one_row_with(const EntityStore& other) const {
  return version_ != nullptr && other.version_ != nullptr &&
         version_->lineage() == other.version_->lineage();
}

Result<EntityStore> EntityStore::apply(const EntityChanges& changes,
                                       std::size_t max_ancestors_seen) const {
  if (version_ == nullptr) return copy_with(changes, max_ancestors_seen);
  // Outlives the lock: a version that dies here may be the lineage's last.
  const std::shared_ptr<Lineage> lineage = version_->lineage();
  const std::scoped_lock lock(lineage->mutex());
  if (lineage->is_littered() || !EntityVersion::settle(version_)) {
    return copy_with(changes, max_ancestors_seen);
  }
  NextVersion next(version_);
  put_all(next, changes);
  return EntityStore(TRY(std::move(next).make(max_ancestors_seen)));
}

Result<EntityStore> EntityStore::copy_with(const EntityChanges& changes,
                                           std::size_t max_ancestors_seen) const {
  std::unordered_set<const EntityUid*, UidHash, UidEqual> changed;
  for (const EntityChanges::Change& change : changes.all()) changed.insert(change.entity.uid);
  Arena arena;
  NextVersion next;
  for (const Entity* entity : entities()) {
    if (!changed.contains(entity->uid())) next.put(draft_of(*entity, arena));
  }
  put_all(next, changes);
  return EntityStore(TRY(std::move(next).make(max_ancestors_seen)));
}

const EntityUid* EntityStore::Builder::intern(const EntityUid& uid) {
  const auto it = uids_.find(&uid);
  if (it != uids_.end()) return *it;
  const auto known = types_.find(uid.type);
  const std::string_view type =
      known != types_.end() ? *known : *types_.insert(arena().copy(uid.type)).first;
  return *uids_.insert(arena().make<EntityUid>(type, arena().copy(uid.id), uid.hash)).first;
}

Result<void> EntityStore::Builder::add(const EntityDraft& entity) {
  std::vector<const EntityUid*> parents;
  parents.reserve(entity.parents.size());
  for (const EntityUid* parent : entity.parents) parents.push_back(intern(*parent));
  const EntityUid* uid = intern(*entity.uid);
  const auto [it, is_new] = places_.try_emplace(uid, entities_.size());
  if (is_new) {
    entities_.push_back({uid, entity.attributes, entity.tags, arena().copy(parents)});
    return {};
  }
  const EntityDraft& there = entities_[it->second];
  if (equal_fields(entity.attributes, there.attributes) && equal_fields(entity.tags, there.tags) &&
      as_set(parents) == as_set(there.parents)) {
    return {};
  }
  return fail(
      ErrorCode::kAlreadyExists,
      fmt::format("the entity `{}` occurs twice, with different content", to_text(*entity.uid)));
}

Result<EntityStore> EntityStore::Builder::build(std::size_t max_ancestors_seen) && {
  NextVersion next;
  next.expect(entities_.size());
  for (const EntityDraft& entity : entities_) next.put(entity);
  return EntityStore(TRY(std::move(next).make(max_ancestors_seen)));
}

Result<EntityStore> EntityStore::Builder::build_after(const EntityStore& before,
                                                      std::size_t max_ancestors_seen) && {
  EntityChanges changes;
  std::size_t kept = 0;
  for (const EntityDraft& entity : entities_) {
    const Entity* old = before.find(*entity.uid);
    if (old != nullptr && is_like(*old, entity)) {
      ++kept;
    } else {
      changes.put(entity);
    }
  }
  if (kept <= std::max(before.size(), entities_.size()) / 2)
    return std::move(*this).build(max_ancestors_seen);
  before.trie_.for_each([&](Slot slot) {
    if (slot.entity() != nullptr && !has(*slot.uid())) changes.remove(slot.uid());
  });
  return before.apply(changes, max_ancestors_seen);
}

}  // namespace wardlock::cedar
