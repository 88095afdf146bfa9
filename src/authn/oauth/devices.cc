#include "authn/oauth/devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/people.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/transaction.h"
#include "directory/identifier/uuid7.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

constexpr std::string_view kForm = "device";
constexpr std::string_view kUserForm = "user code";
constexpr std::int64_t kSlowerByMs = 5'000;  // RFC 8628, 3.5

/// A device that waits, as it is kept.
struct Waiting {
  std::string hash = {};
  std::string client;
  std::int64_t until_ms = 0;
  std::vector<std::string> scopes;
  std::vector<std::string> audiences = {};
  std::int64_t interval_ms = Devices::kIntervalMs;
  std::int64_t polled_ms = 0;
  bool is_denied = false;
  std::string grant = {};  ///< its id, once somebody approved

  std::string text() const {
    boost::json::object json;
    json["scopes"] = join_words(scopes);
    json["audiences"] = boost::json::array(audiences.begin(), audiences.end());
    json["interval_ms"] = interval_ms;
    json["polled_ms"] = polled_ms;
    json["is_denied"] = is_denied;
    json["grant"] = grant;
    return codec::to_json_text(codec::Json(std::move(json)));
  }
};

std::string user_hash(std::string_view code) { return hash_of(fmt::format("user code {}", code)); }

Result<std::optional<Waiting>> find_waiting(Work& work, std::string_view tenant,
                                            std::string_view hash) {
  const storage::Rows rows =
      TRY(work.query("SELECT client, document, until_ms FROM oauth_request WHERE tenant = $1 AND "
                     "hash = $2 AND form = $3",
                     tenant, hash, kForm));
  if (rows.empty()) return std::nullopt;
  const codec::Json parsed = TRY(codec::parse_json(rows.front().text(1)));
  const boost::json::object& json = parsed.as_object();
  Waiting waiting{.hash = std::string(hash),
                  .client = std::string(rows.front().text(0)),
                  .until_ms = rows.front().integer(2),
                  .scopes = split_words(json.at("scopes").as_string()),
                  .audiences = {},
                  .interval_ms = json.at("interval_ms").as_int64(),
                  .polled_ms = json.at("polled_ms").as_int64(),
                  .is_denied = json.at("is_denied").as_bool(),
                  .grant = std::string(json.at("grant").as_string())};
  for (const codec::Json& each : json.at("audiences").as_array()) {
    waiting.audiences.emplace_back(std::string_view(each.as_string()));
  }
  return waiting;
}

Result<void> keep(Work& work, std::string_view tenant, const Waiting& waiting) {
  TRY(
      work.run("UPDATE oauth_request SET document = $4 WHERE tenant = $1 AND hash = $2 AND "
               "form = $3",
               tenant, waiting.hash, kForm, waiting.text()));
  return {};
}

Result<void> forget(Work& work, std::string_view tenant, std::string_view hash) {
  TRY(work.run("DELETE FROM oauth_request WHERE tenant = $1 AND hash = $2 AND form = $3", tenant,
               hash, kForm));
  return {};
}

Answer<Waiting> find_by_user_code(Work& work, const Occasion& occasion, std::string_view typed) {
  const std::string code = normal_user_code(typed);
  const storage::Rows rows =
      TRY(work.query("SELECT document FROM oauth_request WHERE tenant = $1 AND hash = $2 AND "
                     "form = $3 AND until_ms > $4",
                     occasion.tenant, user_hash(code), kUserForm, occasion.now_ms));
  const auto none = [] { return refuse(Fault::kInvalidRequest, "no device waits with this code"); };
  if (rows.empty()) return none();
  auto waiting = TRY(find_waiting(work, occasion.tenant, rows.front().text(0)));
  if (!waiting || waiting->is_denied || !waiting->grant.empty()) return none();
  return *std::move(waiting);
}

}  // namespace

Answer<DeviceOffer> Devices::begin(const Occasion& occasion, const AuthenticatedClient& client,
                                   const Parameters& parameters) {
  const Client& who = client.client();
  if (!who.may(GrantType::kDeviceCode)) {
    return refuse(Fault::kUnauthorizedClient, "the client may not ask for device codes");
  }
  std::vector<std::string> scopes = TRY(read_scopes(parameters.text("scope")));
  Waiting waiting{
      .client = who.id, .until_ms = occasion.now_ms + kLifetimeMs, .scopes = std::move(scopes)};
  TRY_VOID(check_scopes(waiting.scopes, who.scopes));
  TRY_VOID(check_scopes_of_person(waiting.scopes));
  waiting.audiences = TRY(who.audiences_for(parameters.all("resource")));
  DeviceOffer offer{.device_code = new_ticket(Ticket::kDeviceCode, parts_.fill_random),
                    .user_code = new_user_code(parts_.fill_random),
                    .verification_uri = occasion.issuer + "/device",
                    .expires_in_s = kLifetimeMs / 1000,
                    .interval_s = kIntervalMs / 1000};
  offer.verification_uri_complete =
      fmt::format("{}?user_code={}", offer.verification_uri, offer.user_code);
  waiting.hash = hash_of(offer.device_code);
  const auto kept = transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    constexpr std::string_view kInsert =
        "INSERT INTO oauth_request (tenant, hash, form, client, document, until_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6)";
    TRY(work.run(kInsert, occasion.tenant, user_hash(offer.user_code), kUserForm, who.id,
                 waiting.hash, waiting.until_ms));
    TRY(work.run(kInsert, occasion.tenant, waiting.hash, kForm, who.id, waiting.text(),
                 waiting.until_ms));
    return {};
  });
  if (!kept) return std::unexpected(kept.error());
  return offer;
}

