#include "authn/oauth/logouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "authn/oauth/clients.h"
#include "authn/oauth/grant_rows.h"
#include "authn/oauth/redirect_uri.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/transaction.h"
#include "authn/session/ended_sessions.h"
#include "directory/identifier/uuid7.h"
#include "directory/model/schema.h"
#include "jose/jwt.h"
#include "net/query_string.h"

namespace wardlock::oauth {
namespace {

using boost::json::object;
using storage::Work;

constexpr std::size_t kBatch = 200;
constexpr std::int64_t kFirstRetryMs = 10'000;
constexpr std::int64_t kTriedForMs = std::int64_t{3600} * 1000;
/// RFC 8417's events; Back-Channel Logout 1.0, 2.4.
constexpr std::string_view kLogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

std::string_view text_of(const object& json, std::string_view name) {
  const codec::Json* value = json.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

/// An ID token of ours says whose session is meant, also after its time (RP-Initiated Logout, 2).
Answer<object> read_hint(const jose::KeySet& keys, const Occasion& occasion,
                         std::string_view hint) {
  const auto refuse_hint = [] {
    return refuse(Fault::kInvalidRequest, "'id_token_hint' is no ID token of ours");
  };
  const auto jws = jose::UnverifiedJws::parse(hint);
  if (!jws || jws->type() != "JWT") return refuse_hint();
  const jose::VerificationKey* key = keys.find(jws->key_id());
  if (key == nullptr || !jws->is_signed_by(*key)) return refuse_hint();
  const auto claims = codec::parse_json(
      jws->payload(), {.max_bytes = jose::kMaxJwsBytes, .max_depth = 8, .max_members = 64});
  const bool is_ours =
      claims && claims->is_object() && text_of(claims->get_object(), "iss") == occasion.issuer;
  if (!is_ours) return refuse_hint();
  return claims->get_object();
}

/// Who signs out, or is made to, administers nothing any more.
Result<void> end_administration(Work& work, const Occasion& occasion, std::string_view session) {
  const storage::Rows rows = TRY(
      work.query("SELECT document FROM oauth_grant WHERE tenant = $1 AND session = $2 AND ended_ms "
                 "IS NULL ORDER BY id",
                 occasion.tenant, session));
  for (const storage::Row row : rows) {
    const Grant grant = TRY(read_grant_text(row.text(0)));
    if (!has_scope(grant.scopes, kAdministrationScope)) continue;
    TRY(end_grants(work, occasion, {.id = grant.id}));
  }
  return {};
}

bool lets_act(std::string_view state) {
  const auto* found = directory::find_state(directory::schema_of(directory::Kind::kPerson), state);
  return found != nullptr && found->is_in_force;
}

struct Told {
  std::string client;
  std::string issuer;
  std::string uri;
};

}  // namespace

Answer<void> Logouts::tell_clients(Work& work, const Occasion& occasion,
                                   const jose::SigningKey& key, std::string_view session,
                                   std::string_view person) const {
  const storage::Rows rows =
      TRY(work.query("SELECT document FROM oauth_grant WHERE tenant = $1 AND person = $2 "
                     "AND ($3 = '' OR session = $3) AND ends_ms > $4 ORDER BY id",
                     occasion.tenant, person, session, occasion.now_ms));
  std::vector<Told> told;
  for (const storage::Row row : rows) {
    const Grant grant = TRY(read_grant_text(row.text(0)));
    const auto client = TRY(find_client(work, occasion.tenant, grant.client));
    const bool is_told =
        std::ranges::any_of(told, [&](const Told& each) { return each.client == grant.client; });
    if (is_told || !client || client->backchannel_logout_uri.empty()) continue;
    told.push_back(
        {.client = client->id, .issuer = grant.issuer, .uri = client->backchannel_logout_uri});
  }
  for (const Told& each : told) {
    directory::UuidEntropy entropy;
    parts_.fill_random(entropy);
    const std::string id = directory::make_uuid7(occasion.now_ms, entropy);
    object claims;
    claims["iss"] = each.issuer;
    claims["aud"] = each.client;
    claims["sub"] = person;
    if (!session.empty()) claims["sid"] = session;
    claims["iat"] = occasion.now_ms / 1000;
    claims["exp"] = (occasion.now_ms + kTriedForMs) / 1000;
    claims["jti"] = id;
    claims["events"] = {{kLogoutEvent, object()}};
    TRY(work.run(
        "INSERT INTO oauth_logout (tenant, id, client, uri, token, attempts, next_ms, "
        "until_ms) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
        occasion.tenant, id, each.client, each.uri, jose::sign_jwt(key, "logout+jwt", claims),
        occasion.now_ms, occasion.now_ms + kTriedForMs));
  }
  return {};
}

Answer<void> Logouts::end_session(Work& work, const Occasion& occasion, const jose::SigningKey& key,
                                  const EndOfSession& end) const {
  TRY_VOID(tell_clients(work, occasion, key, end.id, end.person));
  TRY(end_grants(work, occasion, {.session = end.id, .except_offline = true}));
  if (end.is_meant) TRY_VOID(end_administration(work, occasion, end.id));
  return {};
}

Answer<void> Logouts::session_ended(const Occasion& occasion, std::string_view session,
                                    std::string_view person, bool is_meant) {
  const auto key = TRY(keys_.current(occasion));
  auto ended = transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    return end_session(work, occasion, *key,
                       {.id = session, .person = person, .is_meant = is_meant});
  });
  TRY_VOID(tokens_.follow());
  return ended;
}

