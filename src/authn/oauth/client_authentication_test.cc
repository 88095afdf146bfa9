#include "authn/oauth/client_authentication.h"

#include <gtest/gtest.h>

#include "authn/oauth/oauth_for_test.h"
#include "codec/base64.h"
#include "crypto/sha256.h"

namespace wardlock::oauth {
namespace {

class ClientAuthenticationTest : public OAuthForTest {
 protected:
  Answer<AuthenticatedClient> ask(const ClientRequest& request, std::string_view tenant = "main") {
    return provider_->authenticator.authenticate(at(tenant), request);
  }
  static std::string basic(const std::string& pair) {
    return "Basic " + codec::to_base64(std::span(reinterpret_cast<const std::uint8_t*>(pair.data()),
                                                 pair.size()));
  }
  Client with_key(const jose::SigningKey& key, std::string_view tenant = "main") {
    const boost::json::object jwks = {{"keys", boost::json::array{to_jwk(key.verification_key())}}};
    return client(R"({"token_endpoint_auth_method": "private_key_jwt", "jwks": )" +
                      codec::to_json_text(jwks) + "}",
                  tenant);
  }
  boost::json::object claims(const Client& app, std::string_view id = "one") const {
    return {{"iss", app.id},           {"sub", app.id},      {"aud", "https://id.example"},
            {"exp", now_ / 1000 + 60}, {"iat", now_ / 1000}, {"jti", id}};
  }
  Answer<AuthenticatedClient> assert_with(const std::string& jwt) {
    const Parameters parameters = {
        {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
        {"client_assertion", jwt}};
    return ask({.parameters = parameters, .url = kTokenUrl});
  }
};
WARDLOCK_ON_EACH_DATABASE(ClientAuthenticationTest);

TEST_P(ClientAuthenticationTest, ASecretIsTakenWhereItIsRegisteredAlone) {
  const Client app = client();
  const Parameters none;
  const Parameters posted = {{"client_id", app.id}, {"client_secret", secret_}};
  const std::string good = basic(app.id + ":" + secret_);
  EXPECT_TRUE(ask({.parameters = none, .authorization = good}));
  EXPECT_REFUSED(ask({.parameters = posted}), Fault::kInvalidClient);
  EXPECT_REFUSED(ask({.parameters = posted, .authorization = good}), Fault::kInvalidRequest);
  const Client other = client(R"({"token_endpoint_auth_method": "client_secret_post"})");
  const Parameters right = {{"client_id", other.id}, {"client_secret", secret_}};
  EXPECT_TRUE(ask({.parameters = right}));
  const std::string misplaced = basic(other.id + ":" + secret_);
  EXPECT_REFUSED(ask({.parameters = none, .authorization = misplaced}), Fault::kInvalidClient);
}

TEST_P(ClientAuthenticationTest, WhoDoesNotKnowTheSecretIsToldNothing) {
  const Client app = client();
  const Parameters none;
  std::string description;
  for (const std::string& header :
       {basic(app.id + ":"), basic(app.id + ":wrong"), basic("nobody:" + secret_),
        basic(app.id + ":" + hash_of(secret_)), basic(app.id), basic(":"), std::string("Basic ///"),
        basic(app.id + "&secret=" + secret_ + ":x"), std::string("Bearer x"), std::string()}) {
    const auto answer = ask({.parameters = none, .authorization = header});
    EXPECT_REFUSED(answer, Fault::kInvalidClient) << header;
    if (description.empty()) description = answer.error().description;
    EXPECT_EQ(answer.error().description, description);
  }
  const std::string good = basic(app.id + ":" + secret_);
  EXPECT_REFUSED(ask({.parameters = none, .authorization = good}, "other"), Fault::kInvalidClient);
  const Parameters another = {{"client_id", "another"}};
  EXPECT_REFUSED(ask({.parameters = another, .authorization = good}), Fault::kInvalidRequest);
  const Parameters named = {{"client_id", app.id}};
  EXPECT_REFUSED(ask({.parameters = named}), Fault::kInvalidClient) << "as if it were public";
}

TEST_P(ClientAuthenticationTest, AKeySignsForItsClientOnce) {
  const auto key = new_key("k1");
  const Client app = with_key(key);
  const std::string jwt = jose::sign_jwt(key, "JWT", claims(app));
  EXPECT_TRUE(assert_with(jwt));
  EXPECT_REFUSED(assert_with(jwt), Fault::kInvalidClient) << "a second time";
  auto for_endpoint = claims(app, "two");
  for_endpoint["aud"] = kTokenUrl;
  EXPECT_TRUE(assert_with(jose::sign_jwt(key, "JWT", for_endpoint)));
}

TEST_P(ClientAuthenticationTest, AnAssertionThatSaysSomethingElseIsRefused) {
  const auto key = new_key("k1");
  const Client app = with_key(key);
  const auto refused = [&](std::string_view claim, const codec::Json& value) {
    auto wrong = claims(app, "wrong");
    if (value.is_null()) {
      wrong.erase(claim);
    } else {
      wrong[claim] = value;
    }
    EXPECT_REFUSED(assert_with(jose::sign_jwt(key, "JWT", wrong)), Fault::kInvalidClient) << claim;
  };
  refused("iss", "another");
  refused("iss", nullptr);
  refused("sub", "another");
  refused("sub", nullptr);
  refused("aud", "https://elsewhere.example");
  refused("aud", "https://id.example/other");
  refused("aud", nullptr);
  refused("exp", now_ / 1000 - 60);
  refused("exp", now_ / 1000 + 3600);
  refused("exp", nullptr);
  refused("iat", now_ / 1000 + 600);
  refused("jti", nullptr);
  const auto thief = new_key("k1");
  EXPECT_REFUSED(assert_with(jose::sign_jwt(thief, "JWT", claims(app))), Fault::kInvalidClient);
  EXPECT_REFUSED(assert_with(signed_with_header(key, {{"alg", "none"}}, claims(app))),
                 Fault::kInvalidClient);
  EXPECT_REFUSED(
      assert_with(signed_with_header(key, {{"alg", "HS256"}, {"kid", "k1"}}, claims(app))),
      Fault::kInvalidClient);
  EXPECT_REFUSED(
      assert_with(signed_with_header(
          thief, {{"alg", "ES256"}, {"jwk", to_jwk(thief.verification_key())}}, claims(app))),
      Fault::kInvalidClient);
  EXPECT_REFUSED(assert_with(jose::sign_jwt(key, "at+jwt", claims(app))), Fault::kInvalidClient);
  EXPECT_REFUSED(assert_with(std::string(20'000, 'a')), Fault::kInvalidClient);
  EXPECT_REFUSED(assert_with(""), Fault::kInvalidClient);
}

TEST_P(ClientAuthenticationTest, KeysThatAClientPublishesAreTaken) {
  auto key = new_key("k1");
  std::vector<std::string> asked;
  published_ = [&](const std::string& url) -> Result<std::string> {
    asked.push_back(url);
    return codec::to_json_text(jose::KeySet({key.verification_key()}).to_json());
  };
  const Client app = client(R"({"token_endpoint_auth_method": "private_key_jwt",
                                "jwks_uri": "https://app.example/keys"})");
  EXPECT_TRUE(assert_with(jose::sign_jwt(key, "JWT", claims(app))));
  EXPECT_EQ(asked, std::vector<std::string>{"https://app.example/keys"});
  EXPECT_REFUSED(assert_with(jose::sign_jwt(new_key("k1"), "JWT", claims(app, "two"))),
                 Fault::kInvalidClient);
  now_ += ClientKeys::kBetweenTriesMs;
  key = new_key("k2");
  EXPECT_TRUE(assert_with(jose::sign_jwt(key, "JWT", claims(app, "three")))) << "it has a new one";
  EXPECT_EQ(asked.size(), 2U);
  for (const char* guess : {"a", "b", "c"}) {
    EXPECT_REFUSED(assert_with(jose::sign_jwt(new_key(guess), "JWT", claims(app, guess))),
                   Fault::kInvalidClient);
  }
  EXPECT_EQ(asked.size(), 2U) << "who guesses makes us ask nobody";
}

TEST_P(ClientAuthenticationTest, WhereKeysCannotBeHadNobodyIsLetIn) {
  published_ = [](const std::string&) -> Result<std::string> {
    return fail(ErrorCode::kPermissionDenied, "that origin is on no list");
  };
  const Client app = client(R"({"token_endpoint_auth_method": "private_key_jwt",
                                "jwks_uri": "https://10.0.0.1/keys"})");
  EXPECT_REFUSED(assert_with(jose::sign_jwt(new_key("k1"), "JWT", claims(app))),
                 Fault::kTemporarilyUnavailable);
  now_ += ClientKeys::kBetweenTriesMs;
  published_ = [](const std::string&) -> Result<std::string> { return "<html>"; };
  EXPECT_REFUSED(assert_with(jose::sign_jwt(new_key("k1"), "JWT", claims(app))),
                 Fault::kTemporarilyUnavailable);
}

TEST_P(ClientAuthenticationTest, ACertificateNamesItsClient) {
  const Client app = client(
      R"({"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "pump.example",
          "tls_client_certificate_bound_access_tokens": true})");
  const Parameters named = {{"client_id", app.id}};
  const net::PeerCertificate good{.fingerprint = "sha256:" + std::string(64, 'a'),
                                  .names = {"dns:other.example", "dns:pump.example"},
                                  .expires_at = now_ + 1};
  const auto who = must(ask({.parameters = named, .certificate = &good}));
  EXPECT_EQ(who.binding().certificate, certificate_thumbprint(good));
  EXPECT_EQ(who.binding().certificate.size(), 43U);
  net::PeerCertificate wrong = good;
  wrong.names = {"uri:pump.example", "dns:pump.example.evil.example"};
  EXPECT_REFUSED(ask({.parameters = named, .certificate = &wrong}), Fault::kInvalidClient);
  EXPECT_REFUSED(ask({.parameters = named}), Fault::kInvalidClient);
  const std::string with_secret = basic(app.id + ":x");
  EXPECT_REFUSED(ask({.parameters = named, .authorization = with_secret, .certificate = &good}),
                 Fault::kInvalidClient);
}

TEST_P(ClientAuthenticationTest, ACertificateOfItsOwnIsItsClients) {
  const auto key = new_key("k1");
  boost::json::object jwk = to_jwk(key.verification_key()).as_object();
  const std::string der = "the bytes of a certificate";
  jwk["x5c"] = boost::json::array{
      codec::to_base64(std::span(reinterpret_cast<const std::uint8_t*>(der.data()), der.size()))};
  const boost::json::object jwks = {{"keys", boost::json::array{jwk}}};
  const Client app =
      client(R"({"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": )" +
             codec::to_json_text(jwks) + "}");
  const Parameters named = {{"client_id", app.id}};
  net::PeerCertificate certificate{
      .fingerprint = "sha256:" + crypto::to_hex(crypto::sha256(der)), .names = {}, .expires_at = 0};
  EXPECT_TRUE(ask({.parameters = named, .certificate = &certificate}));
  certificate.fingerprint = "sha256:" + std::string(64, 'b');
  EXPECT_REFUSED(ask({.parameters = named, .certificate = &certificate}), Fault::kInvalidClient);
}

TEST_P(ClientAuthenticationTest, AClientThatIsToBeBoundMustBe) {
  const Client dpop = client(R"({"dpop_bound_access_tokens": true})");
  const Parameters none;
  EXPECT_REFUSED(authenticated(dpop, none), Fault::kInvalidDpopProof);
  const Client tls = client(R"({"tls_client_certificate_bound_access_tokens": true})");
  EXPECT_REFUSED(authenticated(tls, none), Fault::kInvalidRequest);
}

TEST_P(ClientAuthenticationTest, ABoundTokenIsNoUseToAnother) {
  Subject subject{.tenant = "main", .client = "app", .grant = "g", .id = "g.1"};
  EXPECT_TRUE(check_presenter(subject, false, "", ""));
  EXPECT_FALSE(check_presenter(subject, true, "key", "")) << "a plain token as a bound one";
  subject.binding.dpop_key = "key";
  EXPECT_TRUE(check_presenter(subject, true, "key", ""));
  EXPECT_FALSE(check_presenter(subject, false, "", "")) << "a bound token as a plain one";
  EXPECT_FALSE(check_presenter(subject, true, "other", ""));
  EXPECT_FALSE(check_presenter(subject, true, "", ""));
  subject.binding = {.dpop_key = "", .certificate = "mine"};
  EXPECT_TRUE(check_presenter(subject, false, "", "mine"));
  EXPECT_FALSE(check_presenter(subject, false, "", "other"));
  EXPECT_FALSE(check_presenter(subject, false, "", ""));
}

}  // namespace
}  // namespace wardlock::oauth
