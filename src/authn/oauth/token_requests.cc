#include "authn/oauth/token_requests.h"

#include <chrono>
#include <utility>

#include "authn/oauth/authorization_request.h"
#include "authn/oauth/grant_rows.h"
#include "authn/oauth/people.h"
#include "authn/oauth/proof_key.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/transaction.h"
#include "directory/identifier/uuid7.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

/// One answer for whatever is wrong with a code or a refresh token.
std::unexpected<Refusal> refuse_grant() {
  return refuse(Fault::kInvalidGrant, "it is unknown, was used, has expired, or is another's");
}

/// RFC 6749, 4.1.3.
Answer<void> check_redirect(const AuthorizationRequest& request, const Parameters& parameters) {
  const auto said = parameters.find("redirect_uri");
  if (!said && !request.has_redirect_uri) return {};
  if (said && *said == request.address.redirect_uri) return {};
  return refuse(Fault::kInvalidGrant, "'redirect_uri' is not the one that was asked for");
}

/// RFC 8707, 2.2: of those that were granted, some.
Answer<std::vector<std::string>> narrowed_audiences(const Grant& grant,
                                                    const Parameters& parameters) {
  std::vector<std::string> asked = parameters.all("resource");
  if (are_among(asked, grant.audiences)) return asked;
  return refuse(Fault::kInvalidTarget, "'resource' is none that was granted");
}

/// What a client is in the directory, if it is something there, lets it act no longer than it is in
/// force itself: an agent that was taken away does not become nobody.
Answer<void> check_thing_in_force(Work& work, std::string_view tenant, const Client& client) {
  if (client.thing.empty()) return {};
  return check_in_force(work, tenant, client.thing);
}

}  // namespace

Answer<TokenAnswer> TokenRequests::run(const Occasion& occasion, const Call& call) {
  const auto key = TRY(keys_.current(occasion));
  const Mint mint(parts_, *key);
  auto answer = transact<TokenAnswer>(parts_.store, [&](Work& work) { return call(work, mint); });
  // So that this node knows at once what it has given out, and what it has ended. It was kept, and
  // is found by and by where the database went away just now.
  [[maybe_unused]] const auto followed = tokens_.follow();
  return answer;
}

Answer<TokenAnswer> TokenRequests::answer(const Occasion& occasion,
                                          const AuthenticatedClient& client,
                                          const Parameters& parameters) {
  const auto type = find_grant_type(TRY(parameters.need("grant_type")));
  if (!type) return refuse(Fault::kUnsupportedGrantType, "this 'grant_type' is not offered");
  if (!client.client().may(*type)) {
    return refuse(Fault::kUnauthorizedClient, "the client may not use this 'grant_type'");
  }
  switch (*type) {
    case GrantType::kAuthorizationCode: return redeem_code(occasion, client, parameters);
    case GrantType::kRefreshToken: return refresh(occasion, client, parameters);
    case GrantType::kClientCredentials: return for_client(occasion, client, parameters);
    case GrantType::kDeviceCode: return for_device(occasion, client, parameters);
    case GrantType::kTokenExchange: return exchange(occasion, client, parameters);
  }
  return refuse(Fault::kUnsupportedGrantType, "this 'grant_type' is not offered");
}

Answer<void> TokenRequests::end_copied(Work& work, const Occasion& occasion, const Grant& grant,
                                       std::string_view what) const {
  TRY(end_grants(work, occasion, {.id = grant.id}));
  TRY_VOID(tell(parts_, work, occasion,
                {.kind = event::Kind::kCredentialChange,
                 .outcome = event::Outcome::kFailure,
                 .session = grant.session,
                 .action = what,
                 .resource_type = "OAuthClient",
                 .resource_id = grant.client,
                 .affected_type = grant.person.empty() ? std::string_view() : "User",
                 .affected_id = grant.person}));
  return {};
}

Answer<TokenAnswer> TokenRequests::redeem_code(const Occasion& occasion,
                                               const AuthenticatedClient& client,
                                               const Parameters& parameters) {
  const std::string hash = hash_of(TRY(parameters.need("code")));
  return run(occasion, [&](Work& work, const Mint& mint) -> Answer<TokenAnswer> {
    const auto code = TRY(find_token(work, occasion.tenant, hash, TokenKind::kCode));
    if (!code) return refuse_grant();
    auto grant = TRY(find_grant(work, occasion.tenant, code->grant));
    if (!grant || grant->client != client.client().id) return refuse_grant();
    if (code->used_ms) {
      TRY_VOID(end_copied(work, occasion, *grant, "code used twice"));
      return refuse_grant();
    }
    if (code->until_ms <= occasion.now_ms || grant->is_ended) return refuse_grant();
    const AuthorizationRequest request = TRY(read_request_text(code->document));
    TRY_VOID(check_redirect(request, parameters));
    TRY_VOID(check_verifier(parameters.text("code_verifier"), request.challenge));
    if (!request.dpop_key.empty() && request.dpop_key != client.binding().dpop_key) {
      return refuse(Fault::kInvalidGrant, "the code is tied to another key");
    }
    TRY_VOID(check_in_force(work, occasion.tenant, grant->person));
    TRY_VOID(check_thing_in_force(work, occasion.tenant, client.client()));
    Wanted wanted{.refresh_token = client.client().may(GrantType::kRefreshToken),
                  .id_token = true,
                  .audiences = TRY(narrowed_audiences(*grant, parameters))};
    TRY_VOID(use_token(work, occasion.tenant, hash, occasion.now_ms, code->document));
    grant->binding = client.binding();
    TRY_VOID(update_grant(work, occasion.tenant, *grant));
    return mint.make(work, occasion, client.client(), *grant, wanted);
  });
}

