#include "authn/oauth/token_requests.h"

#include <gtest/gtest.h>

#include "authn/oauth/oauth_for_test.h"

namespace wardlock::oauth {
namespace {

class TokenRequestsTest : public OAuthForTest {};
WARDLOCK_ON_EACH_DATABASE(TokenRequestsTest);

TEST_P(TokenRequestsTest, ACodeIsGoodForTokensThatSayWhoSignedIn) {
  const Client app = client();
  const TokenAnswer answer = signed_in(app, {{"scope", "openid profile fhirUser"}});
  EXPECT_EQ(answer.to_json().at("token_type").as_string(), "Bearer");
  EXPECT_EQ(answer.expires_in_s, 300);
  EXPECT_EQ(answer.scope, "openid profile fhirUser");
  const auto access = claims_of(answer.access_token);
  EXPECT_EQ(access.at("iss").as_string(), "https://id.example");
  EXPECT_EQ(access.at("sub").as_string(), grey_);
  EXPECT_EQ(access.at("client_id").as_string(), app.id);
  EXPECT_EQ(codec::to_json_text(access.at("aud")),
            R"(["https://fhir.example/r4","https://id.example"])");
  EXPECT_EQ(access.at("acr").as_string(), "http://idmanagement.gov/ns/assurance/aal/2");
  EXPECT_EQ(access.at("fhirUser").as_string(), "https://fhir.example/r4/Practitioner/" + grey_);
  const auto id = claims_of(answer.id_token);
  EXPECT_EQ(id.at("aud").as_string(), app.id);
  EXPECT_EQ(id.at("nonce").as_string(), "nonce-1");
  EXPECT_EQ(id.at("sid").as_string(), "session-1");
  EXPECT_EQ(id.at("auth_time").as_int64(), now_ / 1000 - 60);
  EXPECT_EQ(codec::to_json_text(id.at("amr")), R"(["hwk","user"])");
  EXPECT_TRUE(is_good(answer.access_token));
  now_ += 300'000;
  EXPECT_FALSE(is_good(answer.access_token)) << "after its time";
}

TEST_P(TokenRequestsTest, ACodeIsTakenOnceAndASecondUseEndsWhatCameOfIt) {
  const Client app = client();
  const std::string code = this->code(app);
  const TokenAnswer answer = must(redeem(app, code));
  EXPECT_TRUE(is_good(answer.access_token));
  EXPECT_REFUSED(redeem(app, code), Fault::kInvalidGrant);
  EXPECT_FALSE(is_good(answer.access_token)) << "a copied code";
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}),
      Fault::kInvalidGrant);
  EXPECT_EQ(told_.back(), "code used twice");
}

TEST_P(TokenRequestsTest, ACodeLivesForAMinute) {
  const Client app = client();
  const std::string code = this->code(app);
  now_ += Authorizations::kCodeMs;
  EXPECT_REFUSED(redeem(app, code), Fault::kInvalidGrant);
}

TEST_P(TokenRequestsTest, ACodeOfAnotherClientIsRefusedAndStaysThatClients) {
  const Client app = client();
  const std::string secret = secret_;
  const std::string code = this->code(app);
  const Client thief = client(R"({"client_name": "Another"})");
  EXPECT_REFUSED(redeem(thief, code), Fault::kInvalidGrant);
  secret_ = secret;
  EXPECT_TRUE(redeem(app, code)) << "its own client lost it to a stranger";
}

