#include "authn/oauth/authorizations.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "authn/oauth/consents.h"
#include "authn/oauth/grant_rows.h"
#include "authn/oauth/people.h"
#include "authn/oauth/scope.h"
#include "authn/oauth/transaction.h"
#include "directory/identifier/uuid7.h"

namespace wardlock::oauth {
namespace {

using authn::Session;
using storage::Work;

constexpr std::string_view kPushedPrefix = "urn:ietf:params:oauth:request_uri:";

std::unexpected<Refusal> refuse_unknown() {
  return refuse(Fault::kInvalidRequest, "no request waits here; go back and begin anew");
}

Answer<void> insert_request(Work& work, const Occasion& occasion, std::string_view ticket,
                            std::string_view form, std::string_view client,
                            const std::string& document, std::int64_t until_ms) {
  TRY(
      work.run("INSERT INTO oauth_request (tenant, hash, form, client, document, until_ms) "
               "VALUES ($1, $2, $3, $4, $5, $6)",
               occasion.tenant, hash_of(ticket), form, client, document, until_ms));
  return {};
}

Refusal refusal_of(Awaited awaited) {
  switch (awaited) {
    case Awaited::kSignIn: return {Fault::kLoginRequired, "nobody is signed in, or must anew"};
    case Awaited::kStepUp:
      return {Fault::kInteractionRequired, "who is signed in must prove more surely who they are"};
    case Awaited::kConsent: return {Fault::kConsentRequired, "the person must be asked"};
    case Awaited::kNothing: break;
  }
  return {Fault::kServerError, "nothing is awaited"};
}

}  // namespace

/// A pushed request is taken once, and nothing beside it counts (RFC 9126, 4).
Answer<Parameters> Authorizations::take_pushed(Work& work, const Occasion& occasion,
                                               const Parameters& parameters) const {
  const std::string_view uri = parameters.text("request_uri");
  if (!uri.starts_with(kPushedPrefix)) {
    return refuse(Fault::kInvalidRequestUri, "'request_uri' is none that was pushed here");
  }
  const std::string hash = hash_of(uri.substr(kPushedPrefix.size()));
  const storage::Rows rows =
      TRY(work.query("DELETE FROM oauth_request WHERE tenant = $1 AND hash = $2 AND "
                     "form = 'pushed' RETURNING client, document, until_ms",
                     occasion.tenant, hash));
  const bool is_good = !rows.empty() && rows.front().integer(2) > occasion.now_ms &&
                       rows.front().text(0) == parameters.text("client_id");
  if (!is_good) {
    return refuse(Fault::kInvalidRequestUri, "'request_uri' is unknown, used, or too old");
  }
  return Parameters::read(rows.front().text(1));
}

std::expected<Begun, AuthorizationRefusal> Authorizations::begin_in(Work& work,
                                                                    const Occasion& occasion,
                                                                    const Parameters& parameters,
                                                                    const Session* session) const {
  const auto refuse_to = [](Refusal refusal, std::optional<ReturnAddress> address = {}) {
    return std::unexpected(
        AuthorizationRefusal{.refusal = std::move(refusal), .address = std::move(address)});
  };
  const auto id = parameters.need("client_id");
  if (!id) return refuse_to(id.error());
  const auto client = find_client(work, occasion.tenant, *id);
  if (!client) return refuse_to(client.error());
  if (!*client) return refuse_to({Fault::kInvalidRequest, "the 'client_id' is not known"});
  const bool was_pushed = parameters.has("request_uri");
  Answer<Parameters> asked = was_pushed ? take_pushed(work, occasion, parameters) : parameters;
  if (!asked) return refuse_to(asked.error());
  auto request = check_authorization_request(**client, *asked);
  if (!request) return std::unexpected(std::move(request).error());
  if (!was_pushed && (options_.must_push || (*client)->must_push)) {
    return refuse_to({Fault::kInvalidRequest, "this request must be pushed (PAR)"},
                     request->address);
  }
  const ReturnAddress address = request->address;
  auto begun = answer_or_wait(work, occasion,
                              {.request = *std::move(request),
                               .client = **client,
                               .issuer = occasion.issuer,
                               .since_ms = occasion.now_ms},
                              session);
  if (!begun) return refuse_to(begun.error(), address);
  return *std::move(begun);
}

Answer<Begun> Authorizations::answer_or_wait(Work& work, const Occasion& occasion, const Kept& kept,
                                             const Session* session) const {
  const Awaited next = TRY(awaited(work, occasion, kept, session));
  const bool needs_patient =
      has_scope(kept.request.scopes, "launch/patient") || has_scope(kept.request.scopes, "launch");
  if (next == Awaited::kNothing && !needs_patient) {
    return Begun{.handle = {}, .answer = TRY(issue_code(work, occasion, kept, *session, {}))};
  }
  if (kept.request.must_not_ask) {
    const Refusal refusal = next == Awaited::kNothing
                                ? Refusal(Fault::kInteractionRequired, "a patient must be chosen")
                                : refusal_of(next);
    return std::unexpected(refusal);
  }
  Begun begun{.handle = new_ticket(Ticket::kRequest, parts_.fill_random)};
  boost::json::object document;
  document["request"] = request_text(kept.request);
  document["issuer"] = kept.issuer;
  document["since_ms"] = kept.since_ms;
  TRY_VOID(insert_request(work, occasion, begun.handle, "pending", kept.client.id,
                          codec::to_json_text(codec::Json(std::move(document))),
                          occasion.now_ms + kPendingMs));
  return begun;
}

std::expected<Begun, AuthorizationRefusal> Authorizations::begin(const Occasion& occasion,
                                                                 const Parameters& parameters,
                                                                 const Session* session) {
  std::optional<std::expected<Begun, AuthorizationRefusal>> begun;
  const auto written = parts_.store.write([&](Work& work) -> Result<void> {
    begun.emplace(begin_in(work, occasion, parameters, session));
    if (work.failure()) return std::unexpected(*work.failure());
    return {};
  });
  if (!written) {
    return std::unexpected(AuthorizationRefusal{.refusal = Refusal(written.error())});
  }
  return *std::move(begun);
}

Answer<std::string> Authorizations::push(const Occasion& occasion,
                                         const AuthenticatedClient& client,
                                         const Parameters& parameters) {
  if (parameters.has("request_uri")) {
    return refuse(Fault::kInvalidRequest, "a pushed request has no 'request_uri'");
  }
  Parameters kept = parameters;
  for (const std::string_view name :
       {"client_secret", "client_assertion", "client_assertion_type"}) {
    kept.remove(name);
  }
  const std::string& proved = client.binding().dpop_key;
  if (!proved.empty()) {
    if (kept.has("dpop_jkt") && kept.text("dpop_jkt") != proved) {
      return refuse(Fault::kInvalidDpopProof, "'dpop_jkt' is another key than the proof's");
    }
    kept.set("dpop_jkt", proved);  // RFC 9449, 10.1
  }
  kept.set("client_id", client.client().id);
  if (const auto request = check_authorization_request(client.client(), kept); !request) {
    return std::unexpected(request.error().refusal);
  }
  const std::string ticket = new_ticket(Ticket::kRequest, parts_.fill_random);
  const auto pushed = transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    return insert_request(work, occasion, ticket, "pushed", client.client().id, kept.form(),
                          occasion.now_ms + kPushedMs);
  });
  if (!pushed) return std::unexpected(pushed.error());
  return std::string(kPushedPrefix) + ticket;
}

