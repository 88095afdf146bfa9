#include "api/admin/client_invitation.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/admin/change.h"
#include "authn/oauth/client_invitations.h"
#include "authn/oauth/client_rows.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/scope.h"
#include "base/utf8.h"
#include "crypto/random.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using administration::ClientDeed;
using administration::ClientStanding;
using boost::json::object;
using directory::Edit;
using directory::What;
using oauth::ClientInvitation;

constexpr std::string_view kEventType = "OAuthClientInvitation";
constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kLongestMs = 30 * kDayMs;
constexpr std::int64_t kMostUses = 100;
constexpr std::size_t kMostNoteBytes = 200;

oauth::Occasion occasion_of(const Asked& asked) {
  return {.tenant = asked.tenant(),
          .issuer = std::string(asked.errand.base_url),
          .now_ms = asked.errand.now};
}

object to_json(const ClientInvitation& invitation) {
  return {{"id", invitation.id},
          {"invitedBy", invitation.maker},
          {"note", invitation.note},
          {"scope", oauth::join_words(invitation.scopes)},
          {"usesLeft", invitation.uses_left},
          {"createdAt", directory::to_time_text(invitation.made_ms)},
          {"expiresAt", directory::to_time_text(invitation.until_ms)}};
}

Answered<std::uint64_t> uses_in(const Body& body) {
  const codec::Json* uses = body.find("uses");
  if (uses == nullptr || uses->is_null()) return 1;
  if (uses->is_int64() && uses->get_int64() >= 1 && uses->get_int64() <= kMostUses) {
    return static_cast<std::uint64_t>(uses->get_int64());
  }
  return refuse({{"uses", fmt::format("must be a number from 1 to {}", kMostUses)}}, "#");
}

Answered<std::vector<std::string>> scopes_in(const Body& body) {
  const std::string text = TRY(text_in(body, "scope", false));
  auto scopes = oauth::read_scopes(text);
  if (!scopes) return refuse({{"scope", scopes.error().description}}, "#");
  if (oauth::has_scope(*scopes, oauth::kAdministrationScope)) {
    return refuse({{"scope", "has `wardlock.admin`, which no client gets that registers"}}, "#");
  }
  return *std::move(scopes);
}

Answered<ClientInvitation> read_invitation(const Asked& asked, const Body& body) {
  ClientInvitation invitation;
  invitation.maker_type = asked.errand.mandate.actor_type;
  invitation.maker = asked.errand.mandate.actor_id;
  invitation.note = TRY(text_in(body, "note", false));
  if (invitation.note.size() > kMostNoteBytes) {
    return refuse({{"note", fmt::format("is longer than {} bytes", kMostNoteBytes)}}, "#");
  }
  invitation.scopes = TRY(scopes_in(body));
  invitation.uses_left = TRY(uses_in(body));
  const auto until = TRY(time_in(body, "expiresAt"));
  invitation.until_ms = until.value_or(asked.errand.now + kDayMs);
  const bool is_soon = invitation.until_ms > asked.errand.now &&
                       invitation.until_ms <= asked.errand.now + kLongestMs;
  if (!is_soon) return refuse({{"expiresAt", "must be within the next 30 days"}}, "#");
  return invitation;
}

Result<void> tell(Edit& edit, What what, std::string_view action,
                  const ClientInvitation& invitation) {
  const std::string text = codec::to_json_text(codec::Json(to_json(invitation)));
  const bool is_new = what == What::kCreated;
  return edit.tell_beside(
      {.what = what, .kind = oauth::kClientEntry, .id = invitation.id, .after = "null"},
      {.kind = event::Kind::kConfigurationChange,
       .action = action,
       .resource_type = kEventType,
       .resource_id = invitation.id,
       .value_before = is_new ? std::string_view() : std::string_view(text),
       .value_after = is_new ? std::string_view(text) : std::string_view()});
}

}  // namespace

Answered<void> list_client_invitations(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(asked.errand.gate.check(ClientDeed::kRead, ClientStanding{}));
  boost::json::array items;
  const auto read = [&](storage::Work& work) -> Result<void> {
    items.clear();
    const auto all = TRY(oauth::list_invitations(work, occasion_of(asked)));
    for (const ClientInvitation& each : all) items.push_back(to_json(each));
    return {};
  };
  TRY_VOID(asked.errand.registry.store().read(read));
  write_json(object{{"items", std::move(items)}}, response);
  return {};
}

Answered<void> invite_client(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"note", "scope", "uses", "expiresAt"}));
  const auto invite = [&](Edit& edit) -> Answered<Done> {
    ClientInvitation invitation = TRY(read_invitation(asked, body));
    TRY_VOID(asked.errand.gate.check(ClientDeed::kRegister, ClientStanding{}));
    const Secret token = TRY(
        oauth::enter_invitation(edit.work(), occasion_of(asked), invitation, &crypto::fill_random));
    TRY_VOID(tell(edit, What::kCreated, "invite", invitation));
    Done done{.status = 201, .body = to_json(invitation), .thing = invitation.id};
    if (TRY(asked.flag("dryRun"))) return done;
    done.body->as_object()["token"] = token.reveal();
    done.is_secret = true;
    return done;
  };
  return carry_out(asked, body.reason, invite, response);
}

Answered<void> take_back_client_invitation(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {}));
  const auto take_back = [&](Edit& edit) -> Answered<Done> {
    TRY_VOID(asked.errand.gate.check(ClientDeed::kRegister, ClientStanding{}));
    const auto taken = TRY(oauth::take_back_invitation(edit.work(), occasion_of(asked), asked.id));
    if (!taken) {
      return refuse(0, ErrorCode::kNotFound,
                    fmt::format("there is no invitation with the id `{}`", printable(asked.id)));
    }
    TRY_VOID(edit.drop_answers_of(taken->id));
    TRY_VOID(tell(edit, What::kRemoved, "takeBackInvitation", *taken));
    return Done{.status = 204};
  };
  return carry_out(asked, body.reason, take_back, response);
}

Answered<void> check_client_invitation(const Asked& asked, Edit& edit, std::string_view id) {
  const auto all = TRY(oauth::list_invitations(edit.work(), occasion_of(asked)));
  TRY_VOID(asked.errand.gate.check(ClientDeed::kRegister, ClientStanding{}));
  for (const ClientInvitation& each : all) {
    if (each.id == id) return {};
  }
  return refuse(0, ErrorCode::kNotFound, "that invitation was used up, taken back, or is over");
}

}  // namespace wardlock::admin
