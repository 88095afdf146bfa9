#include "api/admin/oauth_clients.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/admin/change.h"
#include "api/admin/things.h"
#include "authn/oauth/client_rows.h"
#include "authn/oauth/scope.h"
#include "base/utf8.h"
#include "crypto/random.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using administration::ClientDeed;
using boost::json::object;
using directory::Edit;
using directory::What;
using oauth::Client;
using oauth::KeptClient;
using oauth::WrittenClient;

constexpr std::string_view kEventType = "OAuthClient";

administration::ClientStanding standing_of(const Client& client) {
  return {.id = client.id,
          .thing = client.thing,
          .administers = oauth::has_scope(client.scopes, oauth::kAdministrationScope)};
}

oauth::Occasion occasion_of(const Asked& asked) {
  return {.tenant = asked.tenant(),
          .issuer = std::string(asked.errand.base_url),
          .now_ms = asked.errand.now};
}

object to_json(const KeptClient& kept) {
  object out = oauth::describe(kept.client);
  out["version"] = kept.version;
  out["createdAt"] = directory::to_time_text(kept.made_ms);
  out["changedAt"] = directory::to_time_text(kept.changed_ms);
  return out;
}

/// What the rules of OAuth say against a description: `'scope' has …`.
std::unexpected<Refusal> refuse_description(const oauth::Refusal& refusal) {
  if (refusal.fault == oauth::Fault::kServerError ||
      refusal.fault == oauth::Fault::kTemporarilyUnavailable) {
    return refuse(0, ErrorCode::kUnavailable, refusal.description);
  }
  const std::string_view text = refusal.description;
  Refusal out(Error{ErrorCode::kInvalidArgument, refusal.description});
  const std::size_t end = text.find('\'', 1);
  if (text.starts_with('\'') && end != std::string_view::npos) {
    out.wrong.push_back(
        {.pointer = pointer_to("#", text.substr(1, end - 1)), .detail = refusal.description});
  }
  return std::unexpected(std::move(out));
}

std::vector<std::string> known_members() {
  const auto names = oauth::client_metadata_names();
  return {names.begin(), names.end()};
}

/// Of a body without its `reason`. Only something that acts may be a client.
Answered<Client> read_description(const object& members, Edit& edit) {
  auto client = oauth::read_client(members);
  if (!client) return refuse_description(client.error());
  if (client->thing.empty()) return *std::move(client);
  const auto thing = edit.find(client->thing);
  const bool is_there =
      thing && (thing->kind == directory::Kind::kService ||
                thing->kind == directory::Kind::kAgent || thing->kind == directory::Kind::kDevice);
  if (is_there) return *std::move(client);
  if (!thing && thing.error().code != ErrorCode::kNotFound) {
    return std::unexpected(Refusal(thing.error()));
  }
  return refuse({{"directory_thing", "is no service, agent or device of the directory"}}, "#");
}

Error no_such_client(std::string_view id) {
  return {ErrorCode::kNotFound,
          fmt::format("there is no OAuth client with the id `{}`", printable(id))};
}

/// The client of the path, which may be changed so: as the gate and `If-Match` have it.
Answered<KeptClient> to_be_changed(const Asked& asked, Edit& edit, ClientDeed deed) {
  auto kept = TRY(oauth::find_kept_client(edit.work(), asked.tenant(), asked.id));
  if (!kept) return std::unexpected(Refusal(no_such_client(asked.id)));
  TRY_VOID(asked.errand.gate.check(deed, standing_of(kept->client)));
  const auto allowed = allowed_versions(asked.request);
  if (allowed && !allowed->contains(kept->version)) {
    return refuse(0, ErrorCode::kAborted,
                  "somebody else changed the client meanwhile: read it again");
  }
  return *std::move(kept);
}

struct Told {
  What what;
  std::string_view action;
  const Client* before;  ///< null: it was not there
  const Client* after;   ///< null: it is not there any more
};

Result<void> tell(Edit& edit, const Told& told) {
  const auto text_of = [](const Client* client) {
    return client == nullptr ? std::string() : codec::to_json_text(oauth::describe(*client));
  };
  const std::string& id = (told.after == nullptr ? told.before : told.after)->id;
  const std::string before = text_of(told.before);
  const std::string after = text_of(told.after);
  return edit.tell_beside(
      {.what = told.what, .kind = oauth::kClientEntry, .id = id, .after = "null"},
      {.kind = event::Kind::kConfigurationChange,
       .action = told.action,
       .resource_type = kEventType,
       .resource_id = id,
       .value_before = before,
       .value_after = after});
}

Done shown(const KeptClient& kept) {
  return {.body = to_json(kept), .version = kept.version, .thing = kept.client.id};
}

/// With the secret that was made, unless nothing was made at all.
Answered<Done> shown_once(const Asked& asked, const WrittenClient& written) {
  Done done = shown(written.kept);
  if (!written.secret || TRY(asked.flag("dryRun"))) return done;
  done.body->as_object()["client_secret"] = written.secret->reveal();
  done.is_secret = true;
  return done;
}

}  // namespace

Answered<void> list_clients(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(asked.errand.gate.check(ClientDeed::kRead, administration::ClientStanding{}));
  boost::json::array items;
  const auto read = [&](storage::Work& work) -> Result<void> {
    items.clear();
    const auto all = TRY(oauth::list_kept_clients(work, asked.tenant()));
    for (const KeptClient& each : all) items.push_back(to_json(each));
    return {};
  };
  TRY_VOID(asked.errand.registry.store().read(read));
  write_json(object{{"items", std::move(items)}}, response);
  return {};
}

