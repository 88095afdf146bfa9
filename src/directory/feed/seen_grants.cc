#include "directory/feed/seen_grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/utf8.h"
#include "cedar/entities/conformance.h"

namespace wardlock::directory {
namespace {

using cedar::Value;

constexpr std::string_view kType = "Wardlock::Grant";

/// What leads there is looked for by both.
std::array<std::string_view, 2> ends_of(const OpenGrant& grant) {
  return {grant.person, grant.target};
}

/// The action of that name: the one with that id, or the one that is written out in full. Null:
/// there is none, or there are several.
const cedar::EntityUid* find_action(std::string_view name, const cedar::Schema& schema) {
  const cedar::EntityUid* found = nullptr;
  for (const cedar::ActionType& each : schema.actions()) {
    if (cedar::to_text(*each.uid) == name) return each.uid;
    if (each.uid->id != name) continue;
    if (found != nullptr) return nullptr;
    found = each.uid;
  }
  return found;
}

const cedar::EntityUid* seen(std::string_view id, const KnownThings& known) {
  const auto key = ThingKey::read(id);
  return key ? known.seen(*key) : nullptr;
}

Value texts(const std::vector<std::string>& words, Arena& arena) {
  std::vector<Value> values;
  for (const std::string& each : words) {
    values.push_back(Value::string(arena.copy(std::string_view(each))));
  }
  return cedar::make_set(arena, values);
}

}  // namespace

const cedar::EntityUid* uid_of_grant(std::string_view id, Arena& arena) {
  return cedar::make_uid(arena, kType, arena.copy(id));
}

SeenGrant project_grant(const OpenGrant& grant, const KnownThings& known,
                        const cedar::Schema& schema, Arena& arena) {
  if (schema.find_entity_type(kType) == nullptr) {
    return {.why = "the policies' schema declares no type `Wardlock::Grant`"};
  }
  const cedar::EntityUid* const person = seen(grant.person, known);
  if (person == nullptr) return {.why = "policies do not see the person"};
  const cedar::EntityUid* const target = seen(grant.target, known);
  if (target == nullptr) return {.why = "policies do not see the patient or device"};
  std::vector<Value> actions;
  for (const std::string& each : grant.actions) {
    const cedar::EntityUid* const action = find_action(each, schema);
    if (action == nullptr) {
      return {.why = fmt::format("the policies' schema has no one action `{}`", printable(each))};
    }
    actions.push_back(Value::entity(action));
  }
  std::vector<cedar::Field> fields = {
      {"actions", cedar::make_set(arena, actions)},
      {"expiresAt", Value::datetime(grant.expires_ms)},
      {"opensAt", Value::datetime(grant.opens_ms)},
      {"principal", Value::entity(person)},
      {"reason", Value::string(arena.copy(std::string_view(grant.reason)))},
      {"target", Value::entity(target)}};
  if (!grant.waives.empty()) fields.push_back({"waives", texts(grant.waives, arena)});
  const cedar::EntityDraft draft{.uid = uid_of_grant(grant.id, arena),
                                 .attributes = arena.copy(fields),
                                 .tags = {},
                                 .parents = {}};
  if (const auto fits = cedar::check_entity(draft, schema); !fits) {
    return {.why = fits.error().message};
  }
  return {.entity = draft};
}

void SeenGrants::take(OpenGrant grant) {
  forget(grant.id);
  for (const std::string_view end : ends_of(grant)) {
    if (const auto key = ThingKey::read(end)) places_.emplace(*key, grant.id);
  }
  ends_.emplace(grant.expires_ms, grant.id);
  std::string id = grant.id;
  grants_.emplace(std::move(id), std::move(grant));
}

void SeenGrants::forget(std::string_view id) {
  const auto found = grants_.find(id);
  if (found == grants_.end()) return;
  const OpenGrant& grant = found->second;
  for (const std::string_view end : ends_of(grant)) {
    if (const auto key = ThingKey::read(end)) places_.erase({*key, grant.id});
  }
  ends_.erase({grant.expires_ms, grant.id});
  grants_.erase(found);
}

const OpenGrant* SeenGrants::find(std::string_view id) const {
  const auto found = grants_.find(id);
  return found == grants_.end() ? nullptr : &found->second;
}

void SeenGrants::add_of(const ThingKey& thing, std::set<std::string>& ids) const {
  for (auto it = places_.lower_bound({thing, std::string()});
       it != places_.end() && it->first == thing; ++it) {
    ids.insert(it->second);
  }
}

void SeenGrants::add_expired(std::int64_t now, std::set<std::string>& ids) const {
  for (const auto& [end, id] : ends_) {
    if (end > now) return;
    ids.insert(id);
  }
}

std::optional<std::int64_t> SeenGrants::next_moment() const {
  if (ends_.empty()) return std::nullopt;
  return ends_.begin()->first;
}

std::set<std::string> SeenGrants::ids() const {
  std::set<std::string> all;
  for (const auto& [id, grant] : grants_) all.insert(id);
  return all;
}

}  // namespace wardlock::directory
