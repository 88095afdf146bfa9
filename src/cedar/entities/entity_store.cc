#include "cedar/entities/entity_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "cedar/entities/next_version.h"

namespace wardlock::cedar {
namespace {

bool equal_fields(std::span<const Field> a, std::span<const Field> b) {
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
  std::ranges::sort(entities,
                    [](const Entity* a, const Entity* b) { return *a->uid() < *b->uid(); });
  return entities;
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

EntityStore::Builder::Builder() : first_(std::make_unique<NextVersion>()) {}
EntityStore::Builder::Builder(Builder&&) noexcept = default;
EntityStore::Builder::~Builder() = default;

const EntityUid* EntityStore::Builder::intern(std::string_view type, std::string_view id) {
  return first_->interner().uid({type, id, hash_uid(type, id)});
}

bool EntityStore::Builder::has(const EntityUid& uid) const {
  return first_->find_put(*first_->interner().uid(uid)) != nullptr;
}

Result<void> EntityStore::Builder::add(const EntityDraft& entity) {
  Interner& interner = first_->interner();
  const EntityDraft* there = first_->find_put(*interner.uid(*entity.uid));
  if (there == nullptr) {
    first_->put(entity);
    return {};
  }
  std::vector<const EntityUid*> parents;
  for (const EntityUid* parent : entity.parents) parents.push_back(interner.uid(*parent));
  if (equal_fields(entity.attributes, there->attributes) &&
      equal_fields(entity.tags, there->tags) && as_set(parents) == as_set(there->parents)) {
    return {};
  }
  return fail(
      ErrorCode::kAlreadyExists,
      fmt::format("the entity `{}` occurs twice, with different content", to_text(*entity.uid)));
}

Result<EntityStore> EntityStore::Builder::build(std::size_t max_ancestors_seen) && {
  return EntityStore(TRY(std::move(*first_).make(max_ancestors_seen)));
}

}  // namespace wardlock::cedar