Answered<void> read_oauth_client(const Asked& asked, net::HttpResponse& response) {
  std::optional<KeptClient> kept;
  const auto read = [&](storage::Work& work) -> Result<void> {
    kept = TRY(oauth::find_kept_client(work, asked.tenant(), asked.id));
    return {};
  };
  TRY_VOID(asked.errand.registry.store().read(read));
  if (!kept) {
    TRY_VOID(asked.errand.gate.check(ClientDeed::kRead, administration::ClientStanding{}));
    return std::unexpected(Refusal(no_such_client(asked.id)));
  }
  TRY_VOID(asked.errand.gate.check(ClientDeed::kRead, standing_of(kept->client)));
  const std::string etag = etag_of(kept->version);
  response.headers.add("ETag", etag);
  if (asked.request.header("If-None-Match") == etag) {
    response.status = 304;
    return {};
  }
  write_json(to_json(*kept), response);
  return {};
}

Answered<void> create_client(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, known_members()));
  const auto create = [&](Edit& edit) -> Answered<Done> {
    Client client = TRY(read_description(body.members, edit));
    TRY_VOID(asked.errand.gate.check(ClientDeed::kCreate, standing_of(client)));
    const WrittenClient written = TRY(oauth::enter_client(edit.work(), occasion_of(asked),
                                                          std::move(client), &crypto::fill_random));
    TRY_VOID(tell(edit, {What::kCreated, "create", nullptr, &written.kept.client}));
    Done done = TRY(shown_once(asked, written));
    done.status = 201;
    done.location = fmt::format("/admin/v1/oauth-clients/{}", written.kept.client.id);
    return done;
  };
  return carry_out(asked, body.reason, create, response);
}

Answered<void> change_client(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, known_members(), true));
  const auto change = [&](Edit& edit) -> Answered<Done> {
    const KeptClient before = TRY(to_be_changed(asked, edit, ClientDeed::kChange));
    object wanted = oauth::to_json(before.client);
    for (const auto& member : body.members) {
      if (member.key() != "reason") wanted[member.key()] = member.value();  // null: as usual
    }
    Client next = TRY(read_description(wanted, edit));
    next.id = before.client.id;
    if (oauth::to_json(next) == oauth::to_json(before.client)) return shown(before);
    TRY_VOID(asked.errand.gate.check(ClientDeed::kChange, standing_of(next)));
    const WrittenClient written = TRY(oauth::replace_client(edit.work(), occasion_of(asked), before,
                                                            std::move(next), &crypto::fill_random));
    TRY_VOID(tell(edit, {What::kChanged, "change", &before.client, &written.kept.client}));
    return shown_once(asked, written);
  };
  return carry_out(asked, body.reason, change, response);
}

Answered<void> set_client_state(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"state"}));
  const std::string state = TRY(text_in(body, "state"));
  if (state != "enabled" && state != "disabled") {
    return refuse({{"state", "must be `enabled` or `disabled`"}}, "#");
  }
  const bool is_enabled = state == "enabled";
  const auto go_on = [&](Edit& edit) -> Answered<Done> {
    const KeptClient before =
        TRY(to_be_changed(asked, edit, is_enabled ? ClientDeed::kEnable : ClientDeed::kDisable));
    if (before.client.is_enabled == is_enabled) return shown(before);
    const KeptClient after =
        TRY(oauth::set_client_enabled(edit.work(), occasion_of(asked), before, is_enabled));
    TRY_VOID(tell(
        edit, {What::kChanged, is_enabled ? "enable" : "disable", &before.client, &after.client}));
    return shown(after);
  };
  return carry_out(asked, body.reason, go_on, response);
}

Answered<void> renew_client_secret(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"endOthers"}));
  const bool ends_others = TRY(flag_in(body, "endOthers"));
  const auto renew = [&](Edit& edit) -> Answered<Done> {
    const KeptClient before = TRY(to_be_changed(asked, edit, ClientDeed::kRenewSecret));
    const WrittenClient written = TRY(oauth::renew_client_secret(
        edit.work(), occasion_of(asked), before, ends_others, &crypto::fill_random));
    TRY_VOID(tell(edit, {What::kChanged, "renewSecret", &before.client, &written.kept.client}));
    return shown_once(asked, written);
  };
  return carry_out(asked, body.reason, renew, response);
}

Answered<void> remove_client(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {}));
  const auto remove = [&](Edit& edit) -> Answered<Done> {
    const KeptClient before = TRY(to_be_changed(asked, edit, ClientDeed::kRemove));
    TRY_VOID(oauth::erase_client(edit.work(), occasion_of(asked), before.client.id));
    TRY_VOID(edit.drop_answers_of(before.client.id));
    TRY_VOID(tell(edit, {What::kRemoved, "remove", &before.client, nullptr}));
    return Done{.status = 204};
  };
  return carry_out(asked, body.reason, remove, response);
}

Answered<void> check_secret_of_client(const Asked& asked, Edit& edit, std::string_view id) {
  const auto kept = TRY(oauth::find_kept_client(edit.work(), asked.tenant(), id));
  if (!kept) return std::unexpected(Refusal(no_such_client(id)));
  TRY_VOID(asked.errand.gate.check(ClientDeed::kRenewSecret, standing_of(kept->client)));
  return {};
}

}  // namespace wardlock::admin