TEST_P(TokenRequestsTest, ACodeNeedsItsVerifier) {
  const Client app = client();
  const std::string code = this->code(app);
  EXPECT_REFUSED(redeem(app, code, {{"code_verifier", ""}}), Fault::kInvalidGrant);
  EXPECT_REFUSED(redeem(app, code, {{"code_verifier", kChallenge}}), Fault::kInvalidGrant);
  EXPECT_REFUSED(redeem(app, code, {{"code_verifier", "short"}}), Fault::kInvalidGrant);
  EXPECT_REFUSED(
      redeem(app, code, {{"code_verifier", "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}}),
      Fault::kInvalidGrant);
  EXPECT_TRUE(redeem(app, code));
}

TEST_P(TokenRequestsTest, ACodeGoesBackToWhereItWasAskedFrom) {
  const Client app =
      client(R"({"redirect_uris": ["https://app.example/signed-in", "https://app.example/b"]})");
  const std::string code = this->code(app);
  EXPECT_REFUSED(redeem(app, code, {{"redirect_uri", "https://app.example/b"}}),
                 Fault::kInvalidGrant);
  EXPECT_REFUSED(redeem(app, code, {{"redirect_uri", ""}}), Fault::kInvalidGrant);
  EXPECT_TRUE(redeem(app, code));
}

TEST_P(TokenRequestsTest, ACodeOfOneTenantIsNothingAtAnother) {
  const Client app = client();
  const std::string code = this->code(app);
  const Client there = client("{}", "other");
  const auto answer = request(there,
                              {{"grant_type", "authorization_code"},
                               {"code", code},
                               {"redirect_uri", kRedirect},
                               {"code_verifier", kVerifier}},
                              "", "other");
  EXPECT_REFUSED(answer, Fault::kInvalidGrant);
}

TEST_P(TokenRequestsTest, ATokenOfOneTenantIsNothingAtAnother) {
  const Client jwt = client();
  const TokenAnswer answer = signed_in(jwt);
  const Client opaque = client(R"({"access_token_format": "opaque"})");
  const TokenAnswer other = signed_in(opaque);
  EXPECT_TRUE(is_good(answer.access_token));
  EXPECT_TRUE(is_good(other.access_token));
  EXPECT_TRUE(provider_->keys.keep_up(at("other")));
  EXPECT_FALSE(is_good(answer.access_token, "other"));
  EXPECT_FALSE(is_good(other.access_token, "other"));
}

TEST_P(TokenRequestsTest, WhoLeftGetsNothingForACodeOrARefreshToken) {
  const Client app = client();
  const TokenAnswer answer = signed_in(app);
  const std::string code = this->code(app);
  suspend(grey_);
  EXPECT_REFUSED(redeem(app, code), Fault::kInvalidGrant);
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}),
      Fault::kInvalidGrant);
}

TEST_P(TokenRequestsTest, ARefreshTokenIsReplacedEachTime) {
  const Client app = client();
  const TokenAnswer first = signed_in(app);
  const TokenAnswer second =
      must(request(app, {{"grant_type", "refresh_token"}, {"refresh_token", first.refresh_token}}));
  EXPECT_NE(first.refresh_token, second.refresh_token);
  EXPECT_FALSE(claims_of(second.id_token).contains("nonce"));
  EXPECT_EQ(claims_of(second.id_token).at("auth_time"), claims_of(first.id_token).at("auth_time"));
  EXPECT_TRUE(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", second.refresh_token}}));
}

TEST_P(TokenRequestsTest, ARefreshTokenThatComesAgainEndsAllThatCameOfIt) {
  const Client app = client();
  const TokenAnswer first = signed_in(app);
  const TokenAnswer second =
      must(request(app, {{"grant_type", "refresh_token"}, {"refresh_token", first.refresh_token}}));
  now_ += TokenRequests::kRetryMs + 1;
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", first.refresh_token}}),
      Fault::kInvalidGrant);
  EXPECT_FALSE(is_good(first.access_token));
  EXPECT_FALSE(is_good(second.access_token));
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", second.refresh_token}}),
      Fault::kInvalidGrant);
  EXPECT_EQ(told_.back(), "refresh token used twice");
}

TEST_P(TokenRequestsTest, ARetryAtOnceIsAnsweredAndWhatItReplacedIsATrap) {
  const Client app = client();
  const TokenAnswer first = signed_in(app);
  const auto refresh = [&](const std::string& token) {
    return request(app, {{"grant_type", "refresh_token"}, {"refresh_token", token}});
  };
  const TokenAnswer lost = must(refresh(first.refresh_token));
  now_ += TokenRequests::kRetryMs;
  const TokenAnswer retried = must(refresh(first.refresh_token));
  EXPECT_REFUSED(refresh(lost.refresh_token), Fault::kInvalidGrant) << "two go on with one token";
  EXPECT_REFUSED(refresh(retried.refresh_token), Fault::kInvalidGrant) << "a copy was not noticed";
  EXPECT_FALSE(is_good(retried.access_token));
}

TEST_P(TokenRequestsTest, NoRetryIsAnsweredOnceItsSuccessorWasUsed) {
  const Client app = client();
  const TokenAnswer first = signed_in(app);
  const auto refresh = [&](const std::string& token) {
    return request(app, {{"grant_type", "refresh_token"}, {"refresh_token", token}});
  };
  const TokenAnswer second = must(refresh(first.refresh_token));
  const TokenAnswer third = must(refresh(second.refresh_token));
  EXPECT_REFUSED(refresh(first.refresh_token), Fault::kInvalidGrant);
  EXPECT_FALSE(is_good(third.access_token));
}

TEST_P(TokenRequestsTest, ARefreshTokenOfAnotherClientIsRefusedAndStaysGood) {
  const Client app = client();
  const std::string secret = secret_;
  const TokenAnswer answer = signed_in(app);
  const Client thief = client();
  EXPECT_REFUSED(
      request(thief, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}),
      Fault::kInvalidGrant);
  secret_ = secret;
  EXPECT_TRUE(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}));
}

