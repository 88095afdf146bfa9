#include "api/admin/changes.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "api/admin/sign_ins.h"
#include "api/admin/thing_json.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/moment.h"
#include "directory/registry/credential.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using boost::json::object;
using directory::FeedEntry;
using directory::Kinds;

constexpr std::uint64_t kUsualCount = 100;
constexpr std::uint64_t kMostCount = 1000;
constexpr int kGone = 410;

/// All that the feed tells of, and of which things it does.
std::map<std::string, std::vector<Kinds>, std::less<>> feed_kinds() {
  std::map<std::string, std::vector<Kinds>, std::less<>> all;
  for (const auto* schema : directory::all_schemas()) {
    all[std::string(schema->name)] = {Kinds{schema->kind}};
  }
  for (const auto& schema : directory::all_relations()) {
    all[std::string(schema.name)] = {schema.subjects, schema.objects, schema.scopes};
  }
  all[std::string(directory::kCredentialEntry)] = {directory::kCredentialHolders};
  return all;
}

/// The kinds that are asked for, once the gate has let all that they tell of be taken away.
Answered<std::set<std::string>> asked_kinds(const Asked& asked, bool is_sensitive) {
  const auto all = feed_kinds();
  std::set<std::string> wanted;
  for (const net::QueryParameter& parameter : asked.parameters) {
    if (parameter.name != "kind") continue;
    if (all.contains(parameter.value)) {
      wanted.insert(parameter.value);
      continue;
    }
    std::vector<std::string> names;
    for (const auto& each : all) names.push_back(each.first);
    return invalid(fmt::format("nothing of the kind `{}` changes here{}",
                               printable(parameter.value), suggestion(parameter.value, names)));
  }
  if (wanted.empty()) {
    for (const auto& each : all) wanted.insert(each.first);
  }
  std::set<directory::Kind> told;
  for (const std::string& name : wanted) {
    for (const Kinds& kinds : all.at(name)) {
      for (const auto* schema : directory::all_schemas()) {
        if (kinds.contains(schema->kind)) told.insert(schema->kind);
      }
    }
  }
  for (const directory::Kind kind : told) {
    TRY_VOID(asked.errand.gate.check(Deed::kExport, kind));
    if (is_sensitive) TRY_VOID(asked.errand.gate.check(Deed::kReadSensitive, kind));
  }
  return wanted;
}

Result<codec::Json> to_json(const FeedEntry& entry, bool is_sensitive) {
  codec::Json after = TRY(codec::parse_json(entry.document));
  const auto kind = directory::find_kind(entry.kind);
  if (kind && !is_sensitive && after.is_object()) {
    codec::Json* const document = after.get_object().if_contains("document");
    if (document != nullptr && document->is_object()) drop_sensitive(*kind, document->get_object());
  }
  return object{{"revision", entry.revision},
                {"at", directory::to_time_text(entry.made_ms)},
                {"what", entry.what},
                {"kind", entry.kind},
                {"id", entry.id},
                {"after", std::move(after)}};
}

/// Revisions leave no gap: where the next one is not there, it was forgotten.
Answered<void> check_is_kept(std::uint64_t after, std::uint64_t latest,
                             const std::vector<FeedEntry>& entries) {
  if (after > latest) {
    return invalid(
        fmt::format("there is no revision {} yet, the latest is {}; after a backup was restored, "
                    "read the lists anew",
                    after, latest));
  }
  const bool is_there = entries.empty() ? after == latest : entries.front().revision == after + 1;
  if (is_there) return {};
  return refuse(kGone, ErrorCode::kOutOfRange,
                fmt::format("what changed after revision {} is not kept any more: read the lists "
                            "anew, then go on from the `Wardlock-Revision` they came with",
                            after));
}

}  // namespace

Answered<void> list_changes(const Asked& asked, net::HttpResponse& response) {
  const bool is_sensitive = TRY(asked.flag("sensitive"));
  const std::uint64_t after = TRY(asked.number("after", 0, INT64_MAX));
  const std::uint64_t count = TRY(asked.number("count", kUsualCount, kMostCount));
  const std::set<std::string> wanted = TRY(asked_kinds(asked, is_sensitive));
  const directory::Registry& registry = asked.errand.registry;
  std::uint64_t latest = TRY(registry.revision());
  const auto entries = TRY(registry.changes_after(after, std::max<std::uint64_t>(count, 1)));
  const std::uint64_t next = entries.empty() ? after : entries.back().revision;
  if (!entries.empty()) latest = std::max(latest, next);
  TRY_VOID(check_is_kept(after, latest, entries));
  boost::json::array changes;
  for (const FeedEntry& entry : entries) {
    if (entry.tenant != asked.tenant() || !wanted.contains(entry.kind)) continue;
    changes.push_back(TRY(to_json(entry, is_sensitive)));
  }
  response.headers.add(administration::kRevisionHeader, fmt::format("{}", next));
  write_json(object{{"changes", std::move(changes)}, {"next", next}, {"isLast", next >= latest}},
             response);
  return {};
}

Answered<void> tell_identity(const Asked& asked, net::HttpResponse& response) {
  const directory::Mandate& mandate = asked.errand.mandate;
  const directory::Registry& registry = asked.errand.registry;
  object out{{"tenant", mandate.tenant}, {"type", mandate.actor_type}, {"id", mandate.actor_id}};
  // What is told is known to who asks: it has proved to be that thing.
  const auto thing = registry.find(mandate.tenant, mandate.actor_id);
  if (thing) {
    out["thing"] = admin::to_json(*thing, false);
    boost::json::array roles;
    for (std::string& role :
         TRY(registry.control_plane_roles(mandate.tenant, thing->id, directory::Reach::kNow))) {
      roles.emplace_back(std::move(role));
    }
    out["roles"] = std::move(roles);
  } else if (thing.error().code != ErrorCode::kNotFound) {
    return std::unexpected(Refusal(thing.error()));
  }
  if (asked.errand.sign_in != nullptr) out["signIn"] = to_json(*asked.errand.sign_in);
  write_json(out, response);
  return {};
}

}  // namespace wardlock::admin
