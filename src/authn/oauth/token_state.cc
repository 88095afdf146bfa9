#include "authn/oauth/token_state.h"

#include <algorithm>
#include <optional>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/people.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/transaction.h"

namespace wardlock::oauth {
namespace {

using boost::json::object;
using storage::Work;

object inactive() { return {{"active", false}}; }

bool is_for(const Subject& subject, const Client& client) {
  return std::ranges::any_of(subject.audiences, [&](const std::string& audience) {
    return audience == client.id || has_scope(client.audiences, audience);
  });
}

}  // namespace

Answer<object> TokenState::introspect(const Occasion& occasion, const AuthenticatedClient& client,
                                      const Parameters& parameters) {
  if (!client.client().may_introspect) {
    return refuse(Fault::kUnauthorizedClient, "the client may not ask about tokens");
  }
  const auto subject = tokens_.verify_waiting(occasion, TRY(parameters.need("token")));
  if (!subject) {
    // What keeps us from knowing is no answer.
    if (subject.error().fault != Fault::kInvalidToken) return std::unexpected(subject.error());
    return inactive();
  }
  if (!is_for(**subject, client.client())) return inactive();
  object answer = (*subject)->claims;
  answer["active"] = true;
  answer["token_type"] = (*subject)->binding.dpop_key.empty() ? "Bearer" : "DPoP";
  return answer;
}

Answer<void> TokenState::revoke(const Occasion& occasion, const AuthenticatedClient& client,
                                const Parameters& parameters) {
  const std::string_view token = TRY(parameters.need("token"));
  std::string id;
  if (const auto subject = tokens_.verify_waiting(occasion, token)) id = (*subject)->grant;
  auto revoked = transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    std::string grant_id = id;
    if (grant_id.empty()) {
      const auto refresh =
          TRY(find_token(work, occasion.tenant, hash_of(token), TokenKind::kRefresh));
      if (!refresh) return {};
      grant_id = refresh->grant;
    }
    const auto grant = TRY(find_grant(work, occasion.tenant, grant_id));
    if (!grant) return {};
    if (grant->client != client.client().id) {
      return refuse(Fault::kUnauthorizedClient, "the token is another client's");
    }
    TRY(end_grants(work, occasion, {.id = grant->id}));
    return {};
  });
  TRY_VOID(tokens_.follow());
  return revoked;
}

Answer<object> TokenState::userinfo(const Occasion& occasion, const Subject& subject) const {
  const bool is_for_us = has_scope(subject.audiences, occasion.issuer);
  if (!has_scope(subject.scopes, "openid") || subject.person.empty() || !is_for_us) {
    return refuse(Fault::kInsufficientScope, "the token was not given for the scope openid");
  }
  return look<object>(parts_.store, [&](Work& work) -> Answer<object> {
    const auto grant = TRY(find_grant(work, occasion.tenant, subject.grant));
    if (!grant || grant->is_ended) {
      return refuse(Fault::kInvalidToken, "the access token was revoked");
    }
    Grant narrowed = *grant;
    narrowed.scopes = subject.scopes;
    return person_claims(work, occasion.tenant, narrowed);
  });
}

}  // namespace wardlock::oauth
