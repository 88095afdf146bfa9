#include "directory/inventory/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "directory/inventory/csv_columns.h"
#include "directory/model/moment.h"
#include "directory/model/schema.h"
#include "directory/registry/control_plane.h"

namespace wardlock::directory {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

/// The id's key; the id itself, as a key, where the thing is gone.
Result<std::string> key_or_id(KeyWriter& keys, const std::string& id, std::string_view kind) {
  auto key = keys.key_of(id);
  if (key || key.error().code != ErrorCode::kNotFound) return key;
  return fmt::format("{}.id:{}", kind, id);
}

/// Without the kind, where it is clear.
std::string without_kind(std::string key, std::string_view kind) {
  if (key.starts_with(kind) && key.substr(kind.size()).starts_with(':')) {
    key.erase(0, kind.size() + 1);
  }
  return key;
}

Result<Json> with_keys(KeyWriter& keys, const Attribute& attribute, const Json& value) {
  std::string_view kind;
  for (const Schema* schema : all_schemas()) {
    if (attribute.targets.contains(schema->kind)) kind = schema->name;
  }
  const auto key_of = [&](const Json& id) -> Result<Json> {
    const std::string text(id.as_string());
    return Json(without_kind(TRY(key_or_id(keys, text, kind)), kind));
  };
  if (!value.is_array()) return key_of(value);
  array out;
  for (const Json& id : value.get_array()) out.push_back(TRY(key_of(id)));
  return Json(std::move(out));
}

bool are_among(Kinds kinds, const std::optional<Kinds>& readable) {
  if (!readable) return true;
  return std::ranges::all_of(all_schemas(), [&](const Schema* schema) {
    return !kinds.contains(schema->kind) || readable->contains(schema->kind);
  });
}

/// For each thing of a page, in their order.
Result<void> add_relations(const Registry& registry, KeyWriter& keys, Kind kind,
                           const ExportQuery& query, const std::vector<std::string>& ids,
                           std::vector<Json>& items) {
  const auto links = TRY(registry.links(query.tenant, End::kSubject, ids));
  for (const Link& link : links) {
    const RelationSchema& schema = schema_of(link.relation);
    if (!can_be_column(schema) || !schema.subjects.contains(kind)) continue;
    if (!are_among(schema.objects, query.readable)) continue;
    const auto at = std::ranges::find(ids, link.subject);
    if (at == ids.end()) continue;
    const std::string key = TRY(keys.key_of(link.object));
    object& item = items[static_cast<std::size_t>(at - ids.begin())].as_object();
    Json& relations = item["relations"];
    if (!relations.is_object()) relations = object();
    Json& list = relations.get_object()[schema.name];
    if (!list.is_array()) list = array();
    list.get_array().push_back(Json(key));
  }
  return {};
}

}  // namespace

Result<Json> export_thing(KeyWriter& keys, const Thing& thing, bool shows_sensitive) {
  object attributes;
  for (const auto& member : thing.document.json()) {
    const Attribute* attribute = find_attribute(schema_of(thing.kind).attributes, member.key());
    if (attribute == nullptr || (attribute->is_sensitive && !shows_sensitive)) continue;
    if (attribute->type == Type::kReference) {
      attributes[member.key()] = TRY(with_keys(keys, *attribute, member.value()));
    } else {
      attributes[member.key()] = member.value();
    }
  }
  return Json{{"kind", to_string(thing.kind)},
              {"id", thing.id},
              {"state", thing.state},
              {"attributes", std::move(attributes)}};
}

Result<Json> export_relation(KeyWriter& keys, const KeptRelation& relation) {
  object out = {{"relation", to_string(relation.relation)},
                {"subject", TRY(keys.key_of(relation.subject))},
                {"object", TRY(keys.key_of(relation.object))}};
  if (relation.scope) out["scope"] = TRY(keys.key_of(*relation.scope));
  out["from"] = to_time_text(relation.from_ms);
  if (relation.until_ms) out["until"] = to_time_text(*relation.until_ms);
  Json attributes = TRY(codec::parse_json(relation.attributes));
  if (attributes.is_object() && !attributes.get_object().empty()) {
    out["attributes"] = std::move(attributes);
  }
  return Json(std::move(out));
}

Result<ExportPage> export_things(const Registry& registry, Kind kind, const ExportQuery& query) {
  const Page page = TRY(registry.list(query.tenant, kind,
                                      {.cursor = std::string(query.after), .count = query.count}));
  KeyWriter keys(registry, query.tenant);
  ExportPage out{.items = {}, .next = page.next};
  std::vector<std::string> ids;
  for (const Thing& thing : page.things) {
    if (!control_plane_role_of(thing).empty()) continue;
    out.items.push_back(TRY(export_thing(keys, thing, query.shows_sensitive)));
    ids.push_back(thing.id);
  }
  if (query.has_relations) {
    TRY_VOID(add_relations(registry, keys, kind, query, ids, out.items));
  }
  return out;
}

Result<ExportPage> export_relations(const Registry& registry, Relation relation,
                                    const ExportQuery& query) {
  const auto relations =
      TRY(registry.list_relations(query.tenant, relation, query.after, query.count));
  KeyWriter keys(registry, query.tenant);
  ExportPage out;
  for (const KeptRelation& one : relations) {
    auto item = export_relation(keys, one);
    if (item) {
      out.items.push_back(std::move(*item));
    } else if (item.error().code != ErrorCode::kNotFound) {  // else: an end went meanwhile
      return std::unexpected(item.error());
    }
  }
  if (!relations.empty() && relations.size() == query.count) out.next = relations.back().id;
  return out;
}

Result<ExportChanges> export_changes(const Registry& registry, std::uint64_t since,
                                     const ExportQuery& query) {
  const std::uint64_t latest = TRY(registry.revision());
  const auto entries = TRY(registry.changes_after(since, query.count));
  ExportChanges out;
  out.revision = since;
  const std::uint64_t first = entries.empty() ? latest + 1 : entries.front().revision;
  if (since > latest) {
    return fail(ErrorCode::kOutOfRange,
                fmt::format("there is no revision {}; the latest is {}", since, latest));
  }
  if (first > since + 1) {
    return fail(
        ErrorCode::kOutOfRange,
        fmt::format("changes after revision {} are not kept any more; export the whole", since));
  }
  KeyWriter keys(registry, query.tenant);
  std::set<std::string> seen;
  for (const FeedEntry& entry : entries) {
    out.revision = entry.revision;
    if (entry.tenant != query.tenant || !seen.insert(entry.id).second) continue;
    if (find_kind(entry.kind)) {
      const auto thing = registry.find(query.tenant, entry.id);
      if (thing) {
        if (!control_plane_role_of(*thing).empty()) continue;
        out.things.push_back(TRY(export_thing(keys, *thing, query.shows_sensitive)));
      } else if (thing.error().code == ErrorCode::kNotFound) {
        out.removed.push_back(entry.id);
      } else {
        return std::unexpected(thing.error());
      }
    } else if (find_relation(entry.kind)) {
      const auto relation = registry.find_relation(query.tenant, entry.id);
      if (!relation) return std::unexpected(relation.error());
      auto item = export_relation(keys, *relation);
      if (item)
        out.relations.push_back(std::move(*item));
      else if (item.error().code != ErrorCode::kNotFound)
        return std::unexpected(item.error());
    }
  }
  out.is_all = out.revision >= latest;
  return out;
}

}  // namespace wardlock::directory
