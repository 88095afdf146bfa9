#include "authn/oauth/token_state.h"

#include <gtest/gtest.h>

#include "authn/oauth/oauth_for_test.h"

namespace wardlock::oauth {
namespace {

constexpr std::string_view kServer =
    R"({"client_name": "FHIR server", "grant_types": ["client_credentials"], "may_introspect": true})";
constexpr std::string_view kExchanger =
    R"({"client_name": "Gateway", "scope": "openid user/*.rs", "audiences": ["https://lab.example"],
        "grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"],
        "exchange_audiences": ["https://fhir.example/r4"]})";

class TokenStateTest : public OAuthForTest {
 protected:
  Answer<boost::json::object> introspect(const Client& server, std::string_view token) {
    const Parameters parameters = {{"token", std::string(token)}};
    return provider_->token_state.introspect(at(), must(authenticated(server, parameters)),
                                             parameters);
  }
  bool is_active(const Client& server, std::string_view token) {
    return must(introspect(server, token)).at("active").as_bool();
  }
  Answer<void> revoke(const Client& who, std::string_view token) {
    const Parameters parameters = {{"token", std::string(token)}};
    return provider_->token_state.revoke(at(), must(authenticated(who, parameters)), parameters);
  }
  Answer<TokenAnswer> exchange(const Client& who, std::string_view token, Pairs other = {}) {
    Parameters parameters = {
        {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
        {"subject_token", std::string(token)},
        {"subject_token_type", "urn:ietf:params:oauth:token-type:access_token"}};
    for (const auto& [name, value] : other) parameters.set(name, value);
    return provider_->token_requests.answer(at(), must(authenticated(who, parameters)), parameters);
  }
};
WARDLOCK_ON_EACH_DATABASE(TokenStateTest);

TEST_P(TokenStateTest, AResourceServerLearnsOfTokensThatAreForIt) {
  for (const std::string_view form : {"jwt", "opaque"}) {
    const Client app = client(R"({"access_token_format": ")" + std::string(form) + "\"}");
    const TokenAnswer tokens = signed_in(app);
    const Client server = client(kServer);
    const auto answer = must(introspect(server, tokens.access_token));
    EXPECT_TRUE(answer.at("active").as_bool());
    EXPECT_EQ(answer.at("sub").as_string(), grey_);
    EXPECT_EQ(answer.at("client_id").as_string(), app.id);
    EXPECT_EQ(answer.at("token_type").as_string(), "Bearer");
    now_ += 300'000;
    EXPECT_FALSE(is_active(server, tokens.access_token));
    now_ -= 300'000;
  }
}

TEST_P(TokenStateTest, OfAllElseNothingIsToldButThatItIsNotGood) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app);
  const Client other = client(
      R"({"grant_types": ["client_credentials"], "may_introspect": true,
          "audiences": ["https://lab.example"]})");
  EXPECT_EQ(must(introspect(other, tokens.access_token)).size(), 1U) << "another's token";
  EXPECT_FALSE(is_active(other, tokens.access_token));
  const Client server = client(kServer);
  EXPECT_FALSE(is_active(server, tokens.refresh_token));
  EXPECT_FALSE(is_active(server, tokens.id_token)) << "an ID token is no access token";
  EXPECT_FALSE(is_active(server, "wla_" + std::string(43, 'a')));
  EXPECT_FALSE(is_active(server, "x"));
  EXPECT_FALSE(is_active(server, std::string(20'000, 'a')));
  const Client curious = client(R"({"grant_types": ["client_credentials"]})");
  EXPECT_REFUSED(introspect(curious, tokens.access_token), Fault::kUnauthorizedClient);
}

TEST_P(TokenStateTest, ATokenThatSomebodyElseSignedIsNotGood) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app);
  const Client server = client(kServer);
  const auto claims = claims_of(tokens.access_token);
  const auto thief = new_key();
  const auto key = must(provider_->keys.current(at()));
  const auto forged = [&](const boost::json::object& header, const boost::json::object& what,
                          const jose::SigningKey& by) {
    EXPECT_FALSE(is_active(server, signed_with_header(by, header, what)))
        << codec::to_json_text(header);
  };
  forged({{"typ", "at+jwt"}, {"alg", "ES256"}, {"kid", key->id}}, claims, thief);
  forged({{"typ", "at+jwt"}, {"alg", "none"}, {"kid", key->id}}, claims, *key);
  forged({{"typ", "at+jwt"}, {"alg", "HS256"}, {"kid", key->id}}, claims, *key);
  forged({{"typ", "at+jwt"}, {"alg", "ES384"}, {"kid", key->id}}, claims, *key);
  forged({{"typ", "JWT"}, {"alg", "ES256"}, {"kid", key->id}}, claims, *key);
  forged({{"typ", "at+jwt"}, {"alg", "ES256"}, {"jwk", to_jwk(thief.verification_key())}}, claims,
         thief);
  auto elsewhere = claims;
  elsewhere["iss"] = "https://evil.example";
  forged({{"typ", "at+jwt"}, {"alg", "ES256"}, {"kid", key->id}}, elsewhere, *key);
  EXPECT_TRUE(is_active(server, tokens.access_token));
}

TEST_P(TokenStateTest, AnyTokenOfAGrantEndsAllOfIt) {
  for (const bool by_refresh_token : {true, false}) {
    for (const std::string_view form : {"jwt", "opaque"}) {
      const Client app = client(R"({"access_token_format": ")" + std::string(form) + "\"}");
      const TokenAnswer tokens = signed_in(app);
      ASSERT_TRUE(revoke(app, by_refresh_token ? tokens.refresh_token : tokens.access_token));
      EXPECT_FALSE(is_good(tokens.access_token));
      EXPECT_REFUSED(
          request(app, {{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh_token}}),
          Fault::kInvalidGrant);
    }
  }
}

TEST_P(TokenStateTest, ATokenIsRevokedByItsOwnClientAlone) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app);
  const Client other = client();
  EXPECT_REFUSED(revoke(other, tokens.access_token), Fault::kUnauthorizedClient);
  EXPECT_REFUSED(revoke(other, tokens.refresh_token), Fault::kUnauthorizedClient);
  EXPECT_TRUE(is_good(tokens.access_token));
  EXPECT_TRUE(revoke(other, "unknown")) << "what is not known is no fault";
}

TEST_P(TokenStateTest, UserinfoTellsWhatWasGranted) {
  const Client app = client();
  const auto info = [&](std::string_view scope) {
    const TokenAnswer tokens = signed_in(app, {{"scope", scope}});
    const auto subject = must(provider_->tokens.verify(at(), tokens.access_token));
    return provider_->token_state.userinfo(at(), *subject);
  };
  const auto all = must(info("openid profile email"));
  EXPECT_EQ(all.at("sub").as_string(), grey_);
  EXPECT_EQ(all.at("name").as_string(), "Dr. Meredith Grey");
  EXPECT_EQ(all.at("preferred_username").as_string(), "grey");
  EXPECT_EQ(all.at("email").as_string(), "grey@st-mary.example");
  EXPECT_EQ(must(info("openid")).size(), 1U);
  EXPECT_REFUSED(info("profile"), Fault::kInsufficientScope);
}

TEST_P(TokenStateTest, AnExchangedTokenSaysWhoActsForWhom) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app, {{"scope", "openid user/Observation.rs"}});
  const Client gateway = client(kExchanger);
  const TokenAnswer exchanged = must(exchange(gateway, tokens.access_token));
  const auto claims = claims_of(exchanged.access_token);
  EXPECT_EQ(claims.at("sub").as_string(), grey_);
  EXPECT_EQ(claims.at("act").at("sub").as_string(), gateway.id);
  EXPECT_EQ(claims.at("client_id").as_string(), gateway.id);
  EXPECT_EQ(claims.at("aud").at(0).as_string(), "https://lab.example");
  EXPECT_EQ(claims.at("acr"), claims_of(tokens.access_token).at("acr"));
  EXPECT_LE(claims.at("exp").as_int64(), claims_of(tokens.access_token).at("exp").as_int64());
  EXPECT_EQ(exchanged.refresh_token, "");
  EXPECT_EQ(exchanged.to_json().at("issued_token_type").as_string(),
            "urn:ietf:params:oauth:token-type:access_token");
}

TEST_P(TokenStateTest, AnExchangedTokenEndsWithWhatItWasExchangedFor) {
  const Client app = client();
  const std::string secret = secret_;
  const TokenAnswer tokens = signed_in(app);
  const TokenAnswer exchanged = must(exchange(client(kExchanger), tokens.access_token));
  secret_ = secret;
  ASSERT_TRUE(revoke(app, tokens.access_token));
  EXPECT_FALSE(is_good(exchanged.access_token));
}

TEST_P(TokenStateTest, NobodyExchangesWhatIsNoneOfTheirBusiness) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app, {{"scope", "openid user/Observation.rs"}});
  const Client stranger =
      client(R"({"grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"]})");
  EXPECT_REFUSED(exchange(stranger, tokens.access_token), Fault::kInvalidRequest);
  const Client gateway = client(kExchanger);
  EXPECT_REFUSED(exchange(gateway, tokens.refresh_token), Fault::kInvalidRequest);
  EXPECT_REFUSED(exchange(gateway, tokens.id_token), Fault::kInvalidRequest);
  EXPECT_REFUSED(exchange(gateway, "x"), Fault::kInvalidRequest);
  EXPECT_REFUSED(exchange(gateway, tokens.access_token, {{"scope", "user/Patient.r"}}),
                 Fault::kInvalidScope);
  EXPECT_REFUSED(exchange(gateway, tokens.access_token, {{"audience", "https://bank.example"}}),
                 Fault::kInvalidTarget);
  EXPECT_REFUSED(exchange(gateway, tokens.access_token,
                          {{"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"}}),
                 Fault::kInvalidRequest);
  EXPECT_REFUSED(exchange(gateway, tokens.access_token, {{"actor_token", "x"}}),
                 Fault::kInvalidRequest);
  EXPECT_REFUSED(
      exchange(gateway, tokens.access_token,
               {{"requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"}}),
      Fault::kInvalidRequest);
  suspend(grey_);
  EXPECT_REFUSED(exchange(gateway, tokens.access_token), Fault::kInvalidGrant);
}

TEST_P(TokenStateTest, OnlySoManyActBehindEachOther) {
  const Client app = client();
  std::string token = signed_in(app, {{"scope", "openid"}}).access_token;
  const Client gateway = client(
      R"({"client_name": "Gateway", "scope": "openid", "audiences": ["https://fhir.example/r4"],
          "grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"],
          "exchange_audiences": ["https://fhir.example/r4"]})");
  for (int i = 0; i < 4; ++i) token = must(exchange(gateway, token)).access_token;
  EXPECT_REFUSED(exchange(gateway, token), Fault::kInvalidRequest);
}

}  // namespace
}  // namespace wardlock::oauth