Answer<Authorizations::Kept> Authorizations::read_pending(Work& work, const Occasion& occasion,
                                                          std::string_view handle) const {
  const storage::Rows rows =
      TRY(work.query("SELECT document, until_ms FROM oauth_request WHERE tenant = $1 AND "
                     "hash = $2 AND form = 'pending'",
                     occasion.tenant, hash_of(handle)));
  if (rows.empty() || rows.front().integer(1) <= occasion.now_ms) return refuse_unknown();
  const codec::Json document = TRY(codec::parse_json(rows.front().text(0)));
  Kept kept{.request = TRY(read_request_text(document.at("request").as_string())),
            .client = {},
            .issuer = std::string(document.at("issuer").as_string()),
            .since_ms = document.at("since_ms").as_int64()};
  auto client = TRY(find_client(work, occasion.tenant, kept.request.client));
  if (!client) return refuse_unknown();
  kept.client = *std::move(client);
  return kept;
}

Answer<Awaited> Authorizations::awaited(Work& work, const Occasion& occasion, const Kept& kept,
                                        const Session* session) const {
  const AuthorizationRequest& request = kept.request;
  if (session == nullptr || session->tenant != occasion.tenant || session->is_locked) {
    return Awaited::kSignIn;
  }
  const authn::Assurance& assurance = session->assurance;
  std::int64_t since_ms = request.must_sign_in ? kept.since_ms : 0;
  if (request.max_age_s) {
    since_ms = std::max(since_ms, occasion.now_ms - *request.max_age_s * 1000);
  }
  if (assurance.authenticated_ms < since_ms) return Awaited::kSignIn;
  if (authn::number_of(assurance.level) < request.level) return Awaited::kStepUp;
  const auto given = TRY(consented(work, occasion, session->person, kept.client.id));
  // Anybody can say that they are a program on a person's device: what was said yes to before may
  // have been another (RFC 8252, 8.6).
  const bool is_surely_it =
      !kept.client.is_public() || request.address.redirect_uri.starts_with("https://");
  const bool was_asked = given && are_among(request.scopes, *given);
  const bool must_ask = kept.client.asks_consent && !(is_surely_it && was_asked);
  return must_ask || request.must_consent ? Awaited::kConsent : Awaited::kNothing;
}

