#include "api/admin/leak.h"

#include <fmt/format.h>

#include <algorithm>

#include "administration/trail.h"
#include "api/admin/change.h"
#include "api/admin/issued.h"
#include "api/admin/thing_json.h"
#include "api/admin/things.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using boost::json::object;
using directory::Credential;
using directory::Edit;
using directory::Thing;

constexpr std::size_t kMostTraces = 1000;

/// The member, where there is something to say.
void add_text(object& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}

codec::Json to_json(const administration::Trace& trace) {
  object out{{"record", trace.record},
             {"at", directory::to_time_text(trace.time)},
             {"what", trace.what},
             {"outcome", trace.outcome}};
  add_text(out, "action", trace.action);
  if (!trace.resource_id.empty()) {
    out["resource"] = object{{"type", trace.resource_type}, {"id", trace.resource_id}};
  }
  add_text(out, "patient", trace.patient);
  add_text(out, "device", trace.device);
  add_text(out, "sourceAddress", trace.source_address);
  return out;
}

/// What was done since, by whoever had the secret.
Answered<object> touched(const Asked& asked, const Thing& holder, std::int64_t since) {
  const administration::Errand& errand = asked.errand;
  const Result<void> may_see = errand.gate.check(Deed::kReadSensitive, holder);
  if (!may_see && may_see.error().code != ErrorCode::kPermissionDenied) {
    return std::unexpected(Refusal(may_see.error()));
  }
  object out{{"since", directory::to_time_text(since)}};
  if (!may_see) {
    out["withheld"] = may_see.error().message;
    return out;
  }
  const directory::Mandate whose{
      .tenant = asked.tenant(),
      .actor_type = std::string(directory::schema_of(holder.kind).cedar_type),
      .actor_id = holder.id};
  const auto works = TRY(errand.registry.works_of(whose, since, kMostTraces));
  boost::json::array relations, credentials, records;
  for (const auto& each : works.relations) relations.push_back(admin::to_json(each));
  for (const auto& each : works.credentials) {
    credentials.push_back(admin::to_json(each, errand.now));
  }
  out["relations"] = std::move(relations);
  out["credentials"] = std::move(credentials);
  if (errand.trail == nullptr) return out;
  const auto traces =
      TRY(errand.trail->of({.tenant = whose.tenant, .type = whose.actor_type, .id = whose.actor_id},
                           since, kMostTraces));
  for (const auto& trace : traces.traces) records.push_back(to_json(trace));
  out["records"] = std::move(records);
  out["areAllRecords"] = traces.are_all;
  return out;
}

/// From when on the secret may have been used by somebody else.
std::int64_t since_of(const std::vector<Credential>& credentials, std::int64_t now) {
  std::int64_t since = now;
  for (const Credential& each : credentials) {
    if (each.is_good_at(now)) since = std::min(since, each.issued_ms);
  }
  return since;
}

}  // namespace

Answered<void> answer_leak(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"issue", "label", "expiresAt", "since"}));
  const bool wants_new = TRY(flag_in(body, "issue"));
  const auto said_since = TRY(time_in(body, "since"));
  WantedCredential wanted = TRY(read_wanted(body));
  std::optional<Thing> holder;
  std::int64_t since = 0;
  const auto revoke = [&](Edit& edit) -> Answered<Done> {
    holder = TRY(named_thing(asked, edit));
    TRY_VOID(asked.errand.gate.check(Deed::kRevokeCredential, *holder));
    if (wants_new) TRY_VOID(asked.errand.gate.check(Deed::kIssueCredential, *holder));
    since = said_since.value_or(since_of(TRY(edit.credentials(holder->id)), asked.errand.now));
    object out{{"since", directory::to_time_text(since)}};
    out["revoked"] = TRY(edit.revoke_credentials_of(holder->id));
    if (!wants_new) return Done{.body = std::move(out), .thing = holder->id};
    wanted.entry.thing = holder->id;
    out["issued"] = issued_json(asked, TRY(edit.issue_credential(wanted.entry)), wanted.token);
    return Done{.body = std::move(out), .thing = holder->id, .is_secret = true};
  };
  Made made = TRY(make_change(asked, body.reason, revoke));
  object& out = made.done.body->as_object();
  if (!holder) {  // it was revoked when this was first asked
    holder = TRY(named_thing(asked));
    since = directory::parse_time(out["since"].as_string()).value_or(0);
  }
  // Whoever had a secret of a person may have signed in with it, too.
  if (holder->kind == directory::Kind::kPerson && asked.errand.sign_ins != nullptr &&
      !made.is_dry_run) {
    out["signedOut"] = TRY(asked.errand.sign_ins->end_all(asked.tenant(), holder->id));
  }
  // Revoking is not undone where what was touched cannot be told.
  auto list = touched(asked, *holder, since);
  if (list) {
    out["touched"] = std::move(*list);
  } else {
    out["touched"] = object{{"error", list.error().error.message}};
  }
  write_made(asked, made, response);
  return {};
}

}  // namespace wardlock::admin