TEST_P(TokenRequestsTest, ARefreshTokenGivesNoMoreThanWasGranted) {
  const Client app = client();
  const TokenAnswer answer = signed_in(app);
  EXPECT_REFUSED(request(app, {{"grant_type", "refresh_token"},
                               {"refresh_token", answer.refresh_token},
                               {"scope", "openid email"}}),
                 Fault::kInvalidScope);
  EXPECT_REFUSED(request(app, {{"grant_type", "refresh_token"},
                               {"refresh_token", answer.refresh_token},
                               {"resource", "https://elsewhere.example"}}),
                 Fault::kInvalidTarget);
  const TokenAnswer less = must(request(app, {{"grant_type", "refresh_token"},
                                              {"refresh_token", answer.refresh_token},
                                              {"scope", "openid"}}));
  EXPECT_EQ(less.scope, "openid");
}

TEST_P(TokenRequestsTest, ARefreshTokenLivesUnusedForSoLong) {
  const Client app = client(R"({"refresh_token_idle_lifetime": 600})");
  const TokenAnswer answer = signed_in(app);
  now_ += 600'000;
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}),
      Fault::kInvalidGrant);
}

TEST_P(TokenRequestsTest, WhatComesOfOneSignInLivesForSoLongHoweverItIsUsed) {
  const Client app =
      client(R"({"refresh_token_idle_lifetime": 600, "refresh_token_lifetime": 1000})");
  TokenAnswer answer = signed_in(app);
  now_ += 500'000;
  answer = must(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}));
  now_ += 500'000;
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}),
      Fault::kInvalidGrant);
}

TEST_P(TokenRequestsTest, APublicClientsRefreshTokenIsTiedToItsKey) {
  const Client app =
      client(R"({"token_endpoint_auth_method": "none", "dpop_bound_access_tokens": true})");
  const auto key = new_key();
  const auto proof = [&](const jose::SigningKey& by, std::string id) {
    return dpop_proof(
        {.key = by, .nonce = provider_->proofs.nonce(now_), .id = std::move(id), .now_ms = now_});
  };
  const std::string code = this->code(app);
  const TokenAnswer answer = must(redeem(app, code, {}, proof(key, "1")));
  EXPECT_EQ(answer.to_json().at("token_type").as_string(), "DPoP");
  EXPECT_EQ(claims_of(answer.access_token).at("cnf").at("jkt").as_string(),
            jose::thumbprint(key.key.public_key()));
  const auto refresh = [&](const std::string& dpop) {
    return request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}},
                   dpop);
  };
  EXPECT_REFUSED(refresh(""), Fault::kInvalidDpopProof);
  EXPECT_REFUSED(refresh(proof(new_key(), "2")), Fault::kInvalidGrant);
  EXPECT_TRUE(refresh(proof(key, "3")));
}

TEST_P(TokenRequestsTest, TokensThatWereTiedToAKeyAreNotFollowedByPlainOnes) {
  const Client app = client();
  const auto key = new_key();
  const TokenAnswer answer = must(
      redeem(app, code(app), {},
             dpop_proof({.key = key, .nonce = provider_->proofs.nonce(now_), .now_ms = now_})));
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}}),
      Fault::kInvalidDpopProof);
  const auto other = new_key();
  EXPECT_TRUE(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", answer.refresh_token}},
              dpop_proof({.key = other, .nonce = provider_->proofs.nonce(now_), .now_ms = now_})));
}

TEST_P(TokenRequestsTest, ACodeThatIsTiedToAKeyNeedsIt) {
  const Client app = client();
  const auto key = new_key();
  const std::string thumbprint = jose::thumbprint(key.key.public_key());
  const std::string code = this->code(app, {{"dpop_jkt", thumbprint}});
  EXPECT_REFUSED(redeem(app, code), Fault::kInvalidGrant);
  const auto other = new_key();
  const std::string nonce = provider_->proofs.nonce(now_);
  EXPECT_REFUSED(
      redeem(app, code, {}, dpop_proof({.key = other, .nonce = nonce, .id = "1", .now_ms = now_})),
      Fault::kInvalidGrant);
  EXPECT_TRUE(
      redeem(app, code, {}, dpop_proof({.key = key, .nonce = nonce, .id = "2", .now_ms = now_})));
}

TEST_P(TokenRequestsTest, AClientMayUseOnlyWhatItWasGiven) {
  const Client app = client(R"({"grant_types": ["authorization_code"]})");
  const TokenAnswer answer = signed_in(app);
  EXPECT_EQ(answer.refresh_token, "");
  for (const std::string_view type :
       {"refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange"}) {
    EXPECT_REFUSED(request(app, {{"grant_type", type}}), Fault::kUnauthorizedClient) << type;
  }
  EXPECT_REFUSED(request(app, {{"grant_type", "password"}}), Fault::kUnsupportedGrantType);
  EXPECT_REFUSED(request(app, {}), Fault::kInvalidRequest);
}

