#include "authn/oauth/oauth_for_test.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <span>

#include "authn/oauth/tables.h"
#include "authn/session/tables.h"
#include "codec/base64.h"
#include "codec/base64url.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "directory/registry/tables.h"
#include "secrets/secret_table.h"

namespace wardlock::oauth {
namespace {

template <typename T>
T must_have(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  return *std::move(result);
}

std::string encoded(std::string_view text) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::vector<storage::Migration> all_tables() {
  const auto of_directory = directory::migrations();
  std::vector<storage::Migration> all(of_directory.begin(), of_directory.end());
  all.push_back(authn::kSessionTables);
  const auto ours = migrations();
  all.insert(all.end(), ours.begin(), ours.end());
  all.push_back(kInvitationTables);
  return all;
}

const directory::Mandate& mandate(std::string_view tenant) {
  static directory::Mandate mandate{.tenant = "", .actor_type = "User", .actor_id = "admin"};
  mandate.tenant = tenant;
  return mandate;
}

}  // namespace

jose::SigningKey new_key(std::string_view id) {
  return {.key = crypto::PrivateKey::generate(crypto::KeyType::kP256),
          .algorithm = jose::SignatureAlgorithm::kEs256,
          .id = std::string(id)};
}

std::string signed_with_header(const jose::SigningKey& key, const boost::json::object& header,
                               const boost::json::object& claims) {
  const std::string text = encoded(codec::to_json_text(codec::Json(header))) + "." +
                           encoded(codec::to_json_text(codec::Json(claims)));
  const auto signature = crypto::ecdsa_from_der(key.algorithm, key.key.sign(key.algorithm, text));
  return text + "." + encoded(*signature);
}

std::string dpop_proof(const ProofForTest& proof) {
  boost::json::object claims = {
      {"htm", proof.method}, {"htu", proof.url}, {"jti", proof.id}, {"iat", proof.now_ms / 1000}};
  if (!proof.nonce.empty()) claims["nonce"] = proof.nonce;
  if (!proof.token.empty()) claims["ath"] = codec::to_base64url(crypto::sha256(proof.token));
  return signed_with_header(
      proof.key,
      {{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", to_jwk(proof.key.verification_key())}},
      claims);
}

OAuthForTest::OAuthForTest(const Provider::Options& options, Promoted promoted)
    : store_(open(all_tables())) {
  secrets_ = std::make_unique<secrets::SecretTable>(
      secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}).value());
  registry_ = std::make_unique<directory::Registry>(
      *store_, directory::Surroundings{
                   .clock = [this] { return now_; },
                   .fill_random = [](std::span<std::uint8_t> bytes) { crypto::fill_random(bytes); },
                   .node = "node-1",
                   .secrets = secrets_.get(),
                   .promoted = std::move(promoted)});
  provider_ = std::make_unique<Provider>(
      Parts{.store = *store_,
            .secrets = *secrets_,
            .registry = *registry_,
            .fill_random = [](std::span<std::uint8_t> bytes) { crypto::fill_random(bytes); },
            .tell = [this](storage::Work&, const Occasion&,
                           const event::Event& event) -> Result<void> {
              told_.emplace_back(event.action);
              return {};
            },
            .fetch_keys = [this](const std::string& url) { return published_(url); }},
      crypto::HmacKey("a key for nonces"), options);
  grey_ = person("grey");
}

Occasion OAuthForTest::at(std::string_view tenant) const {
  const std::string path = tenant == "main" ? "" : "/" + std::string(tenant);
  return {.tenant = std::string(tenant), .issuer = "https://id.example" + path, .now_ms = now_};
}

Client OAuthForTest::client(std::string_view json, std::string_view tenant) {
  boost::json::object metadata = {
      {"client_name", "Ward list"},
      {"redirect_uris", {kRedirect}},
      {"grant_types", {"authorization_code", "refresh_token"}},
      {"scope", "openid profile email offline_access fhirUser iua user/*.rs launch/patient"},
      {"audiences", {"https://fhir.example/r4"}},
      {"require_consent", false}};
  const codec::Json other = must_have(codec::parse_json(json));
  for (const auto& member : other.as_object()) {
    metadata[member.key()] = member.value();
  }
  auto written = must(provider_->clients.write(at(tenant), metadata));
  if (written.secret) secret_ = written.secret->reveal();
  return written.client;
}

std::string OAuthForTest::person(std::string_view name, std::string_view tenant) {
  std::string id;
  const auto written =
      registry_->write(mandate(tenant), [&](directory::Edit& edit) -> Result<void> {
        const codec::Json document = {
            {"userName", name},
            {"displayName", "Dr. Meredith Grey"},
            {"npi", "1234567893"},
            {"emails", {{{"value", std::string(name) + "@st-mary.example"}}}}};
        id = TRY(edit.create(directory::Kind::kPerson, document, "active")).id;
        return {};
      });
  EXPECT_TRUE(written) << written.error().message;
  return id;
}

void OAuthForTest::suspend(std::string_view person) {
  const auto written =
      registry_->write(mandate("main"), [&](directory::Edit& edit) -> Result<void> {
        TRY(edit.set_state(person, std::nullopt, "suspended"));
        return {};
      });
  ASSERT_TRUE(written) << written.error().message;
}

authn::Session OAuthForTest::session(std::string_view person, std::string_view id,
                                     std::string_view tenant) const {
  authn::Session session;
  session.id = id;
  session.tenant = tenant;
  session.person = person;
  session.assurance.level = authn::AssuranceLevel::kAal2;
  session.assurance.methods = {"hwk", "user"};
  session.assurance.authenticated_ms = now_ - 60'000;
  session.environment = "office";
  session.started_ms = now_ - 60'000;
  session.idle_until_ms = now_ + 3'600'000;
  session.ends_ms = now_ + 36'000'000;
  return session;
}

Parameters OAuthForTest::asked(const Client& client, Pairs other) const {
  Parameters parameters = {{"response_type", "code"},
                           {"client_id", client.id},
                           {"redirect_uri", std::string(kRedirect)},
                           {"scope", "openid profile"},
                           {"state", "state-1"},
                           {"nonce", "nonce-1"},
                           {"code_challenge", std::string(kChallenge)},
                           {"code_challenge_method", "S256"}};
  for (const auto& [name, value] : other) parameters.set(name, value);
  return parameters;
}

ReturnAnswer OAuthForTest::approved(const Parameters& asked, const authn::Session& session,
                                    const Approval& approval) {
  const auto begun = provider_->authorizations.begin(at(session.tenant), asked, nullptr);
  if (!begun) {
    ADD_FAILURE() << begun.error().refusal.description;
    std::abort();
  }
  return must(
      provider_->authorizations.approve(at(session.tenant), begun->handle, session, approval));
}

std::string OAuthForTest::code(const Client& client, Pairs other) {
  return std::string(approved(asked(client, other), session(grey_)).parameters.text("code"));
}

Answer<AuthenticatedClient> OAuthForTest::authenticated(const Client& client,
                                                        const Parameters& parameters,
                                                        std::string_view dpop,
                                                        std::string_view tenant) {
  const std::string pair = client.id + ":" + secret_;
  const std::string basic =
      "Basic " +
      codec::to_base64(std::span(reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()));
  ClientRequest request{.parameters = parameters, .url = kTokenUrl};
  Parameters named = parameters;
  if (client.proof == ClientProof::kSecretBasic) request.authorization = basic;
  if (!dpop.empty()) request.dpop = dpop;
  if (client.proof == ClientProof::kNone) {
    named.set("client_id", client.id);
    return provider_->authenticator.authenticate(
        at(tenant), {.parameters = named, .dpop = request.dpop, .url = kTokenUrl});
  }
  return provider_->authenticator.authenticate(at(tenant), request);
}

Answer<TokenAnswer> OAuthForTest::request(const Client& client, Pairs pairs, std::string_view dpop,
                                          std::string_view tenant) {
  Parameters parameters;
  for (const auto& [name, value] : pairs) parameters.set(name, value);
  const auto who = TRY(authenticated(client, parameters, dpop, tenant));
  return provider_->token_requests.answer(at(tenant), who, parameters);
}

Answer<TokenAnswer> OAuthForTest::redeem(const Client& client, std::string_view code, Pairs other,
                                         std::string_view dpop) {
  Parameters parameters = {{"grant_type", "authorization_code"},
                           {"code", std::string(code)},
                           {"redirect_uri", std::string(kRedirect)},
                           {"code_verifier", std::string(kVerifier)}};
  for (const auto& [name, value] : other) parameters.set(name, value);
  const auto who = TRY(authenticated(client, parameters, dpop));
  return provider_->token_requests.answer(at(), who, parameters);
}

TokenAnswer OAuthForTest::signed_in(const Client& client, Pairs other) {
  return must(redeem(client, code(client, other)));
}

bool OAuthForTest::is_good(std::string_view token, std::string_view tenant) {
  return provider_->tokens.verify(at(tenant), token).has_value();
}

boost::json::object OAuthForTest::claims_of(std::string_view jwt) const {
  const auto jws = jose::UnverifiedJws::parse(jwt);
  EXPECT_TRUE(jws) << jws.error().message;
  return must_have(codec::parse_json(jws->payload())).as_object();
}

}  // namespace wardlock::oauth