namespace {

/// Whether somebody ended it: it was not just over.
bool is_meant(authn::EndReason reason) {
  using enum authn::EndReason;
  return reason != kIdle && reason != kOverall && reason != kTooMany && reason != kReplaced;
}

/// How far it has come, and what ended since.
struct Followed {
  std::uint64_t before = 0;
  authn::EndedSessions since;
};

Answer<Followed> look_at_sessions(const storage::Store& store) {
  return look<Followed>(store, [](Work& work) -> Answer<Followed> {
    const storage::Rows head =
        TRY(work.query("SELECT value FROM oauth_head WHERE name = 'sessions'"));
    Followed followed;
    if (!head.empty()) followed.before = static_cast<std::uint64_t>(head.front().integer(0));
    followed.since = TRY(authn::find_ended_sessions(work, followed.before, kBatch));
    return followed;
  });
}

}  // namespace

Answer<std::size_t> Logouts::follow_sessions(std::int64_t now_ms) {
  std::size_t count = 0;
  while (true) {
    const Followed followed = TRY(look_at_sessions(parts_.store));
    if (followed.since.reached == followed.before) break;
    const auto at = [&](const authn::Session& session) {
      return Occasion{.tenant = session.tenant, .issuer = {}, .now_ms = now_ms};
    };
    std::map<std::string, std::shared_ptr<const jose::SigningKey>> keys;
    for (const authn::EndedSession& each : followed.since.ended) {
      const authn::Session& session = each.session;
      if (!keys.contains(session.tenant)) keys[session.tenant] = TRY(keys_.current(at(session)));
    }
    bool was_first = false;
    // All of it or nothing: what was not told is looked at again.
    const auto written = parts_.store.write([&](Work& work) -> Result<void> {
      was_first = TRY(work.run("UPDATE oauth_head SET value = $2 WHERE name = 'sessions' AND "
                               "value = $1",
                               followed.before, followed.since.reached)) == 1;
      if (!was_first) return {};  // another node was quicker
      for (const authn::EndedSession& each : followed.since.ended) {
        // Of who is gone all that they granted ends, and clients are told of that.
        if (each.reason == authn::EndReason::kPersonEnded) continue;
        const authn::Session& session = each.session;
        const auto ended = end_session(
            work, at(session), *keys.at(session.tenant),
            {.id = session.id, .person = session.person, .is_meant = is_meant(each.reason)});
        if (work.failure()) return std::unexpected(*work.failure());
        if (!ended) return fail(ErrorCode::kInternal, ended.error().description);
      }
      return {};
    });
    if (!written) return std::unexpected(Refusal(written.error()));
    if (was_first) count += followed.since.ended.size();
  }
  if (count != 0) TRY_VOID(tokens_.follow());
  return count;
}

