#include "authn/oauth/client.h"

#include <gtest/gtest.h>

#include "authn/oauth/client_rows.h"
#include "authn/oauth/oauth_for_test.h"
#include "authn/oauth/own_client.h"
#include "authn/oauth/transaction.h"

namespace wardlock::oauth {
namespace {

Answer<Client> read(std::string_view json) {
  return read_client(codec::parse_json(json).value().as_object());
}

TEST(Client, IsReadWithTheNamesOfRfc7591) {
  const auto read_one = read(
      R"({"client_name": "App", "redirect_uris": ["https://app.example/a"], "scope": "openid api",
          "grant_types": ["authorization_code", "refresh_token"], "software_id": "passed over"})");
  ASSERT_TRUE(read_one) << read_one.error().description;
  EXPECT_EQ(read_one->proof, ClientProof::kSecretBasic);
  EXPECT_TRUE(read_one->asks_consent);
  EXPECT_TRUE(read_one->may(GrantType::kRefreshToken));
  EXPECT_FALSE(read_one->may(GrantType::kClientCredentials));
  const auto again = read_client(to_json(*read_one));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again), to_json(*read_one));
}

TEST(Client, ThatWouldBeWeakOrNoUseIsRefused) {
  const std::string begin = R"({"client_name": "App", "redirect_uris": ["https://app.example/a"])";
  for (
      const std::string_view more :
      {R"("redirect_uris": [])",
       R"("redirect_uris": ["http://app.example/a"])",
       R"("redirect_uris": ["https://app.example/a#b"])",
       R"("redirect_uris": "x")",
       R"("client_name": "")",
       R"("client_name": 7)",
       R"("client_name": "a\u202eb")",
       R"("application_type": "desktop")",
       R"("grant_types": ["implicit"])",
       R"("grant_types": ["password"])",
       R"("grant_types": ["refresh_token"])",
       R"("response_types": ["token"])",
       R"("response_types": ["code id_token"])",
       R"("token_endpoint_auth_method": "client_secret_jwt")",
       R"("token_endpoint_auth_method": "private_key_jwt")",
       R"("token_endpoint_auth_method": "tls_client_auth")",
       R"("token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "*.x.example")",
       R"("token_endpoint_auth_method": "self_signed_tls_client_auth")",
       R"("token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "client_credentials"])",
       R"("token_endpoint_auth_method": "none", "may_introspect": true)",
       R"("jwks_uri": "https://app.example/keys")",
       R"("token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks_uri": "https://app.example/keys")",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://app.example/keys")",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://127.0.0.1/keys")",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "file:///etc/passwd")",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://me@app.example/keys")",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/keys#a")",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://App.example/keys")",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": 7)",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/keys", "jwks": {"keys": []})",
       R"("jwks": {"keys": [{"kty": "oct", "k": "AAAA", "d": "x"}]})",
       R"("token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []})",
       R"("dpop_bound_access_tokens": true, "tls_client_certificate_bound_access_tokens": true)",
       R"("dpop_bound_access_tokens": "yes")",
       R"("scope": "user/patient.read")",
       R"("access_token_lifetime": 0)",
       R"("access_token_lifetime": 3601)",
       R"("access_token_lifetime": "5")",
       R"("access_token_format": "saml")",
       R"("id_token_signed_response_alg": "none")",
       R"("id_token_signed_response_alg": "HS256")",
       R"("backchannel_logout_uri": "http://app.example/logout")",
       R"x("post_logout_redirect_uris": ["javascript:alert(1)"])x",
       R"("audiences": ["a b"])",
       R"("audiences": [7])"}) {
    boost::json::object json = codec::parse_json(begin + "}").value().as_object();
    const codec::Json changes = codec::parse_json("{" + std::string(more) + "}").value();
    for (const auto& member : changes.as_object()) json[member.key()] = member.value();
    EXPECT_FALSE(read_client(json)) << more;
  }
}

