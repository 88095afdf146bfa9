#include <algorithm>
#include <utility>

#include "authn/oauth/grant_rows.h"
#include "authn/oauth/people.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/token_requests.h"
#include "directory/identifier/uuid7.h"

// RFC 8693, delegation alone: the new token says of whom it speaks, and who acts for them. Nobody
// becomes somebody else.
namespace wardlock::oauth {
namespace {

using storage::Work;

constexpr std::string_view kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::string_view kJwtType = "urn:ietf:params:oauth:token-type:jwt";
/// So many may stand behind each other.
constexpr int kMostActors = 4;

int depth_of(const codec::Json& actor) {
  const codec::Json* inner = &actor;
  int depth = 0;
  while (inner != nullptr && inner->is_object()) {
    ++depth;
    inner = inner->get_object().if_contains("act");
  }
  return depth;
}

Answer<void> check_types(const Parameters& parameters) {
  const auto is_ours = [](std::string_view type) {
    return type == kAccessTokenType || type == kJwtType;
  };
  if (!is_ours(TRY(parameters.need("subject_token_type")))) {
    return refuse(Fault::kInvalidRequest, "'subject_token_type' is no access token's");
  }
  if (parameters.has("actor_token")) {
    return refuse(Fault::kInvalidRequest, "who acts is the client itself; send no 'actor_token'");
  }
  const auto wanted = parameters.find("requested_token_type");
  if (wanted && !is_ours(*wanted)) {
    return refuse(Fault::kInvalidRequest, "'requested_token_type' is no access token's");
  }
  return {};
}

/// What was given to somebody else than this client is none of its business, unless the house says
/// so: the token must be for the client, or for one whose tokens it may exchange.
Answer<void> check_reach(const Subject& subject, const Client& client) {
  const auto is_one = [&](const std::string& audience) {
    return audience == client.id || has_scope(client.exchange_audiences, audience);
  };
  if (std::ranges::any_of(subject.audiences, is_one)) return {};
  return refuse(Fault::kInvalidRequest, "the client may not exchange tokens of this audience");
}

/// All of the subject's that the client may have, or those asked for.
Answer<std::vector<std::string>> scopes_for(const Subject& subject, const Client& client,
                                            const Parameters& parameters) {
  std::vector<std::string> asked = TRY(read_scopes(parameters.text("scope")));
  if (asked.empty()) {
    for (const std::string& scope : subject.scopes) {
      if (check_scopes({scope}, client.scopes)) asked.push_back(scope);
    }
    return asked;
  }
  TRY_VOID(check_scopes(asked, client.scopes));
  TRY_VOID(check_scopes(asked, subject.scopes));
  return asked;
}

codec::Json actor_of(const Subject& subject, const Client& client) {
  boost::json::object actor;
  actor["sub"] = client.id;
  if (!client.thing.empty()) actor["thing"] = client.thing;
  if (!subject.actor.is_null()) actor["act"] = subject.actor;
  return actor;
}

}  // namespace

Answer<TokenAnswer> TokenRequests::exchange(const Occasion& occasion,
                                            const AuthenticatedClient& client,
                                            const Parameters& parameters) {
  const Client& who = client.client();
  TRY_VOID(check_types(parameters));
  const auto verified = tokens_.verify_waiting(occasion, TRY(parameters.need("subject_token")));
  if (!verified) return refuse(Fault::kInvalidRequest, "'subject_token' is not good");
  const Subject& subject = **verified;
  if (subject.person.empty()) {
    return refuse(Fault::kInvalidRequest, "'subject_token' speaks for nobody who signed in");
  }
  TRY_VOID(check_reach(subject, who));
  if (depth_of(subject.actor) >= kMostActors) {
    return refuse(Fault::kInvalidRequest, "too many act behind each other");
  }
  std::vector<std::string> asked = parameters.all("resource");
  for (std::string& each : parameters.all("audience")) asked.push_back(std::move(each));
  std::vector<std::string> audiences = TRY(who.audiences_for(asked));
  std::vector<std::string> scopes = TRY(scopes_for(subject, who, parameters));
  directory::UuidEntropy entropy;
  parts_.fill_random(entropy);
  const Grant grant{.id = directory::make_uuid7(occasion.now_ms, entropy),
                    .client = who.id,
                    .issuer = occasion.issuer,
                    .person = subject.person,
                    .session = subject.session,
                    .parent = subject.grant,
                    .type = GrantType::kTokenExchange,
                    .scopes = std::move(scopes),
                    .audiences = std::move(audiences),
                    .authentication = subject.authentication,
                    .binding = client.binding(),
                    .actor = actor_of(subject, who),
                    .made_ms = occasion.now_ms,
                    .ends_ms = subject.expires_ms};
  return run(occasion, [&](Work& work, const Mint& mint) -> Answer<TokenAnswer> {
    TRY_VOID(check_in_force(work, occasion.tenant, grant.person));
    if (!who.thing.empty()) TRY_VOID(check_in_force(work, occasion.tenant, who.thing));
    const auto parent = TRY(find_grant(work, occasion.tenant, grant.parent));
    if (!parent || parent->is_ended) {
      return refuse(Fault::kInvalidRequest, "'subject_token' is not good");
    }
    TRY_VOID(insert_grant(work, occasion.tenant, grant));
    TokenAnswer answer =
        TRY(mint.make(work, occasion, who, grant, {.until_ms = subject.expires_ms}));
    answer.issued_token_type = kAccessTokenType;
    return answer;
  });
}

}  // namespace wardlock::oauth
