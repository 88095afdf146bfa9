#include "directory/feed/seen_grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/utf8.h"
#include "cedar/entities/conformance.h"
#include "directory/feed/seen_consent.h"

namespace wardlock::directory {
namespace {

using cedar::Value;

constexpr std::string_view kType = "Wardlock::Grant";
constexpr std::string_view kDelegationType = "Wardlock::Delegation";
constexpr std::string_view kApprovalType = "Wardlock::Approval";

/// What leads there is looked for by all of them.
std::vector<std::string_view> ends_of(const OpenGrant& grant) {
  std::vector<std::string_view> ends = {grant.person, grant.target};
  if (grant.delegation) ends.emplace_back(grant.delegation->delegator);
  if (grant.approval) {
    ends.insert(ends.end(), grant.approval->approvers.begin(), grant.approval->approvers.end());
  }
  if (!grant.consent) return ends;
  for (const OpenProvision& each : *grant.consent) {
    if (each.actors) ends.insert(ends.end(), each.actors->begin(), each.actors->end());
  }
  return ends;
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

Value text(std::string_view words, Arena& arena) { return Value::string(arena.copy(words)); }

/// A name of any type, which no schema could give an attribute.
Value name_of(const cedar::EntityUid& uid, Arena& arena) {
  std::array<cedar::Field, 2> fields = {
      {{"id", text(uid.id, arena)}, {"type", text(uid.type, arena)}}};
  return cedar::make_record(arena, fields);
}

struct Ends {
  const cedar::EntityUid* person;
  const cedar::EntityUid* target;
  const cedar::EntityUid* delegator = nullptr;  ///< null: there is none
};

std::vector<cedar::Field> fields_of(const OpenGrant& grant, const Ends& ends, const Value& actions,
                                    Arena& arena) {
  std::vector<cedar::Field> fields = {{"actions", actions},
                                      {"expiresAt", Value::datetime(grant.expires_ms)},
                                      {"opensAt", Value::datetime(grant.opens_ms)},
                                      {"principal", Value::entity(ends.person)},
                                      {"reason", text(grant.reason, arena)},
                                      {"target", Value::entity(ends.target)}};
  if (!grant.waives.empty()) fields.push_back({"waives", texts(grant.waives, arena)});
  return fields;
}

std::vector<cedar::Field> fields_of_delegation(const OpenGrant& grant, const Ends& ends,
                                               const Value& actions, Arena& arena) {
  const OpenDelegation& more = *grant.delegation;
  std::vector<cedar::Field> fields = {{"actions", actions},
                                      {"by", text(more.by, arena)},
                                      {"delegate", name_of(*ends.person, arena)},
                                      {"delegator", name_of(*ends.delegator, arena)},
                                      {"expiresAt", Value::datetime(grant.expires_ms)},
                                      {"onward", Value::boolean(more.may_pass_on)},
                                      {"opensAt", Value::datetime(grant.opens_ms)}};
  if (!more.passes_on.empty()) fields.push_back({"passesOn", text(more.passes_on, arena)});
  fields.push_back({"purpose", text(grant.reason, arena)});
  fields.push_back({"target", name_of(*ends.target, arena)});
  fields.push_back({"ticket", text(more.ticket, arena)});
  return fields;
}

/// Of what an approval is for: one action.
std::vector<cedar::Field> fields_of_approval(const OpenGrant& grant, const Ends& ends,
                                             const cedar::EntityUid& action, const Value& approvers,
                                             Arena& arena) {
  return {{"action", Value::entity(&action)},
          {"approvers", approvers},
          {"expiresAt", Value::datetime(grant.expires_ms)},
          {"opensAt", Value::datetime(grant.opens_ms)},
          {"principal", name_of(*ends.person, arena)},
          {"target", name_of(*ends.target, arena)},
          {"ticket", text(grant.approval->ticket, arena)}};
}

SeenGrant entity_of(std::string_view type, std::string_view id,
                    const std::vector<cedar::Field>& fields, const cedar::Schema& schema,
                    Arena& arena) {
  const cedar::EntityDraft draft{.uid = cedar::make_uid(arena, type, id),
                                 .attributes = arena.copy(fields),
                                 .tags = {},
                                 .parents = {}};
  if (const auto fits = cedar::check_entity(draft, schema); !fits) {
    return {.why = fits.error().message};
  }
  return {.entity = draft};
}

/// INVARIANT: an approval is of somebody whom policies see, for something that they see, given by
/// people whom they see.
SeenGrant project_approval(const OpenGrant& grant, const KnownThings& known,
                           const cedar::Schema& schema, Arena& arena) {
  if (schema.find_entity_type(kApprovalType) == nullptr) {
    return {.why = fmt::format("the policies' schema declares no type `{}`", kApprovalType)};
  }
  const Ends ends{.person = seen(grant.person, known), .target = seen(grant.target, known)};
  if (ends.person == nullptr) return {.why = "policies do not see the person"};
  if (ends.target == nullptr) return {.why = "policies do not see what it is for"};
  std::vector<Value> approvers;
  for (const std::string& each : grant.approval->approvers) {
    const cedar::EntityUid* const approver = seen(each, known);
    if (approver == nullptr) return {.why = "policies do not see who approved"};
    if (*approver == *ends.person) return {.why = "nobody approves their own deeds"};
    approvers.push_back(name_of(*approver, arena));
  }
  const std::string_view name =
      grant.actions.empty() ? std::string_view() : std::string_view(grant.actions.front());
  const cedar::ActionType* const action = find_named_action(name, schema);
  if (action == nullptr) {
    return {.why = fmt::format("the policies' schema has no one action `{}`", printable(name))};
  }
  if (!takes_approval(*action)) {
    return {.why = fmt::format("the policies' schema gives `{}` no `approval`", printable(name))};
  }
  const Value set = cedar::make_set(arena, approvers);
  return entity_of(kApprovalType, grant.id,
                   fields_of_approval(grant, ends, *action->uid, set, arena), schema, arena);
}

}  // namespace

const cedar::ActionType* find_named_action(std::string_view name, const cedar::Schema& schema) {
  const cedar::ActionType* found = nullptr;
  for (const cedar::ActionType& each : schema.actions()) {
    if (cedar::to_text(*each.uid) == name) return &each;
    if (each.uid->id != name) continue;
    if (found != nullptr) return nullptr;
    found = &each;
  }
  return found;
}

bool takes_approval(const cedar::ActionType& action) {
  return action.context->find_attribute("approval") != nullptr;
}

std::array<const cedar::EntityUid*, 4> uids_of_grant(std::string_view id, Arena& arena) {
  return {cedar::make_uid(arena, kType, id), cedar::make_uid(arena, kDelegationType, id),
          cedar::make_uid(arena, kConsentEntityType, id),
          cedar::make_uid(arena, kApprovalType, id)};
}

SeenGrant project_grant(const OpenGrant& grant, const KnownThings& known,
                        const cedar::Schema& schema, Arena& arena) {
  if (!grant.hidden.empty()) return {.why = grant.hidden};
  if (grant.consent) return project_consent(grant, known, schema, arena);
  if (grant.approval) return project_approval(grant, known, schema, arena);
  const bool is_delegation = grant.delegation.has_value();
  const std::string_view type = is_delegation ? kDelegationType : kType;
  if (schema.find_entity_type(type) == nullptr) {
    return {.why = fmt::format("the policies' schema declares no type `{}`", type)};
  }
  Ends ends{.person = seen(grant.person, known), .target = seen(grant.target, known)};
  if (ends.person == nullptr) return {.why = "policies do not see the person"};
  if (ends.target == nullptr) {
    return {.why = is_delegation ? "policies do not see what it is for"
                                 : "policies do not see the patient or device"};
  }
  if (is_delegation) {
    ends.delegator = seen(grant.delegation->delegator, known);
    if (ends.delegator == nullptr) return {.why = "policies do not see who delegates"};
  }
  std::vector<Value> actions;
  for (const std::string& each : grant.actions) {
    const cedar::ActionType* const action = find_named_action(each, schema);
    if (action == nullptr) {
      return {.why = fmt::format("the policies' schema has no one action `{}`", printable(each))};
    }
    actions.push_back(Value::entity(action->uid));
  }
  const Value set = cedar::make_set(arena, actions);
  return entity_of(type, grant.id,
                   is_delegation ? fields_of_delegation(grant, ends, set, arena)
                                 : fields_of(grant, ends, set, arena),
                   schema, arena);
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
