#include "pdp/stale.h"

#include <algorithm>
#include <array>
#include <memory_resource>
#include <vector>

#include "pdp/notes.h"

namespace wardlock::pdp {
namespace {

using cedar::Entity;
using cedar::EntityUid;
using cedar::Value;

/// So many things that attributes name are looked at.
constexpr std::size_t kMostNamed = 64;

using Uids = std::pmr::vector<const EntityUid*>;

void add(const EntityUid& uid, const SourcedAttributes& sourced, Uids& uids) {
  if (sourced.of(uid.type).empty()) return;
  const auto is_it = [&](const EntityUid* each) { return *each == uid; };
  if (std::ranges::none_of(uids, is_it)) uids.push_back(&uid);
}

/// What attributes of the entity name.
void add_named(const EntityUid& uid, const cedar::EntityView& entities,
               const SourcedAttributes& sourced, Uids& uids) {
  const Entity* entity = entities.find(uid);
  if (entity == nullptr) return;
  for (const Value& value : entity->attributes().values()) {
    if (uids.size() >= kMostNamed) return;
    if (value.is(cedar::Kind::kEntity)) add(value.as_entity(), sourced, uids);
  }
}

/// Of types of which sources tell something.
Uids looked_at(const cedar::Request& request, const cedar::EntityView& entities,
               const SourcedAttributes& sourced, Arena& arena) {
  Uids uids(arena.resource());
  add(*request.principal, sourced, uids);
  add(*request.resource, sourced, uids);
  add_named(*request.principal, entities, sourced, uids);
  add_named(*request.resource, entities, sourced, uids);
  return uids;
}

/// The names that policies in question read, each once.
std::pmr::vector<std::string_view> read_names(const SourceReaders& readers,
                                              const Candidates& policies, Arena& arena) {
  std::pmr::vector<std::string_view> names(arena.resource());
  for (std::size_t part = 0; part < kRulePartCount; ++part) {
    for (const auto& candidate : policies.of(static_cast<RulePart>(part))) {
      for (const std::string_view name : readers.read_by(policies.policy(candidate.place))) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
      }
    }
  }
  return names;
}

const Entity* find_companion(const Snapshot& snapshot, const EntityUid& uid, Arena& arena) {
  return snapshot.entities.find(*stale_uid_of(uid, arena));
}

/// The entity with what is kept of it for emergencies; null: nothing is.
const Entity* in_emergency(const Snapshot& snapshot, const cedar::EntityView& entities,
                           const EntityUid& uid, Arena& arena) {
  const Entity* companion = find_companion(snapshot, uid, arena);
  if (companion == nullptr) return nullptr;
  const Entity* entity = entities.find(uid);
  std::pmr::vector<cedar::Field> fields(arena.resource());
  for (const SourcedAttribute& each : snapshot.rulebook->sourced.of(uid.type)) {
    if (each.silence != Silence::kEmergency) continue;
    const Value* last = companion->attributes().find(each.name);
    if (last != nullptr) fields.push_back({each.name, *last});
  }
  if (fields.empty()) return nullptr;
  if (entity != nullptr) {
    for (const cedar::Field& field : entity->attributes()) fields.push_back(field);
  }
  std::ranges::sort(fields, {}, &cedar::Field::name);
  return cedar::with_attributes(arena, uid, arena.copy(fields), entity);
}

}  // namespace

const EntityUid* stale_uid_of(const EntityUid& uid, Arena& arena) {
  return cedar::make_uid(arena, kStaleType, join(arena, {uid.type, "\"", uid.id}));
}

std::span<const std::string_view> find_stale(const Snapshot& snapshot, const Candidates& policies,
                                             const cedar::Request& request,
                                             const cedar::EntityView& entities, Arena& arena) {
  const Rulebook& rulebook = *snapshot.rulebook;
  if (rulebook.source_readers.empty()) return {};
  const auto names = read_names(rulebook.source_readers, policies, arena);
  if (names.empty()) return {};
  std::pmr::vector<std::string_view> stale(arena.resource());
  for (const EntityUid* uid : looked_at(request, entities, rulebook.sourced, arena)) {
    const Entity* entity = entities.find(*uid);
    const Entity* companion = find_companion(snapshot, *uid, arena);
    for (const SourcedAttribute& each : rulebook.sourced.of(uid->type)) {
      if (std::ranges::find(names, each.name) == names.end()) continue;
      const bool is_absent = entity == nullptr || entity->attributes().find(each.name) == nullptr;
      const bool is_old =
          companion != nullptr && companion->attributes().find(each.name) != nullptr;
      if (is_absent || is_old) stale.push_back(join(arena, {each.type, ".", each.name}));
    }
  }
  return distinct(arena, stale);
}

std::span<const Entity* const> emergency_overlay(const Snapshot& snapshot,
                                                 const cedar::Request& request,
                                                 std::span<const Entity* const> overlay,
                                                 Arena& arena) {
  const SourcedAttributes& sourced = snapshot.rulebook->sourced;
  if (!sourced.has_emergency()) return {};
  const cedar::EntityView entities(snapshot.entities, overlay);
  std::pmr::vector<const Entity*> over(arena.resource());
  for (const EntityUid* uid : looked_at(request, entities, sourced, arena)) {
    const Entity* entity = in_emergency(snapshot, entities, *uid, arena);
    if (entity != nullptr) over.push_back(entity);
  }
  if (over.empty()) return {};
  over.insert(over.end(), overlay.begin(), overlay.end());  // of two, the first counts
  return arena.copy(over);
}

}  // namespace wardlock::pdp
