#include "cedar/entities/entity_index.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace wardlock::cedar {
namespace {

const Value* step_from(const Entity& entity, const PathStep& step) {
  return find_field(step.is_tag ? entity.tags() : entity.attributes(), step.name);
}

/// The value at the end of the path, or nothing: evaluating it would err.
std::optional<Value> value_at(const Entity& entity, const AttributePath& path,
                              const EntityStore& store) {
  Value value = Value::entity(entity.uid());
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
    case Relation::kContains:
      if (!value.is(Kind::kSet)) break;
      for (const Value& member : value.as_set()) add(member);
      break;
    case Relation::kIn:
      if (!value.is(Kind::kEntity)) break;
      add(value);
      if (const Entity* entity = store.find(value.as_entity())) {
        for (const EntityUid* ancestor : entity->ancestors()) add(Value::entity(ancestor));
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
                                           [](const Entity* entity) { return entity->uid()->id; });
  return static_cast<std::uint32_t>(it - entities_.begin());
}

IndexEntries TypeIndex::find(const AttributePath& path, Relation relation, const Value& key) const {
  return std::ranges::equal_range(entries(path, relation, true), key, less_key, &IndexEntry::key);
}

void TypeIndex::make_like(const TypeIndex& other) const {
  std::vector<std::pair<AttributePath, Relation>> asked;
  {
    const std::scoped_lock lock(other.mutex_);
    for (const auto& [what, kept] : other.kept_) {
      if (kept.is_asked) asked.push_back(what);
    }
  }
  for (const auto& [path, relation] : asked) entries(path, relation, false);
}

const TypeIndex::Entries& TypeIndex::entries(const AttributePath& path, Relation relation,
                                             bool is_asked) const {
  const std::scoped_lock lock(mutex_);
  Kept& kept = kept_[{path, relation}];
  kept.is_asked = kept.is_asked || is_asked;
  if (kept.entries == nullptr) {
    kept.entries = std::make_unique<const Entries>(make_entries(path, relation));
  }
  return *kept.entries;
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
  // Stable: places of one key stay in their order.
  std::ranges::stable_sort(made, less_key, &IndexEntry::key);
  made.shrink_to_fit();
  return made;
}

const EntityIndex::Types& EntityIndex::types() const {
  std::call_once(once_, [this] {
    std::map<std::string_view, std::vector<const Entity*>> by_type;
    for (const Entity* entity : store_.entities()) by_type[entity->uid()->type].push_back(entity);
    for (auto& [type, entities] : by_type) {
      types_.emplace(std::piecewise_construct, std::forward_as_tuple(type),
                     std::forward_as_tuple(store_, std::move(entities)));
    }
    is_made_ = true;
  });
  return types_;
}

const TypeIndex* EntityIndex::find_type(std::string_view type) const {
  const auto it = types().find(type);
  return it == types().end() ? nullptr : &it->second;
}

void EntityIndex::make_like(const EntityIndex& other) const {
  if (!other.is_made_) return;
  for (const auto& [type, index] : other.types_) {
    if (const TypeIndex* own = find_type(type)) own->make_like(index);
  }
}

}  // namespace wardlock::cedar