Answer<void> Logouts::person_ended(const Occasion& occasion, std::string_view person) {
  const auto key = TRY(keys_.current(occasion));
  auto ended = transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    TRY_VOID(tell_clients(work, occasion, *key, {}, person));
    TRY(end_grants(work, occasion, {.person = person}));
    return {};
  });
  TRY_VOID(tokens_.follow());
  return ended;
}

Answer<std::vector<GonePerson>> Logouts::gone_people() const {
  using People = std::vector<GonePerson>;
  return look<People>(parts_.store, [&](Work& work) -> Answer<People> {
    const storage::Rows rows = TRY(
        work.query("SELECT DISTINCT g.tenant, g.person, COALESCE(t.state, '') FROM oauth_grant g "
                   "LEFT JOIN thing t ON t.id = g.person AND t.tenant = g.tenant "
                   "WHERE g.ended_ms IS NULL AND g.person <> ''"));
    People gone;
    for (const storage::Row row : rows) {
      if (lets_act(row.text(2))) continue;
      gone.push_back({.tenant = std::string(row.text(0)), .person = std::string(row.text(1))});
    }
    return gone;
  });
}

Answer<std::vector<LastingGrant>> Logouts::lasting_grants(const Occasion& occasion,
                                                          std::string_view person) const {
  using Grants = std::vector<LastingGrant>;
  return look<Grants>(parts_.store, [&](Work& work) -> Answer<Grants> {
    const storage::Rows rows =
        TRY(work.query("SELECT document FROM oauth_grant WHERE tenant = $1 AND person = $2 AND "
                       "is_offline = 1 AND ended_ms IS NULL AND ends_ms > $3 ORDER BY id",
                       occasion.tenant, person, occasion.now_ms));
    Grants grants;
    for (const storage::Row row : rows) {
      Grant grant = TRY(read_grant_text(row.text(0)));
      const auto client = TRY(find_client(work, occasion.tenant, grant.client));
      grants.push_back({.id = std::move(grant.id),
                        .client = std::move(grant.client),
                        .client_name = client ? client->name : std::string(),
                        .authentication = std::move(grant.authentication),
                        .made_ms = grant.made_ms,
                        .ends_ms = grant.ends_ms});
    }
    return grants;
  });
}

Answer<std::size_t> Logouts::end_lasting_grants(const Occasion& occasion, std::string_view person,
                                                std::string_view id) {
  auto ended = transact<std::size_t>(parts_.store, [&](Work& work) -> Answer<std::size_t> {
    const storage::Rows rows =
        TRY(work.query("SELECT id FROM oauth_grant WHERE tenant = $1 AND person = $2 AND "
                       "is_offline = 1 AND ended_ms IS NULL AND ends_ms > $3 AND "
                       "($4 = '' OR id = $4) ORDER BY id",
                       occasion.tenant, person, occasion.now_ms, id));
    for (const storage::Row row : rows) TRY(end_grants(work, occasion, {.id = row.text(0)}));
    return rows.size();
  });
  TRY_VOID(tokens_.follow());
  return ended;
}