Answer<PendingDevice> Devices::find(const Occasion& occasion, std::string_view user_code) const {
  return look<PendingDevice>(parts_.store, [&](Work& work) -> Answer<PendingDevice> {
    const Waiting waiting = TRY(find_by_user_code(work, occasion, user_code));
    const auto client = TRY(find_client(work, occasion.tenant, waiting.client));
    if (!client) return refuse(Fault::kInvalidRequest, "no device waits with this code");
    return PendingDevice{.client_name = client->name,
                         .is_self_registered = client->is_self_registered,
                         .lasts = lifetime_of(*client, waiting.scopes),
                         .scopes = waiting.scopes,
                         .audiences = waiting.audiences};
  });
}

Answer<void> Devices::approve(const Occasion& occasion, std::string_view user_code,
                              const authn::Session& session, const Approval& approval) {
  return transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    Waiting waiting = TRY(find_by_user_code(work, occasion, user_code));
    const auto client = TRY(find_client(work, occasion.tenant, waiting.client));
    if (!client) return refuse(Fault::kInvalidRequest, "no device waits with this code");
    if (session.tenant != occasion.tenant || session.is_locked) {
      return refuse(Fault::kLoginRequired, "nobody is signed in here");
    }
    if (!are_among(approval.scopes, waiting.scopes)) {
      return refuse(Fault::kInvalidScope, "more is approved than was asked for");
    }
    TRY_VOID(check_in_force(work, occasion.tenant, session.person));
    directory::UuidEntropy entropy;
    parts_.fill_random(entropy);
    const std::int64_t lifetime_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(client->refresh_lifetime).count();
    const Grant grant{.id = directory::make_uuid7(occasion.now_ms, entropy),
                      .client = waiting.client,
                      .issuer = occasion.issuer,
                      .person = session.person,
                      .session = session.id,
                      .type = GrantType::kDeviceCode,
                      .scopes = approval.scopes.empty() ? waiting.scopes : approval.scopes,
                      .audiences = waiting.audiences,
                      .authentication = {.level = authn::number_of(session.assurance.level),
                                         .methods = session.assurance.methods,
                                         .at_ms = session.assurance.authenticated_ms},
                      .patient = approval.patient,
                      .encounter = approval.encounter,
                      .made_ms = occasion.now_ms,
                      .ends_ms = occasion.now_ms + lifetime_ms};
    // It is there already, so that it ends with the session although the device has not come yet.
    TRY_VOID(insert_grant(work, occasion.tenant, grant));
    waiting.grant = grant.id;
    TRY_VOID(keep(work, occasion.tenant, waiting));
    return {};
  });
}

Answer<void> Devices::deny(const Occasion& occasion, std::string_view user_code) {
  return transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    Waiting waiting = TRY(find_by_user_code(work, occasion, user_code));
    waiting.is_denied = true;
    TRY_VOID(keep(work, occasion.tenant, waiting));
    return {};
  });
}

Answer<Grant> take_device_grant(Work& work, const Occasion& occasion,
                                const AuthenticatedClient& client, std::string_view device_code) {
  auto waiting = TRY(find_waiting(work, occasion.tenant, hash_of(device_code)));
  if (!waiting || waiting->client != client.client().id) {
    return refuse(Fault::kInvalidGrant, "the 'device_code' is unknown, was used, or is another's");
  }
  if (waiting->until_ms <= occasion.now_ms) {
    return refuse(Fault::kExpiredToken, "nobody approved it in time; begin anew");
  }
  const bool is_early = occasion.now_ms - waiting->polled_ms < waiting->interval_ms;
  waiting->polled_ms = occasion.now_ms;
  if (is_early) waiting->interval_ms += kSlowerByMs;
  TRY_VOID(keep(work, occasion.tenant, *waiting));
  if (is_early) return refuse(Fault::kSlowDown, "ask less often, by five seconds");
  if (waiting->is_denied) {
    TRY_VOID(forget(work, occasion.tenant, waiting->hash));
    return refuse(Fault::kAccessDenied, "the person did not approve it");
  }
  if (waiting->grant.empty()) {
    return refuse(Fault::kAuthorizationPending, "nobody has approved it yet");
  }
  TRY_VOID(forget(work, occasion.tenant, waiting->hash));
  auto grant = TRY(find_grant(work, occasion.tenant, waiting->grant));
  if (!grant || grant->is_ended) {
    return refuse(Fault::kAccessDenied, "who approved it has signed out since");
  }
  return *std::move(grant);
}

}  // namespace wardlock::oauth
