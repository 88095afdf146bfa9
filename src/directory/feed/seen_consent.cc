#include "directory/feed/seen_consent.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cedar/entities/conformance.h"

namespace wardlock::directory {
namespace {

using cedar::Field;
using cedar::Value;

/// What policies call the patient's own care team (pdp/consents.h).
constexpr std::string_view kCareTeamType = "Wardlock::CareTeam";

using Words = std::optional<std::vector<std::string>>;

Value named(std::string_view type, std::string_view id, Arena& arena) {
  std::array<Field, 2> fields = {
      {{"id", Value::string(arena.copy(id))}, {"type", Value::string(arena.copy(type))}}};
  return cedar::make_record(arena, fields);
}

void add_words(std::string_view name, const Words& words, Arena& arena,
               std::vector<Field>& fields) {
  if (!words) return;
  std::vector<Value> values;
  for (const std::string& each : *words) {
    values.push_back(Value::string(arena.copy(std::string_view(each))));
  }
  fields.push_back({name, cedar::make_set(arena, values)});
}

void add_time(std::string_view name, std::optional<std::int64_t> time, std::vector<Field>& fields) {
  if (time) fields.push_back({name, Value::datetime(*time)});
}

void add_actors(const Words& actors, const KnownThings& known, Arena& arena,
                std::vector<Field>& fields) {
  if (!actors) return;
  std::vector<Value> values;
  for (const std::string& each : *actors) {
    if (each == kOwnCareTeam) values.push_back(named(kCareTeamType, "own", arena));
    const auto key = ThingKey::read(each);
    const cedar::EntityUid* const uid = key ? known.seen(*key) : nullptr;
    if (uid != nullptr) values.push_back(named(uid->type, uid->id, arena));
  }
  fields.push_back({"actors", cedar::make_set(arena, values)});
}

Value provision_of(const OpenProvision& provision, const KnownThings& known, Arena& arena) {
  std::vector<Field> fields = {
      {"permits", Value::boolean(provision.permits)},
      {"place", Value::string(arena.copy(std::string_view(provision.place)))}};
  add_time("beginsAt", provision.begins_ms, fields);
  add_time("endsAt", provision.ends_ms, fields);
  add_words("purposes", provision.purposes, arena, fields);
  add_words("actions", provision.actions, arena, fields);
  add_words("labels", provision.labels, arena, fields);
  add_words("classes", provision.classes, arena, fields);
  add_actors(provision.actors, known, arena, fields);
  return cedar::make_record(arena, fields);
}

}  // namespace

SeenGrant project_consent(const OpenGrant& grant, const KnownThings& known,
                          const cedar::Schema& schema, Arena& arena) {
  if (schema.find_entity_type(kConsentEntityType) == nullptr) {
    return {.why = fmt::format("the policies' schema declares no type `{}`", kConsentEntityType)};
  }
  const auto key = ThingKey::read(grant.target);
  const cedar::EntityUid* const patient = key ? known.seen(*key) : nullptr;
  if (patient == nullptr) return {.why = "policies do not see the patient"};
  std::vector<Value> provisions;
  for (const OpenProvision& each : *grant.consent) {
    provisions.push_back(provision_of(each, known, arena));
  }
  const std::array<Field, 2> fields = {{{"patient", named(patient->type, patient->id, arena)},
                                        {"provisions", cedar::make_set(arena, provisions)}}};
  const cedar::EntityDraft draft{.uid = cedar::make_uid(arena, kConsentEntityType, grant.id),
                                 .attributes = arena.copy(fields),
                                 .tags = {},
                                 .parents = {}};
  if (const auto fits = cedar::check_entity(draft, schema); !fits) {
    return {.why = fits.error().message};
  }
  return {.entity = draft};
}

}  // namespace wardlock::directory