TEST(Client, GetsTokensForThoseItNamesAlone) {
  Client client;
  EXPECT_TRUE(client.audiences_for({}).value().empty());
  client.audiences = {"https://a.example", "https://b.example"};
  EXPECT_EQ(client.audiences_for({}).value().front(), "https://a.example");
  EXPECT_EQ(client.audiences_for({"https://b.example"}).value().front(), "https://b.example");
  EXPECT_FALSE(client.audiences_for({"https://c.example"}));
  EXPECT_FALSE(client.audiences_for({"https://a.example", "https://c.example"}));
}

class ClientsTest : public OAuthForTest {};
WARDLOCK_ON_EACH_DATABASE(ClientsTest);

TEST_P(ClientsTest, AClientIsKeptWithAHashOfItsSecret) {
  const Client app = client();
  const std::string text = storage::text(*store_, "SELECT document FROM oauth_client");
  EXPECT_FALSE(text.contains(secret_));
  EXPECT_TRUE(text.contains(hash_of(secret_)));
  const auto found = must(provider_->clients.find("main", app.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(to_json(*found), to_json(app));
  EXPECT_FALSE(must(provider_->clients.find("other", app.id)));
  EXPECT_EQ(must(provider_->clients.list("main")).size(), 1U);
  EXPECT_TRUE(must(provider_->clients.list("other")).empty());
}

TEST_P(ClientsTest, ASecretIsRenewedWhileTheOneBeforeStillCounts) {
  const Client app = client();
  const Parameters none;
  const std::string first = secret_;
  secret_ = must(provider_->clients.renew_secret(at(), app.id)).reveal();
  EXPECT_TRUE(authenticated(app, none));
  secret_ = first;
  EXPECT_TRUE(authenticated(app, none));
  ASSERT_TRUE(provider_->clients.renew_secret(at(), app.id));
  EXPECT_REFUSED(authenticated(app, none), Fault::kInvalidClient);
}

TEST_P(ClientsTest, AClientThatIsRemovedTakesItsTokensAlong) {
  const Client app = client();
  const TokenAnswer answer = signed_in(app);
  EXPECT_FALSE(must(provider_->clients.remove(at("other"), app.id)));
  EXPECT_TRUE(must(provider_->clients.remove(at(), app.id)));
  ASSERT_TRUE(provider_->tokens.follow());
  EXPECT_FALSE(is_good(answer.access_token));
  EXPECT_FALSE(must(provider_->clients.find("main", app.id)));
  EXPECT_EQ(told_.back(), "remove");
}

TEST_P(ClientsTest, TheCommandLineIsEnteredOnceAndStaysAsTheHouseHasIt) {
  const Client own = command_line_client();
  ASSERT_TRUE(provider_->clients.enter_own(at(), own));
  const auto kept = must(provider_->clients.find("main", kCommandLineClient));
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->is_public());
  EXPECT_TRUE(kept->asks_consent) << "anybody can say that they are it";
  EXPECT_EQ(codec::Json(to_json(*kept)), codec::Json(to_json(own)));
  EXPECT_TRUE(kept->redirect_uri("http://127.0.0.1:49152/signed-in"));
  EXPECT_FALSE(kept->redirect_uri("http://127.0.0.1:49152/other"));
  EXPECT_FALSE(kept->redirect_uri("https://evil.example/signed-in"));
  EXPECT_FALSE(must(provider_->clients.find("north", kCommandLineClient)))
      << "each tenant has its own";
  const auto disabled = transact<void>(*store_, [&](storage::Work& work) -> Answer<void> {
    const auto found = TRY(find_kept_client(work, "main", kCommandLineClient));
    TRY(set_client_enabled(work, at(), *found, false));
    return {};
  });
  ASSERT_TRUE(disabled);
  ASSERT_TRUE(provider_->clients.enter_own(at(), own));
  EXPECT_FALSE(must(provider_->clients.find("main", kCommandLineClient))) << "it stays disabled";
}

TEST_P(ClientsTest, AClientIsAServiceOfTheDirectoryOrNone) {
  const boost::json::object metadata = {
      {"client_name", "App"}, {"redirect_uris", {kRedirect}}, {"directory_thing", grey_}};
  EXPECT_REFUSED(provider_->clients.write(at(), metadata), Fault::kInvalidClientMetadata)
      << "a person is no client";
}

}  // namespace
}  // namespace wardlock::oauth