Answer<LogoutRequest> Logouts::check(const Occasion& occasion, const Parameters& parameters,
                                     const authn::Session* session) {
  LogoutRequest request{.client = std::string(parameters.text("client_id"))};
  if (const auto hint = parameters.find("id_token_hint")) {
    const auto keys = TRY(keys_.shown(occasion));
    const object claims = TRY(read_hint(*keys, occasion, *hint));
    const std::string_view audience = text_of(claims, "aud");
    if (!request.client.empty() && request.client != audience) {
      return refuse(Fault::kInvalidRequest, "'client_id' is not whom the ID token is for");
    }
    request.client = audience;
    request.session = text_of(claims, "sid");
    request.must_ask = session == nullptr || request.session != session->id;
  }
  const auto uri = parameters.find("post_logout_redirect_uri");
  if (!uri) return request;
  const auto client = TRY(look<std::optional<Client>>(parts_.store, [&](Work& work) {
    return find_client(work, occasion.tenant, request.client);
  }));
  const bool is_registered =
      client && std::ranges::any_of(client->post_logout_redirect_uris, [&](const auto& each) {
        return is_registered_uri(*uri, each, client->is_native);
      });
  if (!is_registered) {
    return refuse(Fault::kInvalidRequest, "'post_logout_redirect_uri' is not one of the client's");
  }
  request.return_url = *uri;
  if (const auto state = parameters.find("state")) {
    request.return_url +=
        fmt::format("{}state={}", uri->contains('?') ? "&" : "?", net::percent_encoded(*state));
  }
  return request;
}

Answer<std::vector<PendingLogout>> Logouts::due(std::int64_t now_ms, std::size_t most) const {
  return look<std::vector<PendingLogout>>(
      parts_.store, [&](Work& work) -> Answer<std::vector<PendingLogout>> {
        const storage::Rows rows = TRY(
            work.query("SELECT tenant, id, client, uri, token, attempts FROM oauth_logout WHERE "
                       "next_ms <= $1 AND until_ms > $1 ORDER BY next_ms, id "
                       "LIMIT CAST($2 AS BIGINT)",
                       now_ms, most));
        std::vector<PendingLogout> due;
        for (const storage::Row row : rows) {
          due.push_back({.tenant = std::string(row.text(0)),
                         .id = std::string(row.text(1)),
                         .client = std::string(row.text(2)),
                         .uri = std::string(row.text(3)),
                         .token = std::string(row.text(4)),
                         .attempts = row.integer(5)});
        }
        return due;
      });
}

Answer<void> Logouts::delivered(const PendingLogout& logout) {
  return transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    TRY(work.run("DELETE FROM oauth_logout WHERE tenant = $1 AND id = $2", logout.tenant,
                 logout.id));
    return {};
  });
}

Answer<std::size_t> Logouts::give_up(std::int64_t now_ms) {
  return transact<std::size_t>(parts_.store, [&](Work& work) -> Answer<std::size_t> {
    const storage::Rows rows =
        TRY(work.query("SELECT tenant, id, client, attempts FROM oauth_logout WHERE until_ms <= $1 "
                       "ORDER BY until_ms, id LIMIT CAST($2 AS BIGINT)",
                       now_ms, kBatch));
    for (const storage::Row row : rows) {
      TRY(work.run("DELETE FROM oauth_logout WHERE tenant = $1 AND id = $2", row.text(0),
                   row.text(1)));
      const event::Event event{.kind = event::Kind::kLogout,
                               .outcome = event::Outcome::kFailure,
                               .action = "back_channel",
                               .resource_type = "OAuthClient",
                               .resource_id = row.text(2),
                               .count = row.integer(3),
                               .cause = "undelivered"};
      TRY_VOID(tell(parts_, work,
                    {.tenant = std::string(row.text(0)), .issuer = {}, .now_ms = now_ms}, event));
    }
    return rows.size();
  });
}

Answer<bool> Logouts::take(const PendingLogout& logout, std::int64_t now_ms) {
  const std::int64_t wait_ms = kFirstRetryMs << std::min<std::int64_t>(logout.attempts, 10);
  return transact<bool>(parts_.store, [&](Work& work) -> Answer<bool> {
    const std::uint64_t taken =
        TRY(work.run("UPDATE oauth_logout SET attempts = attempts + 1, next_ms = $3 "
                     "WHERE tenant = $1 AND id = $2 AND attempts = $4",
                     logout.tenant, logout.id, now_ms + wait_ms, logout.attempts));
    return taken > 0;
  });
}

}  // namespace wardlock::oauth
