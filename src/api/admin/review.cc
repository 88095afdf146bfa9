#include "api/admin/review.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/lifecycle/review.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using boost::json::array;
using boost::json::object;
using directory::Finding;
using directory::FindingKind;
using directory::Thing;

constexpr std::uint64_t kUsualCount = 100;
constexpr std::uint64_t kMostCount = 1000;

Answered<std::vector<const FindingKind*>> asked_kinds(const Asked& asked) {
  std::vector<const FindingKind*> kinds;
  std::vector<std::string_view> wanted;
  for (const net::QueryParameter& parameter : asked.parameters) {
    if (parameter.name != "kind") continue;
    wanted.push_back(parameter.value);
    if (directory::find_finding_kind(parameter.value) != nullptr) continue;
    std::vector<std::string> names;
    for (const FindingKind& each : directory::all_finding_kinds()) names.emplace_back(each.name);
    return invalid(fmt::format("a review has no findings `{}`{}", printable(parameter.value),
                               suggestion(parameter.value, names)));
  }
  for (const FindingKind& each : directory::all_finding_kinds()) {
    if (wanted.empty() || std::ranges::find(wanted, each.name) != wanted.end()) {
      kinds.push_back(&each);
    }
  }
  return kinds;
}

/// The kinds of things that findings tell of and that whoever asks may read.
Answered<directory::Kinds> seen_kinds(const Asked& asked,
                                      const std::vector<const FindingKind*>& kinds) {
  directory::Kinds seen;
  std::optional<Error> refusal;
  for (const directory::Schema* schema : directory::all_schemas()) {
    const bool is_told = std::ranges::any_of(kinds, [&](const FindingKind* each) {
      return each->things.contains(schema->kind) || each->others.contains(schema->kind);
    });
    if (!is_told) continue;
    const Result<void> checked = asked.errand.gate.check(Deed::kRead, schema->kind);
    if (checked) {
      seen = seen.with(schema->kind);
    } else if (checked.error().code != ErrorCode::kPermissionDenied) {
      return std::unexpected(Refusal(checked.error()));
    } else if (!refusal) {
      refusal = checked.error();
    }
  }
  if (seen.is_empty() && refusal) return std::unexpected(Refusal(*refusal));
  return seen;
}

/// What people call it.
std::string_view name_of(const Thing& thing) {
  const object& document = thing.document.json();
  for (const char* attribute :
       {"userName", "clientId", "displayName", "assetTag", "serialNumber"}) {
    const auto* const value = document.if_contains(attribute);
    if (value != nullptr && value->is_string()) return value->get_string();
  }
  return {};
}

object found_thing(const std::string& id, const std::vector<Thing>& things) {
  const auto thing = std::ranges::find(things, id, &Thing::id);
  object out{{"id", id}};
  if (thing == things.end()) return out;
  out["kind"] = to_string(thing->kind);
  out["state"] = thing->state;
  if (const auto name = name_of(*thing); !name.empty()) out["name"] = name;
  return out;
}

object to_json(const Finding& finding, const std::vector<Thing>& things) {
  const FindingKind& kind = *finding.kind;
  object out{{"kind", kind.name}, {"thing", found_thing(finding.thing, things)}};
  if (kind.found_in == directory::FoundIn::kCredential) out["credential"] = finding.id;
  if (kind.found_in == directory::FoundIn::kRelation) out["relation"] = finding.id;
  if (!finding.other.empty() && !kind.others.is_empty()) {
    out["other"] = found_thing(finding.other, things);
  }
  out["at"] = directory::to_time_text(finding.moment_ms);
  out["moment"] = kind.moment;
  out["why"] = kind.why;
  out["todo"] = kind.todo;
  return out;
}

array withheld_of(const directory::ReviewQuery& query) {
  array names;
  for (const FindingKind* kind : query.kinds) {
    if (!directory::is_seen(*kind, query.seen)) names.emplace_back(kind->name);
  }
  return names;
}

}  // namespace

Answered<void> tell_review(const Asked& asked, net::HttpResponse& response) {
  directory::ReviewQuery query{.kinds = TRY(asked_kinds(asked)), .seen = {}};
  query.cursor = asked.parameter("cursor");
  query.count = TRY(asked.number("count", kUsualCount, kMostCount));
  const bool wants_total = TRY(asked.flag("total"));
  query.seen = TRY(seen_kinds(asked, query.kinds));
  const administration::Errand& errand = asked.errand;
  const auto page =
      TRY(directory::review(errand.registry, asked.tenant(), errand.review, query, errand.now));
  array items;
  for (const Finding& each : page.findings) items.push_back(to_json(each, page.things));
  object out{{"items", std::move(items)}, {"withheld", withheld_of(query)}};
  if (!page.next.empty()) out["next"] = page.next;
  if (wants_total) {
    array counts;
    for (const auto& [kind, count] : TRY(directory::count_findings(
             errand.registry, asked.tenant(), errand.review, query, errand.now))) {
      counts.push_back(object{{"kind", kind->name}, {"count", count}});
    }
    out["counts"] = std::move(counts);
  }
  write_json(out, response);
  return {};
}

}  // namespace wardlock::admin
