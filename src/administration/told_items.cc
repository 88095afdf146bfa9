#include "administration/told_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "directory/inventory/finder.h"
#include "directory/inventory/key.h"
#include "directory/model/indexed_values.h"
#include "directory/model/moment.h"
#include "directory/model/schema.h"
#include "directory/told/told_desk.h"

namespace wardlock::administration {
namespace {

using boost::json::object;
using codec::Json;
using directory::Key;
using directory::Thing;
using directory::ToldValue;

Result<std::string> text_of(const object& members, std::string_view name) {
  const Json* const text = members.if_contains(name);
  if (text == nullptr || !text->is_string() || text->get_string().empty()) {
    return invalid(fmt::format("`{}` must be a text", name));
  }
  return std::string(text->get_string());
}

/// What it can be by which something is named: `userName`, `patient.recordNumber`, or a kind, whose
/// own names count then.
std::vector<Key> keys_of(std::string_view type, const std::string& value) {
  if (const auto kind = directory::find_kind(type)) return {{.kind = *kind, .value = value}};
  std::vector<Key> keys;
  for (const directory::Schema* schema : directory::all_schemas()) {
    for (const directory::NamingAttribute& each : directory::naming_attributes(schema->kind)) {
      const std::string whole = fmt::format("{}.{}", directory::to_string(schema->kind), each.path);
      if (type == each.path || type == whole) {
        keys.push_back({.kind = schema->kind, .attribute = each.path, .value = value});
      }
    }
  }
  return keys;
}

/// What `{"type": "userName", "value": "swift"}` names.
Result<Thing> identified(const ToldPlace& place, const Json& identifier) {
  const object* const members = identifier.if_object();
  if (members == nullptr) return invalid("an `identifier` has a `type` and a `value`");
  const std::string type = TRY(text_of(*members, "type"));
  const std::string value = TRY(text_of(*members, "value"));
  const std::vector<Key> keys = keys_of(type, value);
  if (keys.empty()) return place.registry.find_by_identifier(place.tenant, type, value);
  std::optional<Thing> found;
  for (const Key& key : keys) {
    auto thing = TRY(directory::find_identified(place.registry, place.tenant, key));
    if (thing && found) {
      return invalid(fmt::format(
          "`{}` names one {} and one {}: write `{}.{}` or `{}.{}`", printable(value),
          directory::to_string(found->kind), directory::to_string(thing->kind),
          directory::to_string(found->kind), type, directory::to_string(thing->kind), type));
    }
    if (thing) found = std::move(thing);
  }
  if (found) return *std::move(found);
  return fail(ErrorCode::kNotFound,
              fmt::format("nothing has the {} `{}`", printable(type), printable(value)));
}

/// By `thing`, its id, or by `identifier`.
Result<Thing> named_in(const ToldPlace& place, const object& members) {
  const Json* const identifier = members.if_contains("identifier");
  if (members.contains("thing") == (identifier != nullptr)) {
    return invalid("name a `thing` by its id, or by an `identifier`");
  }
  if (identifier != nullptr) return identified(place, *identifier);
  const std::string id = TRY(text_of(members, "thing"));
  return place.registry.find(place.tenant, id);
}

/// `value`, or the id of what `valueIdentifier` names; of a list of identifiers the list of ids.
Result<Json> value_in(const ToldPlace& place, const object& members) {
  const Json* const value = members.if_contains("value");
  const Json* const identifier = members.if_contains("valueIdentifier");
  if (value != nullptr && identifier != nullptr) {
    return invalid("`value` and `valueIdentifier` exclude each other");
  }
  if (value != nullptr) return *value;
  if (identifier == nullptr) return invalid("`value` is missing; `null` says that it has none");
  if (!identifier->is_array()) {
    const Thing thing = TRY(identified(place, *identifier));
    return Json(thing.id);
  }
  boost::json::array ids;
  for (const Json& each : identifier->get_array()) {
    const Thing thing = TRY(identified(place, each));
    ids.emplace_back(thing.id);
  }
  return Json(std::move(ids));
}

Result<void> check_members(const object& members) {
  static constexpr std::array<std::string_view, 6> kKnown = {
      "thing", "identifier", "attribute", "value", "valueIdentifier", "observedAt"};
  for (const auto& member : members) {
    if (std::ranges::find(kKnown, std::string_view(member.key())) == kKnown.end()) {
      return invalid(fmt::format("there is no member `{}` here", printable(member.key())));
    }
  }
  return {};
}

/// What one item tells. Error: why it is refused.
Result<ToldValue> read_item(const ToldPlace& place, const Json& item) {
  const object* const members = item.if_object();
  if (members == nullptr) return invalid("each value is an object");
  TRY_VOID(check_members(*members));
  ToldValue told;
  told.attribute = TRY(text_of(*members, "attribute"));
  const Json value = TRY(value_in(place, *members));
  told.value = codec::to_json_text(value);
  told.observed_ms = place.observed_ms;
  if (members->contains("observedAt")) {
    const std::string text = TRY(text_of(*members, "observedAt"));
    const auto time = directory::parse_time(text);
    if (!time) return invalid("`observedAt` must be a time such as `2026-11-24T07:00:00Z`");
    told.observed_ms = *time;
  }
  const Thing thing = TRY(named_in(place, *members));
  told.thing = thing.id;
  TRY_VOID(directory::check_told_value(told, place.now_ms));
  TRY_VOID(place.view.check_told(thing, place.source, told.attribute, value));
  return told;
}

/// Of one item what is wrong with it; of all what keeps them from being answered.
bool is_of_item(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kFailedPrecondition: return true;
    default: return false;
  }
}

}  // namespace

Result<ToldItems> read_told_items(const ToldPlace& place, const boost::json::array& items) {
  ToldItems read;
  for (std::size_t index = 0; index < items.size(); ++index) {
    auto told = read_item(place, items[index]);
    if (told) {
      read.values.push_back(*std::move(told));
      read.places.push_back(index);
      continue;
    }
    if (!is_of_item(told.error())) return std::unexpected(told.error());
    if (told.error().code == ErrorCode::kNotFound) ++read.unknown;
    read.refused.push_back(object{{"index", index}, {"detail", printable(told.error().message)}});
  }
  return read;
}

}  // namespace wardlock::administration
