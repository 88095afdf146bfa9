#include "cedar/entities/next_version.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <new>
#include <string>
#include <unordered_set>

#include "base/graph.h"
#include "cedar/entities/entity_writer.h"

namespace wardlock::cedar {
namespace {

using Uids = std::vector<const EntityUid*>;

constexpr std::less<const EntityUid*> kByAddress;

void make_set(Uids& interned) {
  std::ranges::sort(interned, kByAddress);
  const auto repeated = std::ranges::unique(interned);
  interned.erase(repeated.begin(), repeated.end());
}

template <typename Range>
Uids as_set(const Range& interned) {
  Uids uids(interned.begin(), interned.end());
  make_set(uids);
  return uids;
}

/// Adds `uid` and its ancestors to the sorted uids, in linear time.
void merge(Uids& sorted, const EntityUid* uid, const Entity* entity) {
  const auto further = entity != nullptr ? entity->ancestors() : decltype(entity->ancestors()){};
  Uids merged;
  merged.reserve(sorted.size() + further.size() + 1);
  std::ranges::set_union(sorted, further, std::back_inserter(merged), kByAddress);
  const auto place = std::ranges::lower_bound(merged, uid, kByAddress);
  if (place == merged.end() || *place != uid) merged.insert(place, uid);
  sorted = std::move(merged);
}

Error too_large(std::size_t max_ancestors_seen) {
  return {.code = ErrorCode::kResourceExhausted,
          .message = fmt::format("the hierarchy is too large: the parents of its entities have "
                                 "more than {} ancestors in total",
                                 max_ancestors_seen)};
}

}  // namespace

NextVersion::NextVersion(std::shared_ptr<EntityVersion> before)
    : before_(std::move(before)), interner_(before_->lineage(), before_->trie()) {}

NextVersion::~NextVersion() {
  for (void* memory : created_) ::operator delete(memory);
}

const EntityUid* NextVersion::key(const EntityUid& uid) {
  return is_first() ? &uid : interner_.uid(uid);
}

void NextVersion::expect(std::size_t puts) {
  puts_.reserve(puts);
  places_.reserve(puts);
  interner_.expect(puts);
}

void NextVersion::put(const EntityDraft& entity) {
  const EntityUid* uid = key(*entity.uid);
  Uids parents;
  parents.reserve(entity.parents.size());
  for (const EntityUid* parent : entity.parents) parents.push_back(key(*parent));
  places_.emplace(uid, static_cast<std::uint32_t>(puts_.size()));
  puts_.push_back({.draft = {uid, entity.attributes, entity.tags, arena_->copy(parents)},
                   .before = interner_.before().find(*uid)});
}

void NextVersion::remove(const EntityUid& uid) {
  const Slot before = interner_.before().find(uid);
  if (before.entity() != nullptr) removed_.emplace(before.uid(), before);
}

void NextVersion::find_moved() {
  Uids moved;
  for (Put& put : puts_) {
    const Entity* old = put.before.entity();
    put.keeps_ancestors = as_set(put.draft.parents) == (old ? as_set(old->parents()) : Uids());
    if (!put.keeps_ancestors && put.before.is_parent()) moved.push_back(put.draft.uid);
  }
  for (const auto& [uid, before] : removed_) {
    if (before.is_parent() && !before.entity()->ancestors().empty()) moved.push_back(uid);
  }
  if (!moved.empty()) add_descendants(moved);
}

void NextVersion::add_descendants(std::span<const EntityUid* const> moved) {
  const std::unordered_set<const EntityUid*> all(moved.begin(), moved.end());
  interner_.before().for_each([&](Slot slot) {
    const Entity* entity = slot.entity();
    if (entity == nullptr || removed_.contains(entity->uid()) ||
        std::ranges::none_of(entity->ancestors(), [&](const auto* a) { return all.contains(a); })) {
      return;
    }
    const auto place = places_.find(entity->uid());
    if (place != places_.end()) {
      puts_[place->second].keeps_ancestors = false;
      return;
    }
    places_.emplace(entity->uid(), static_cast<std::uint32_t>(puts_.size()));
    puts_.push_back({.draft = draft_of(*entity, *arena_), .before = slot});
  });
}

Result<std::vector<std::uint32_t>> NextVersion::order() const {
  Graph graph(puts_.size());
  for (std::size_t i = 0; i < puts_.size(); ++i) {
    if (puts_[i].keeps_ancestors) continue;
    for (const EntityUid* parent : puts_[i].draft.parents) {
      const auto it = places_.find(parent);
      if (it != places_.end()) graph[i].push_back(it->second);
    }
  }
  auto order = order_after_targets(graph);
  if (order) return *std::move(order);
  std::vector<std::string> cycle;
  for (const std::uint32_t i : order.error()) cycle.push_back(to_text(*puts_[i].draft.uid));
  return invalid(fmt::format("the entities are in each other in a cycle: `{}`, then `{}` again",
                             fmt::join(cycle, "`, `"), cycle.front()));
}

const Entity* NextVersion::find(const EntityUid* key) const {
  const auto it = places_.find(key);
  if (it != places_.end()) return puts_[it->second].written;
  return removed_.contains(key) ? nullptr : interner_.before().find(*key).entity();
}

std::vector<const EntityUid*> NextVersion::close(Uids& parents, std::size_t& seen) {
  constexpr std::size_t kMergeUpTo = 4;
  Uids ancestors;
  for (const EntityUid*& parent : parents) {
    const Entity* entity = find(parent);
    parent = entity != nullptr ? entity->uid() : interner_.uid(*parent);
    seen += 1 + (entity == nullptr ? 0 : entity->ancestors().size());
    if (parents.size() <= kMergeUpTo) {
      merge(ancestors, parent, entity);
      continue;
    }
    ancestors.push_back(parent);
    if (entity != nullptr) {
      ancestors.insert(ancestors.end(), entity->ancestors().begin(), entity->ancestors().end());
    }
  }
  if (parents.size() > kMergeUpTo) make_set(ancestors);
  return ancestors;
}

Result<void> NextVersion::write(std::size_t max_ancestors_seen) {
  const std::vector<std::uint32_t> in_order = TRY(order());
  std::size_t seen = 0;
  for (const std::uint32_t i : in_order) {
    Put& put = puts_[i];
    EntityDraft draft = put.draft;
    if (is_first()) draft.uid = interner_.make_room_for(*draft.uid);
    if (put.keeps_ancestors) {
      const Entity* old = put.before.entity();
      put.written = write(draft, old != nullptr ? old->ancestors() : decltype(old->ancestors()){});
      continue;
    }
    Uids parents(draft.parents.begin(), draft.parents.end());
    const Uids ancestors = close(parents, seen);
    if (seen > max_ancestors_seen) return std::unexpected(too_large(max_ancestors_seen));
    draft.parents = parents;
    put.written = write(draft, ancestors);
  }
  return {};
}

const Entity* NextVersion::write(const EntityDraft& draft,
                                 std::span<const EntityUid* const> ancestors) {
  return EntityWriter::write(draft, ancestors, interner_, [this](std::size_t bytes) {
    // The entities of the first version lie side by side and stay; later ones come and go.
    if (is_first()) return interner_.lineage()->first_version().allocate(bytes);
    created_.push_back(::operator new(bytes));
    return static_cast<std::byte*>(created_.back());
  });
}

std::vector<Slot> NextVersion::changed_slots() {
  std::vector<Slot> slots;
  slots.reserve(puts_.size());
  for (const Put& put : puts_) {
    const Slot slot(put.written, !is_first());
    slots.push_back(put.before.is_parent() ? slot.as_parent() : slot);
  }
  std::unordered_map<const EntityUid*, Slot> others;
  for (const auto& [uid, before] : removed_) {
    others.emplace(uid, before.is_parent() ? Slot(uid).as_parent() : Slot(uid));
  }
  for (const EntityUid* uid : interner_.fresh()) {
    if (!places_.contains(uid)) others.emplace(uid, Slot(uid));
  }
  for (const Put& put : puts_) {
    for (const EntityUid* parent : put.draft.parents) {
      const auto place = places_.find(parent);
      if (place != places_.end()) {
        slots[place->second] = slots[place->second].as_parent();
        continue;
      }
      const EntityUid* uid = interner_.uid(*parent);
      Slot& slot = others.try_emplace(uid, interner_.before().find(*uid)).first->second;
      slot = slot.as_parent();
    }
  }
  for (const auto& [uid, slot] : others) slots.push_back(slot);
  return slots;
}

Result<std::shared_ptr<EntityVersion>> NextVersion::make(std::size_t max_ancestors_seen) && {
  find_moved();
  TRY_VOID(write(max_ancestors_seen));
  std::size_t size = (is_first() ? 0 : before_->size()) - removed_.size();
  TypeCensus::Changes of_types;
  const auto replace = [&](Slot before, const Entity* after) {
    of_types.add(before.entity(), after);
    if (before.is_owned()) replaced_.push_back(const_cast<Entity*>(before.entity()));
  };
  for (const Put& put : puts_) {
    replace(put.before, put.written);
    if (put.before.entity() == nullptr) ++size;
  }
  for (const auto& [uid, before] : removed_) replace(before, nullptr);
  const EntityTrie trie =
      interner_.before().with(changed_slots(), created_, replaced_,
                              is_first() ? &interner_.lineage()->first_version() : nullptr);
  if (is_first()) {
    interner_.lineage()->note_start();
    return std::make_shared<EntityVersion>(interner_.lineage(), trie, size,
                                           TypeCensus::after(nullptr, of_types));
  }
  auto census = TypeCensus::after(before_->census(), of_types);
  return std::make_shared<EntityVersion>(std::move(before_), trie, size, std::move(census),
                                         std::exchange(created_, {}), std::move(replaced_));
}

}  // namespace wardlock::cedar
