#include "directory/inventory/entry_import.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "directory/inventory/life.h"
#include "directory/model/schema.h"
#include "directory/registry/tables.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using codec::Json;

Outcome refused(Faults faults) { return {.effect = Effect::kRefused, .faults = std::move(faults)}; }

Json member(const object& object, std::string_view name) {
  const Json* value = object.if_contains(name);
  return value == nullptr ? Json() : *value;
}

std::vector<Difference> differences(const Document& before, const Document& after) {
  std::vector<Difference> found;
  for (const std::string_view name : changed_attributes(before, after)) {
    const Attribute* attribute = find_attribute(schema_of(before.kind()).attributes, name);
    Json old = member(before.json(), name);
    if (attribute->is_sensitive) old = nullptr;
    found.push_back({std::string(name), std::move(old), member(after.json(), name)});
  }
  return found;
}

Error no_way(const Schema& schema, std::string_view from, std::string_view to) {
  return {ErrorCode::kFailedPrecondition,
          from.empty() ? fmt::format("{} do not become `{}`", schema.plural, to)
                       : fmt::format("what is `{}` does not become `{}`", from, to)};
}

}  // namespace

bool is_of_entry(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kFailedPrecondition: return true;
    default: return false;
  }
}

Result<Outcome> EntryImport::take(const Checked<Entry>& entry) {
  if (!entry) return refused(entry.error());
  auto outcome = std::visit([this](const auto& one) { return take(one); }, *entry);
  if (outcome || !is_of_entry(outcome.error())) return outcome;
  return refused({{"", outcome.error().message}});
}

Result<Outcome> EntryImport::take(const ThingEntry& entry) {
  const object attributes = TRY(with_ids(entry));
  const auto before = TRY(finder_.match(entry));
  if (before && entry.is_only_new) return Outcome{.effect = Effect::kSame, .id = before->id};
  return before ? change(*before, entry, attributes) : enter(entry, attributes);
}

/// The attributes with ids in the place of keys. All keys that name nothing are in one error.
Result<object> EntryImport::with_ids(const ThingEntry& entry) {
  object out = entry.attributes;
  Faults faults;
  const auto id_of = [&](const KeyReference& reference) -> Result<Json> {
    if (reference.text.empty()) return Json("");
    auto key = read_key(reference.text, reference.attribute->targets);
    auto id = key ? finder_.id_of(*key) : Result<std::string>(std::unexpected(key.error()));
    if (id) return Json(*id);
    if (!is_of_entry(id.error())) return std::unexpected(id.error());
    faults.push_back({reference.path, fmt::format("says: {}", id.error().message)});
    return Json();
  };
  for (const KeyReference& reference : key_references(entry)) {
    if (reference.attribute->is_read_only) continue;
    Json id = TRY(id_of(reference));
    Json& place = out[reference.attribute->name];
    if (auto* items = place.if_array()) {
      // In the order of the items: the first that is still the key.
      const auto item = std::ranges::find(*items, Json(reference.text));
      if (item != items->end()) *item = std::move(id);
    } else {
      place = std::move(id);
    }
  }
  if (!faults.empty()) return std::unexpected(to_error(faults));
  return out;
}

Result<Outcome> EntryImport::enter(const ThingEntry& entry, const object& attributes) {
  const Schema& schema = schema_of(entry.kind);
  const bool merges = entry.kind == Kind::kPatient && entry.state == kMerged;
  const std::string_view wanted =
      entry.state.empty() || merges ? schema.first.all().front() : entry.state;
  const auto steps = steps_to(schema, wanted);
  if (!steps) return std::unexpected(no_way(schema, "", wanted));
  TRY_VOID(gate_.check(Act::kCreate, entry.kind));
  Thing thing = TRY(edit_.create(entry.kind, attributes, steps->front()));
  Outcome outcome{.effect = Effect::kCreated, .id = thing.id};
  outcome.differences.push_back({"state", nullptr, Json(thing.state)});
  thing = TRY(set_states(std::move(thing), std::span(*steps).subspan(1), outcome));
  if (merges) TRY_VOID(merge(thing, entry, outcome));
  return outcome;
}

Result<Outcome> EntryImport::change(const Thing& before, const ThingEntry& entry,
                                    const object& attributes) {
  object wanted = before.document.json();
  for (const auto& given : attributes) {
    if (given.value().is_null()) {
      wanted.erase(given.key());
    } else {
      wanted[given.key()] = given.value();
    }
  }
  Outcome outcome{.effect = Effect::kSame, .id = before.id};
  Thing thing = TRY(edit_.change(before.id, before.version, wanted));
  if (thing.version != before.version) {
    TRY_VOID(gate_.check(Act::kChange, before));
    outcome.differences = differences(before.document, thing.document);
  }
  if (!entry.state.empty() && entry.state != thing.state) {
    const Schema& schema = schema_of(entry.kind);
    if (entry.kind == Kind::kPatient && entry.state == kMerged) {
      TRY_VOID(merge(thing, entry, outcome));
    } else {
      const auto steps = steps_between(schema, thing.state, entry.state);
      if (!steps) return std::unexpected(no_way(schema, thing.state, entry.state));
      thing = TRY(set_states(std::move(thing), *steps, outcome));
    }
  }
  if (!outcome.differences.empty()) outcome.effect = Effect::kChanged;
  return outcome;
}

Result<Thing> EntryImport::set_states(Thing thing, std::span<const std::string_view> states,
                                      Outcome& outcome) {
  for (const std::string_view state : states) {
    TRY_VOID(gate_.check_state(thing, state));
    outcome.differences.push_back({"state", Json(thing.state), Json(state)});
    thing = TRY(edit_.set_state(thing.id, thing.version, state));
  }
  return thing;
}

Result<void> EntryImport::merge(const Thing& patient, const ThingEntry& entry, Outcome& outcome) {
  const Json* into = entry.attributes.if_contains(kMergedInto);
  if (into == nullptr || !into->is_string()) {
    return invalid("a patient becomes `merged` where `mergedInto` is the key of the other one");
  }
  const Key key = TRY(read_key(into->get_string(), {Kind::kPatient}));
  const std::string id = TRY(finder_.id_of(key));
  TRY_VOID(gate_.check(Act::kMerge, patient));
  outcome.differences.push_back({"state", Json(patient.state), Json(kMerged)});
  outcome.differences.push_back({std::string(kMergedInto), nullptr, Json(to_text(key))});
  TRY_VOID(edit_.merge_patients(patient.id, id));
  return {};
}

}  // namespace wardlock::directory
