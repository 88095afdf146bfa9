#include "authn/oauth/mint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/parameters.h"
#include "authn/oauth/people.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/ticket.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"
#include "jose/jwt.h"

namespace wardlock::oauth {
namespace {

using boost::json::object;
using storage::Work;

/// It is looked at once, when it comes.
constexpr std::int64_t kIdTokenSeconds = 300;

std::int64_t ms(std::chrono::seconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

boost::json::array to_array(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

void add_authentication(const Grant& grant, object& claims) {
  if (grant.authentication.level == 0) return;
  claims["auth_time"] = grant.authentication.at_ms / 1000;
  claims["acr"] = acr_of(grant.authentication.level);
  claims["amr"] = to_array(grant.authentication.methods);
  if (!grant.session.empty()) claims["sid"] = grant.session;
}

void add_binding(const Binding& binding, object& claims) {
  object cnf;
  if (!binding.dpop_key.empty()) cnf["jkt"] = binding.dpop_key;
  if (!binding.certificate.empty()) cnf["x5t#S256"] = binding.certificate;
  if (!cnf.empty()) claims["cnf"] = std::move(cnf);
}

/// OpenID Connect Core, 3.1.3.6: the left half of SHA-256.
std::string half_hash(std::string_view text) {
  const crypto::Sha256Digest digest = crypto::sha256(text);
  return codec::to_base64url(std::span(digest).first<16>());
}

}  // namespace

object TokenAnswer::to_json() const {
  object json = context;
  json["access_token"] = access_token;
  json["token_type"] = is_dpop ? "DPoP" : "Bearer";
  json["expires_in"] = expires_in_s;
  if (!refresh_token.empty()) json["refresh_token"] = refresh_token;
  if (!id_token.empty()) json["id_token"] = id_token;
  if (!issued_token_type.empty()) json["issued_token_type"] = issued_token_type;
  json["scope"] = scope;
  return json;
}

Answer<object> Mint::access_claims(Work& work, const Occasion& occasion, const Client& client,
                                   const Grant& grant, const Wanted& wanted) const {
  const auto& scopes = wanted.scopes.empty() ? grant.scopes : wanted.scopes;
  std::vector<std::string> audiences =
      wanted.audiences.empty() ? grant.audiences : wanted.audiences;
  // It opens our own userinfo, too; and is for somebody in any case (RFC 9068, 2.2).
  if (has_scope(scopes, "openid") || audiences.empty()) audiences.push_back(occasion.issuer);
  std::int64_t until_ms = std::min(occasion.now_ms + ms(client.access_lifetime), grant.ends_ms);
  if (wanted.until_ms) until_ms = std::min(until_ms, *wanted.until_ms);
  std::array<std::uint8_t, 12> random;
  parts_.fill_random(random);
  object claims;
  claims["iss"] = occasion.issuer;
  claims["sub"] = grant.subject();
  claims["aud"] =
      audiences.size() == 1 ? codec::Json(audiences.front()) : codec::Json(to_array(audiences));
  claims["client_id"] = client.id;
  claims["iat"] = occasion.now_ms / 1000;
  claims["exp"] = until_ms / 1000;
  claims["jti"] = fmt::format("{}.{}", grant.id, codec::to_base64url(random));
  claims["scope"] = join_words(scopes);
  if (grant.person.empty() && !client.thing.empty()) claims["thing"] = client.thing;
  add_authentication(grant, claims);
  add_binding(grant.binding, claims);
  if (!grant.actor.is_null()) {
    claims["act"] = grant.actor;
  } else if (!grant.person.empty() && !client.thing.empty() &&
             TRY(is_agent(work, occasion.tenant, client.thing))) {
    // What people sign in to, and is an agent, acts for them as one that exchanged their token.
    claims["act"] = {{"sub", client.id}, {"thing", client.thing}};
  }
  if (!grant.patient.empty()) claims["patient"] = grant.patient;
  if (!grant.person.empty() && has_scope(scopes, "fhirUser")) {
    claims["fhirUser"] = fhir_user(grant);
  }
  if (!grant.person.empty() && has_scope(scopes, "iua")) {
    claims["extensions"] = {
        {"ihe_iua", TRY(iua_claims(work, occasion.tenant, grant, occasion.now_ms))}};
  }
  return claims;
}

std::string Mint::id_token(const Occasion& occasion, const Grant& grant,
                           std::string_view access_token) const {
  object claims;
  claims["iss"] = occasion.issuer;
  claims["sub"] = grant.subject();
  claims["aud"] = grant.client;
  claims["azp"] = grant.client;
  claims["iat"] = occasion.now_ms / 1000;
  claims["exp"] = occasion.now_ms / 1000 + kIdTokenSeconds;
  claims["at_hash"] = half_hash(access_token);
  if (!grant.nonce.empty()) claims["nonce"] = grant.nonce;
  add_authentication(grant, claims);
  if (has_scope(grant.scopes, "fhirUser")) claims["fhirUser"] = fhir_user(grant);
  return jose::sign_jwt(key_, "JWT", claims);
}

Answer<TokenAnswer> Mint::make(Work& work, const Occasion& occasion, const Client& client,
                               const Grant& grant, const Wanted& wanted) const {
  object claims = TRY(access_claims(work, occasion, client, grant, wanted));
  const std::int64_t expires_s = claims.at("exp").as_int64();
  TokenAnswer answer{.access_token = {},
                     .is_dpop = !grant.binding.dpop_key.empty(),
                     .expires_in_s = expires_s - occasion.now_ms / 1000,
                     .scope = std::string(claims.at("scope").as_string())};
  if (client.token_form == TokenForm::kJwt) {
    answer.access_token = jose::sign_jwt(key_, "at+jwt", claims);
  } else {
    answer.access_token = new_ticket(Ticket::kAccessToken, parts_.fill_random);
    TRY_VOID(insert_token(work, occasion.tenant,
                          {.hash = hash_of(answer.access_token),
                           .kind = TokenKind::kAccess,
                           .grant = grant.id,
                           .document = codec::to_json_text(codec::Json(std::move(claims))),
                           .made_ms = occasion.now_ms,
                           .until_ms = expires_s * 1000}));
  }
  if (wanted.refresh_token) {
    answer.refresh_token = new_ticket(Ticket::kRefreshToken, parts_.fill_random);
    TRY_VOID(insert_token(
        work, occasion.tenant,
        {.hash = hash_of(answer.refresh_token),
         .kind = TokenKind::kRefresh,
         .grant = grant.id,
         .made_ms = occasion.now_ms,
         .until_ms = std::min(grant.ends_ms, occasion.now_ms + ms(client.refresh_idle_lifetime))}));
  }
  if (wanted.id_token && has_scope(grant.scopes, "openid")) {
    answer.id_token = id_token(occasion, grant, answer.access_token);
  }
  if (!grant.patient.empty()) answer.context["patient"] = grant.patient;
  if (!grant.encounter.empty()) answer.context["encounter"] = grant.encounter;
  return answer;
}

}  // namespace wardlock::oauth
