#include "api/admin/inventory.h"

#include <fmt/format.h>

#include <algorithm>

#include "administration/sight.h"
#include "api/admin/import_gate.h"
#include "api/admin/thing_json.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/inventory/export.h"
#include "directory/inventory/import.h"
#include "directory/inventory/import_json.h"
#include "directory/inventory/registration.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using boost::json::array;
using boost::json::object;
using codec::Json;
using directory::Kind;

constexpr std::uint64_t kMostItems = 500;
constexpr int kGone = 410;

directory::Mandate mandate_of(const Asked& asked, const Body& body) {
  directory::Mandate mandate = asked.errand.mandate;
  if (!body.reason.empty()) mandate.reason = body.reason;
  return mandate;
}

void tell_revision(const std::optional<std::uint64_t>& revision, net::HttpResponse& response) {
  if (!revision) return;
  response.headers.add(administration::kRevisionHeader, fmt::format("{}", *revision));
}

directory::Kinds every_kind() {
  directory::Kinds all;
  for (const directory::Schema* schema : directory::all_schemas()) all = all.with(schema->kind);
  return all;
}

array to_array(std::vector<Json> items) {
  array out;
  for (Json& item : items) out.push_back(std::move(item));
  return out;
}

Answered<void> export_since(const Asked& asked, const directory::ExportQuery& query,
                            net::HttpResponse& response) {
  const std::uint64_t since = TRY(asked.number("since", 0, INT64_MAX));
  TRY_VOID(check_export(asked, every_kind(), query.shows_sensitive));
  auto changes = directory::export_changes(asked.errand.registry, since, query);
  if (!changes && changes.error().code == ErrorCode::kOutOfRange) {
    return refuse(kGone, ErrorCode::kOutOfRange, changes.error().message);
  }
  if (!changes) return std::unexpected(Refusal(changes.error()));
  array removed;
  for (std::string& id : changes->removed) removed.emplace_back(std::move(id));
  tell_revision(changes->revision, response);
  write_json(object{{"since", since},
                    {"revision", changes->revision},
                    {"isLast", changes->is_all},
                    {"things", to_array(std::move(changes->things))},
                    {"relations", to_array(std::move(changes->relations))},
                    {"removed", std::move(removed)}},
             response);
  return {};
}

/// Of what relations lead to from things of the kind: what who asks may read.
Result<directory::Kinds> readable_ends(const Asked& asked, Kind kind) {
  administration::Sight sight(asked.errand);
  directory::Kinds readable;
  for (const directory::RelationSchema& relation : directory::all_relations()) {
    if (!relation.subjects.contains(kind)) continue;
    for (const directory::Schema* schema : directory::all_schemas()) {
      const bool is_end = relation.objects.contains(schema->kind);
      if (is_end && TRY(sight.may_read(schema->kind))) readable = readable.with(schema->kind);
    }
  }
  return readable;
}

Answered<directory::ExportPage> page_of(const Asked& asked, std::string_view name,
                                        directory::ExportQuery query) {
  if (const auto kind = directory::find_kind(name)) {
    TRY_VOID(check_export(asked, {*kind}, query.shows_sensitive));
    if (query.has_relations) query.readable = TRY(readable_ends(asked, *kind));
    return TRY(directory::export_things(asked.errand.registry, *kind, query));
  }
  if (const auto relation = directory::find_relation(name)) {
    const directory::RelationSchema& schema = directory::schema_of(*relation);
    for (const directory::Kinds kinds : {schema.subjects, schema.objects, schema.scopes}) {
      TRY_VOID(check_export(asked, kinds, false));
    }
    return TRY(directory::export_relations(asked.errand.registry, *relation, query));
  }
  std::vector<std::string> names;
  for (const auto* schema : directory::all_schemas()) names.emplace_back(schema->name);
  for (const auto& schema : directory::all_relations()) names.emplace_back(schema.name);
  return std::unexpected(Refusal(invalid(fmt::format("`kind` is `{}`, which is no kind of things "
                                                     "and no relation{}",
                                                     printable(name), suggestion(name, names)))
                                     .error()));
}

}  // namespace

Answered<void> import_part(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"before", "entries"}, false, kMuch));
  if (body.find("entries") == nullptr) return invalid("`entries` is missing");
  const bool is_dry_run = TRY(asked.flag("dryRun"));
  const directory::Batch batch = TRY(directory::read_batch(body.members, is_dry_run));
  TRY_VOID(check_import(asked, batch));
  AskedGate gate(asked.errand.gate);
  const auto outcome =
      TRY(directory::import_batch(asked.errand.registry, mandate_of(asked, body), gate, batch));
  tell_revision(outcome.revision, response);
  write_json(directory::to_json(outcome), response);
  return {};
}

Answered<void> export_part(const Asked& asked, net::HttpResponse& response) {
  directory::ExportQuery query{.tenant = asked.tenant(), .after = asked.parameter("cursor")};
  query.count = TRY(asked.number("count", kMostItems, kMostItems));
  if (query.count == 0) return invalid("`count` must be at least 1: a page of nothing never ends");
  query.shows_sensitive = TRY(asked.flag("sensitive"));
  query.has_relations = TRY(asked.flag("relations"));
  if (!asked.parameter("since").empty()) return export_since(asked, query, response);
  // Before the page is read: what changes after it is found by asking for changes since then.
  const std::uint64_t revision = TRY(asked.errand.registry.revision());
  auto page = TRY(page_of(asked, asked.parameter("kind"), query));
  object out = {{"items", to_array(std::move(page.items))}, {"revision", revision}};
  if (!page.next.empty()) out["next"] = page.next;
  tell_revision(revision, response);
  write_json(out, response);
  return {};
}

Answered<void> register_devices(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"devices"}));
  const bool is_dry_run = TRY(asked.flag("dryRun"));
  const Json* devices = body.find("devices");
  if (devices == nullptr || !devices->is_array() ||
      devices->get_array().size() > directory::kMaxRegistrations) {
    return invalid(fmt::format("`devices` must be a list of at most {} devices",
                               directory::kMaxRegistrations));
  }
  TRY_VOID(asked.errand.gate.check(Deed::kCreate, Kind::kDevice));
  AskedGate gate(asked.errand.gate);
  directory::BatchOutcome all;
  for (const Json& device : devices->get_array()) {
    all.outcomes.push_back(
        TRY(directory::register_device(asked.errand.registry, mandate_of(asked, body), gate, device,
                                       year_of(asked.errand.now), is_dry_run)));
    if (all.outcomes.back().effect == directory::Effect::kRefused) all.is_refused = true;
  }
  if (!is_dry_run) all.revision = TRY(asked.errand.registry.revision());
  tell_revision(all.revision, response);
  write_json(directory::to_json(all), response);
  return {};
}

}  // namespace wardlock::admin
