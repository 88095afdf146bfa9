#include "cedar/entities/entity_index.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace wardlock::cedar {
namespace {

const Value* step_from(const Entity& entity, const PathStep& step) {
  return find_field(step.is_tag ? entity.tags : entity.attributes, step.name);
}

/// The value at the end of the path, or nothing: evaluating it would err.
std::optional<Value> value_at(const Entity& entity, const AttributePath& path,
                              const EntityStore& store) {
  Value value = Value::entity(entity.uid);
  const Entity* owner = &entity;
  for (const PathStep& step : path) {
    const Value* next = nullptr;
    if (value.is(Kind::kEntity)) {
      if (owner == nullptr) owner = store.find(value.as_entity());
      if (owner != nullptr) next = step_from(*owner, step);
    } else if (value.is(Kind::kRecord) && !step.is_tag) {
      next = find_field(value.as_record(), step.name);
    }
    if (next == nullptr) return std::nullopt;
    value = *next;
    owner = nullptr;
  }
  return value;
}

/// Calls `add` with each key that the value is to as the relation says.
template <typename Add>
void for_each_key(const Value& value, Relation relation, const EntityStore& store, Add add) {
  switch (relation) {
    case Relation::kIs: add(value); break;
    case Relation::kHolds:
      if (!value.is(Kind::kSet)) break;
      for (const Value& member : value.as_set()) add(member);
      break;
    case Relation::kIn:
      if (!value.is(Kind::kEntity)) break;
      add(value);
      if (const Entity* entity = store.find(value.as_entity())) {
        for (const EntityUid* ancestor : entity->ancestors) add(Value::entity(ancestor));
      }
      break;
  }
}

/// Some total order in which equal keys are neighbours. Most keys are entities, whose hashes tell
/// them apart without reading text.
bool less_key(const Value& a, const Value& b) {
  if (a.is(Kind::kEntity) && b.is(Kind::kEntity)) {
    const EntityUid &one = a.as_entity(), &other = b.as_entity();
    if (one.hash != other.hash) return one.hash < other.hash;
  }
  return compare(a, b) < 0;
}

}  // namespace

std::uint32_t TypeIndex::first_place(std::string_view id) const {
  const auto it = std::ranges::lower_bound(entities_, id, {},
                                           [](const Entity* entity) { return entity->uid->id; });
  return static_cast<std::uint32_t>(it - entities_.begin());
}

IndexEntries TypeIndex::find(const AttributePath& path, Relation relation, const Value& key) const {
  return std::ranges::equal_range(entries(path, relation), key, less_key, &IndexEntry::key);
}

const TypeIndex::Entries& TypeIndex::entries(const AttributePath& path, Relation relation) const {
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<const Entries>& kept = kept_[{path, relation}];
  if (kept == nullptr) kept = std::make_unique<const Entries>(make_entries(path, relation));
  return *kept;
}

TypeIndex::Entries TypeIndex::make_entries(const AttributePath& path, Relation relation) const {
  Entries made;
  for (std::size_t place = 0; place < entities_.size(); ++place) {
    const auto value = value_at(*entities_[place], path, store_);
    if (!value) continue;
    for_each_key(*value, relation, store_, [&](const Value& key) {
      made.push_back({key, static_cast<std::uint32_t>(place)});
    });
  }
  std::ranges::sort(made, [](const IndexEntry& a, const IndexEntry& b) {
    if (less_key(a.key, b.key)) return true;
    return !less_key(b.key, a.key) && a.place < b.place;
  });
  made.shrink_to_fit();
  return made;
}

const EntityIndex::Types& EntityIndex::types() const {
  std::call_once(once_, [this] {
    std::map<std::string_view, std::vector<const Entity*>> by_type;
    for (const Entity& entity : store_.entities()) by_type[entity.uid->type].push_back(&entity);
    for (auto& [type, entities] : by_type) {
      std::ranges::sort(entities, {}, [](const Entity* entity) { return entity->uid->id; });
      types_.emplace(std::piecewise_construct, std::forward_as_tuple(type),
                     std::forward_as_tuple(store_, std::move(entities)));
    }
  });
  return types_;
}

const TypeIndex* EntityIndex::find_type(std::string_view type) const {
  const auto it = types().find(type);
  return it == types().end() ? nullptr : &it->second;
}

}  // namespace wardlock::cedar