Answer<PendingRequest> Authorizations::find(const Occasion& occasion, std::string_view handle,
                                            const Session* session) const {
  return look<PendingRequest>(parts_.store, [&](Work& work) -> Answer<PendingRequest> {
    Kept kept = TRY(read_pending(work, occasion, handle));
    const Awaited next = TRY(awaited(work, occasion, kept, session));
    PendingRequest pending{.request = kept.request,
                           .client_name = kept.client.name,
                           .is_self_registered = kept.client.is_self_registered,
                           .lasts = lifetime_of(kept.client, kept.request.scopes),
                           .awaited = next};
    if (kept.request.must_sign_in) pending.signed_in_since_ms = kept.since_ms;
    if (kept.request.max_age_s) {
      pending.signed_in_since_ms =
          std::max(pending.signed_in_since_ms, occasion.now_ms - *kept.request.max_age_s * 1000);
    }
    return pending;
  });
}

Answer<ReturnAnswer> Authorizations::issue_code(Work& work, const Occasion& occasion,
                                                const Kept& kept, const Session& session,
                                                const Approval& approval) const {
  TRY_VOID(check_in_force(work, occasion.tenant, session.person));
  const AuthorizationRequest& request = kept.request;
  directory::UuidEntropy entropy;
  parts_.fill_random(entropy);
  const std::int64_t lifetime_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(kept.client.refresh_lifetime).count();
  const Grant grant{.id = directory::make_uuid7(occasion.now_ms, entropy),
                    .client = kept.client.id,
                    .issuer = kept.issuer,
                    .person = session.person,
                    .session = session.id,
                    .scopes = approval.scopes.empty() ? request.scopes : approval.scopes,
                    .audiences = request.audiences,
                    .authentication = {.level = authn::number_of(session.assurance.level),
                                       .methods = session.assurance.methods,
                                       .at_ms = session.assurance.authenticated_ms},
                    .patient = approval.patient,
                    .encounter = approval.encounter,
                    .purpose_of_use = request.purpose_of_use,
                    .nonce = request.nonce,
                    .made_ms = occasion.now_ms,
                    .ends_ms = occasion.now_ms + lifetime_ms};
  TRY_VOID(insert_grant(work, occasion.tenant, grant));
  const std::string code = new_ticket(Ticket::kCode, parts_.fill_random);
  TRY_VOID(insert_token(work, occasion.tenant,
                        {.hash = hash_of(code),
                         .kind = TokenKind::kCode,
                         .grant = grant.id,
                         .document = request_text(request),
                         .made_ms = occasion.now_ms,
                         .until_ms = occasion.now_ms + kCodeMs}));
  Parameters answer;
  answer.set("code", code);
  return answer_to(request.address, kept.issuer, std::move(answer));
}

