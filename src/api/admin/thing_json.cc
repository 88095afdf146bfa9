#include "api/admin/thing_json.h"

#include <chrono>

#include "directory/model/moment.h"

namespace wardlock::admin {

using boost::json::object;
using directory::to_time_text;

void drop_sensitive(directory::Kind kind, object& document) {
  for (const directory::Attribute& attribute : directory::schema_of(kind).attributes) {
    if (attribute.is_sensitive) document.erase(attribute.name);
  }
}

codec::Json to_json(const directory::Thing& thing, bool shows_sensitive) {
  object attributes = thing.document.json();
  if (!shows_sensitive) drop_sensitive(thing.kind, attributes);
  return object{{"id", thing.id},
                {"kind", to_string(thing.kind)},
                {"state", thing.state},
                {"version", thing.version},
                {"createdAt", to_time_text(thing.created_ms)},
                {"changedAt", to_time_text(thing.changed_ms)},
                {"attributes", std::move(attributes)}};
}

codec::Json to_json(const directory::KeptRelation& relation) {
  object out{{"id", relation.id},
             {"kind", to_string(relation.relation)},
             {"subject", relation.subject},
             {"object", relation.object}};
  if (relation.scope) out["scope"] = *relation.scope;
  out["from"] = to_time_text(relation.from_ms);
  if (relation.until_ms) out["until"] = to_time_text(*relation.until_ms);
  const auto attributes = codec::parse_json(relation.attributes);
  out["attributes"] = attributes ? *attributes : codec::Json(object{});
  out["madeBy"] = object{{"type", relation.made_by_type}, {"id", relation.made_by_id}};
  if (!relation.reason.empty()) out["reason"] = relation.reason;
  return out;
}

std::chrono::year year_of(std::int64_t time_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(time_ms)};
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year();
}

Answered<directory::Document> check_attributes(directory::Kind kind, const codec::Json& sent,
                                               std::int64_t now) {
  constexpr std::string_view kAt = "#/attributes";
  codec::Json wanted = sent;
  if (object* const members = wanted.if_object()) {
    for (const directory::Attribute& attribute : directory::schema_of(kind).attributes) {
      if (attribute.is_read_only) members->erase(attribute.name);
    }
  }
  auto checked = directory::Document::check(kind, wanted, year_of(now));
  if (!checked) return refuse(checked.error(), kAt);
  return std::move(*checked);
}

void merge_patch(codec::Json& target, const codec::Json& patch) {
  const object* const members = patch.if_object();
  if (members == nullptr) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = object{};
  object& merged = target.get_object();
  for (const auto& member : *members) {
    if (member.value().is_null()) {
      merged.erase(member.key());
    } else {
      merge_patch(merged[member.key()], member.value());
    }
  }
}

}  // namespace wardlock::admin
