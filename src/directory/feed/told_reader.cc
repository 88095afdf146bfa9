#include "directory/feed/told_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "cedar/entities/conformance.h"
#include "codec/json.h"
#include "directory/feed/cedar_value.h"

namespace wardlock::directory {
namespace {

using cedar::Value;
using CedarKind = cedar::Kind;

bool names_things(const cedar::Type& type) {
  return type.kind == CedarKind::kEntity ||
         (type.kind == CedarKind::kSet && type.element != nullptr &&
          type.element->kind == CedarKind::kEntity);
}

Result<Value> read_thing(const codec::Json& json, const cedar::Type& type,
                         const KnownThings& known) {
  const auto* const id = json.if_string();
  const Result<ThingKey> key = ThingKey::read(id == nullptr ? std::string_view() : *id);
  if (!key) {
    return invalid(
        fmt::format("must be the id of something that is a `{}` in policies", type.entity_type));
  }
  const cedar::EntityUid* const uid = known.seen(*key);
  if (uid == nullptr || uid->type != type.entity_type) {
    return invalid(fmt::format("names nothing that policies see as a `{}`", type.entity_type));
  }
  return Value::entity(uid);
}

Result<Value> read_any(const codec::Json& json, const cedar::Type& type, const KnownThings& known,
                       Arena& arena) {
  if (type.kind == CedarKind::kEntity) return read_thing(json, type, known);
  if (names_things(type)) {
    const auto* const list = json.if_array();
    if (list == nullptr) return invalid("must be a list");
    std::vector<Value> members;
    for (const codec::Json& each : *list) {
      members.push_back(TRY(read_thing(each, *type.element, known)));
    }
    return cedar::make_set(arena, members);
  }
  const auto value = to_value(json, type, arena);
  if (value) return *value;
  return invalid(fmt::format("must be a value of the type {}", to_string(type)));
}

const pdp::SourcedAttribute* rule_of(std::span<const pdp::SourcedAttribute> sourced,
                                     const ToldValue& told) {
  const auto rule = std::ranges::find(sourced, told.attribute, &pdp::SourcedAttribute::name);
  return rule == sourced.end() || rule->source != told.source ? nullptr : &*rule;
}

void add_named(const codec::Json& json, std::vector<ThingKey>& things) {
  if (const auto* id = json.if_string()) {
    if (const auto key = ThingKey::read(*id)) things.push_back(*key);
  }
}

}  // namespace

Result<Value> read_told_value(const codec::Json& json, const cedar::Type& type,
                              const KnownThings& known, const cedar::Schema& schema, Arena& arena) {
  const Value value = TRY(read_any(json, type, known, arena));
  TRY_VOID(cedar::check_value(value, type, schema, "the value"));
  return value;
}

ToldFields read_told_fields(const Facts& facts, std::span<const pdp::SourcedAttribute> sourced,
                            const KnownThings& known, const cedar::Schema& schema, std::int64_t now,
                            Arena& arena) {
  ToldFields fields;
  for (const ToldValue& told : facts.told) {
    const auto* const rule = rule_of(sourced, told);
    if (rule == nullptr) continue;
    if (now >= told.observed_ms + rule->last_known_ms) {
      fields.has_forgotten = true;
      continue;
    }
    const auto json = codec::parse_json(told.value);
    if (!json || json->is_null()) continue;
    const auto value = read_told_value(*json, *rule->value, known, schema, arena);
    if (!value) continue;
    const bool is_fresh = now < told.observed_ms + rule->fresh_ms;
    const bool counts = is_fresh || rule->silence == pdp::Silence::kLastKnown;
    if (counts) fields.current.push_back({rule->name, *value});
    if (!is_fresh) fields.stale.push_back({rule->name, *value});
  }
  std::ranges::sort(fields.current, {}, &cedar::Field::name);
  std::ranges::sort(fields.stale, {}, &cedar::Field::name);
  return fields;
}

void note_told(std::span<const pdp::SourcedAttribute> sourced, Facts& facts) {
  facts.told_moments.clear();
  facts.told_names.clear();
  for (const ToldValue& told : facts.told) {
    const auto* const rule = rule_of(sourced, told);
    if (rule == nullptr) continue;
    facts.told_moments.push_back(told.observed_ms + rule->fresh_ms);
    facts.told_moments.push_back(told.observed_ms + rule->last_known_ms);
    if (!names_things(*rule->value)) continue;
    const auto json = codec::parse_json(told.value);
    if (!json) continue;
    add_named(*json, facts.told_names);
    if (const auto* list = json->if_array()) {
      for (const codec::Json& each : *list) add_named(each, facts.told_names);
    }
  }
}

}  // namespace wardlock::directory