Answer<ReturnAnswer> Authorizations::approve(const Occasion& occasion, std::string_view handle,
                                             const Session& session, const Approval& approval) {
  return transact<ReturnAnswer>(parts_.store, [&](Work& work) -> Answer<ReturnAnswer> {
    const Kept kept = TRY(read_pending(work, occasion, handle));
    const Awaited next = TRY(awaited(work, occasion, kept, &session));
    if (next == Awaited::kSignIn || next == Awaited::kStepUp) {
      return std::unexpected(refusal_of(next));
    }
    if (!are_among(approval.scopes, kept.request.scopes)) {
      return refuse(Fault::kInvalidScope, "more is approved than was asked for");
    }
    if (has_scope(kept.request.scopes, "launch/patient") && approval.patient.empty()) {
      return refuse(Fault::kInteractionRequired, "a patient must be chosen");
    }
    TRY(work.run("DELETE FROM oauth_request WHERE tenant = $1 AND hash = $2", occasion.tenant,
                 hash_of(handle)));
    if (approval.is_remembered) {
      TRY_VOID(remember_consent(work, occasion, session.person, kept.client.id,
                                approval.scopes.empty() ? kept.request.scopes : approval.scopes));
    }
    return issue_code(work, occasion, kept, session, approval);
  });
}

Answer<ReturnAnswer> Authorizations::deny(const Occasion& occasion, std::string_view handle) {
  return transact<ReturnAnswer>(parts_.store, [&](Work& work) -> Answer<ReturnAnswer> {
    const Kept kept = TRY(read_pending(work, occasion, handle));
    TRY(work.run("DELETE FROM oauth_request WHERE tenant = $1 AND hash = $2", occasion.tenant,
                 hash_of(handle)));
    return refusal_to(kept.request.address, kept.issuer,
                      {Fault::kAccessDenied, "the person did not approve it"});
  });
}

Answer<std::string> Authorizations::keep_answer(const Occasion& occasion,
                                                const ReturnAnswer& answer) {
  std::string ticket = new_ticket(Ticket::kRequest, parts_.fill_random);
  boost::json::object document;
  document["redirect_uri"] = answer.to.redirect_uri;
  document["form"] = answer.parameters.form();
  const auto kept = transact<void>(parts_.store, [&](Work& work) -> Answer<void> {
    return insert_request(work, occasion, ticket, "answer", {},
                          codec::to_json_text(codec::Json(document)), occasion.now_ms + kCodeMs);
  });
  if (!kept) return std::unexpected(kept.error());
  return ticket;
}

Answer<ReturnAnswer> Authorizations::take_answer(const Occasion& occasion,
                                                 std::string_view ticket) {
  return transact<ReturnAnswer>(parts_.store, [&](Work& work) -> Answer<ReturnAnswer> {
    const storage::Rows rows =
        TRY(work.query("DELETE FROM oauth_request WHERE tenant = $1 AND hash = $2 AND "
                       "form = 'answer' RETURNING document, until_ms",
                       occasion.tenant, hash_of(ticket)));
    if (rows.empty() || rows.front().integer(1) <= occasion.now_ms) return refuse_unknown();
    const codec::Json document = TRY(codec::parse_json(rows.front().text(0)));
    const ReturnAddress to{.redirect_uri = std::string(document.at("redirect_uri").as_string()),
                           .state = {},
                           .mode = ResponseMode::kFormPost};
    Parameters parameters = TRY(Parameters::read(document.at("form").as_string()));
    return ReturnAnswer{.to = to, .parameters = std::move(parameters)};
  });
}

}  // namespace wardlock::oauth