TEST_P(TokenRequestsTest, AClientByItselfIsNobodyElse) {
  const Client app =
      client(R"({"grant_types": ["client_credentials"], "scope": "system/*.rs openid"})");
  const TokenAnswer answer = must(
      request(app, {{"grant_type", "client_credentials"}, {"scope", "system/Observation.rs"}}));
  const auto claims = claims_of(answer.access_token);
  EXPECT_EQ(claims.at("sub").as_string(), app.id);
  EXPECT_FALSE(claims.contains("acr"));
  EXPECT_EQ(answer.id_token, "");
  EXPECT_EQ(answer.refresh_token, "");
  EXPECT_REFUSED(request(app, {{"grant_type", "client_credentials"}, {"scope", "openid"}}),
                 Fault::kInvalidScope);
  EXPECT_REFUSED(
      request(app, {{"grant_type", "client_credentials"}, {"scope", "system/Observation.cruds"}}),
      Fault::kInvalidScope);
  EXPECT_REFUSED(request(app, {{"grant_type", "client_credentials"},
                               {"resource", "https://elsewhere.example"}}),
                 Fault::kInvalidTarget);
}

TEST_P(TokenRequestsTest, ATokenIsTiedToTheCertificateThatItsClientShowed) {
  for (const std::string_view form : {"jwt", "opaque"}) {
    const Client app = client(
        R"({"grant_types": ["client_credentials"], "scope": "api", "redirect_uris": [],
            "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_uri": "urn:pump:7",
            "tls_client_certificate_bound_access_tokens": true, "access_token_format": ")" +
        std::string(form) + "\"}");
    const Parameters parameters = {{"client_id", app.id}, {"grant_type", "client_credentials"}};
    const net::PeerCertificate certificate{.fingerprint = "sha256:" + std::string(64, 'c'),
                                           .names = {"uri:urn:pump:7"},
                                           .expires_at = now_ + 1};
    const auto who = must(provider_->authenticator.authenticate(
        at(), {.parameters = parameters, .certificate = &certificate, .url = kTokenUrl}));
    const TokenAnswer answer = must(provider_->token_requests.answer(at(), who, parameters));
    const auto subject = must(provider_->tokens.verify(at(), answer.access_token));
    const std::string mine = certificate_thumbprint(certificate);
    EXPECT_EQ(subject->binding.certificate, mine);
    EXPECT_TRUE(check_presenter(*subject, false, "", mine));
    EXPECT_FALSE(check_presenter(*subject, false, "", ""));
    EXPECT_FALSE(check_presenter(*subject, false, "", std::string(43, 'x')));
  }
}

TEST_P(TokenRequestsTest, OpaqueTokensSayNothingAndStandForTheSame) {
  const Client app = client(R"({"access_token_format": "opaque"})");
  const TokenAnswer answer = signed_in(app);
  EXPECT_TRUE(is_ticket(Ticket::kAccessToken, answer.access_token));
  const auto subject = must(provider_->tokens.verify(at(), answer.access_token));
  EXPECT_EQ(subject->person, grey_);
  EXPECT_EQ(subject->client, app.id);
  EXPECT_EQ(subject->authentication.level, 2);
  EXPECT_EQ(subject->session, "session-1");
  const std::string kept = storage::text(*store_,
                                         "SELECT hash FROM oauth_token WHERE form = "
                                         "'access'");
  EXPECT_NE(kept, answer.access_token);
  now_ += 300'000;
  EXPECT_FALSE(is_good(answer.access_token));
}

TEST_P(TokenRequestsTest, AnotherNodeHearsOfTokensAndOfTheirEnd) {
  const Client app = client(R"({"access_token_format": "opaque"})");
  const TokenAnswer answer = signed_in(app);
  const Parts parts{
      .store = *store_, .secrets = *secrets_, .registry = *registry_, .fill_random = {}};
  const Provider other(parts, crypto::HmacKey("a key for nonces"), {});
  auto& tokens = const_cast<AccessTokens&>(other.tokens);
  EXPECT_FALSE(tokens.verify(at(), answer.access_token)) << "it has not followed yet";
  EXPECT_TRUE(tokens.verify_waiting(at(), answer.access_token));
  EXPECT_TRUE(tokens.verify(at(), answer.access_token));
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  ASSERT_TRUE(tokens.follow());
  EXPECT_FALSE(tokens.verify(at(), answer.access_token));
}

}  // namespace
}  // namespace wardlock::oauth