Answer<void> TokenRequests::check_retry(Work& work, const Occasion& occasion,
                                        const KeptToken& token, const Grant& grant) const {
  const auto next = TRY(find_token(work, occasion.tenant, token.document, TokenKind::kRefresh));
  const bool is_retry = next && !next->used_ms && occasion.now_ms - *token.used_ms <= kRetryMs;
  if (!is_retry) {
    TRY_VOID(end_copied(work, occasion, grant, "refresh token used twice"));
    return refuse_grant();
  }
  // INVARIANT: of the two that come with one token, at most one goes on. Whoever has the token that
  // is put aside here ends all by using it.
  TRY_VOID(use_token(work, occasion.tenant, next->hash, 0, {}));
  return {};
}

Answer<TokenAnswer> TokenRequests::refresh(const Occasion& occasion,
                                           const AuthenticatedClient& client,
                                           const Parameters& parameters) {
  const std::string hash = hash_of(TRY(parameters.need("refresh_token")));
  const auto scopes = TRY(read_scopes(parameters.text("scope")));
  return run(occasion, [&](Work& work, const Mint& mint) -> Answer<TokenAnswer> {
    const auto token = TRY(find_token(work, occasion.tenant, hash, TokenKind::kRefresh));
    if (!token) return refuse_grant();
    auto grant = TRY(find_grant(work, occasion.tenant, token->grant));
    if (!grant || grant->client != client.client().id || grant->is_ended) return refuse_grant();
    // A public client is nobody but who has the key (RFC 9449, 5).
    if (client.client().is_public() && grant->binding != client.binding()) return refuse_grant();
    if (!grant->binding.empty() && client.binding().empty()) {
      return refuse(Fault::kInvalidDpopProof, "the tokens before were tied to a key");
    }
    if (token->used_ms) TRY_VOID(check_retry(work, occasion, *token, *grant));
    if (token->until_ms <= occasion.now_ms || grant->ends_ms <= occasion.now_ms) {
      return refuse_grant();
    }
    if (!are_among(scopes, grant->scopes)) {
      return refuse(Fault::kInvalidScope, "more is asked for than was granted");
    }
    TRY_VOID(check_in_force(work, occasion.tenant, grant->person));
    TRY_VOID(check_thing_in_force(work, occasion.tenant, client.client()));
    std::vector<std::string> audiences = TRY(narrowed_audiences(*grant, parameters));
    const Wanted wanted{.refresh_token = true,
                        .id_token = true,
                        .scopes = scopes,
                        .audiences = std::move(audiences)};
    grant->binding = client.binding();
    grant->nonce.clear();  // it was for the first (OpenID Connect Core, 12.2)
    TokenAnswer answer = TRY(mint.make(work, occasion, client.client(), *grant, wanted));
    TRY_VOID(
        use_token(work, occasion.tenant, hash, occasion.now_ms, hash_of(answer.refresh_token)));
    return answer;
  });
}

Answer<TokenAnswer> TokenRequests::for_client(const Occasion& occasion,
                                              const AuthenticatedClient& client,
                                              const Parameters& parameters) {
  const Client& who = client.client();
  if (who.is_public()) {
    return refuse(Fault::kUnauthorizedClient, "a public client is nobody by itself");
  }
  std::vector<std::string> scopes = TRY(read_scopes(parameters.text("scope")));
  TRY_VOID(check_scopes(scopes, who.scopes));
  TRY_VOID(check_scopes_of_client(scopes));
  std::vector<std::string> asked = parameters.all("resource");
  for (std::string& each : parameters.all("audience")) asked.push_back(std::move(each));
  std::vector<std::string> audiences = TRY(who.audiences_for(asked));
  directory::UuidEntropy entropy;
  parts_.fill_random(entropy);
  const Grant grant{
      .id = directory::make_uuid7(occasion.now_ms, entropy),
      .client = who.id,
      .issuer = occasion.issuer,
      .type = GrantType::kClientCredentials,
      .scopes = std::move(scopes),
      .audiences = std::move(audiences),
      .binding = client.binding(),
      .made_ms = occasion.now_ms,
      .ends_ms =
          occasion.now_ms +
          std::chrono::duration_cast<std::chrono::milliseconds>(who.access_lifetime).count()};
  return run(occasion, [&](Work& work, const Mint& mint) -> Answer<TokenAnswer> {
    TRY_VOID(check_thing_in_force(work, occasion.tenant, who));
    TRY_VOID(insert_grant(work, occasion.tenant, grant));
    return mint.make(work, occasion, who, grant, {});
  });
}

Answer<TokenAnswer> TokenRequests::for_device(const Occasion& occasion,
                                              const AuthenticatedClient& client,
                                              const Parameters& parameters) {
  const std::string code(TRY(parameters.need("device_code")));
  return run(occasion, [&](Work& work, const Mint& mint) -> Answer<TokenAnswer> {
    Grant grant = TRY(take_device_grant(work, occasion, client, code));
    TRY_VOID(check_in_force(work, occasion.tenant, grant.person));
    TRY_VOID(check_thing_in_force(work, occasion.tenant, client.client()));
    grant.binding = client.binding();
    TRY_VOID(update_grant(work, occasion.tenant, grant));
    const Wanted wanted{.refresh_token = client.client().may(GrantType::kRefreshToken),
                        .id_token = true};
    return mint.make(work, occasion, client.client(), grant, wanted);
  });
}

}  // namespace wardlock::oauth
