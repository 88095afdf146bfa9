#include "api/oidc/endpoints.h"

#include <gtest/gtest.h>

#include "authn/oauth/oauth_for_test.h"
#include "codec/base64.h"
#include "crypto/sha256.h"

namespace wardlock::oidc {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using oauth::Client;
using oauth::kRedirect;
using oauth::name_of;
using oauth::Parameters;
using oauth::tested_databases;

class EndpointsTest : public oauth::OAuthForTest {
 protected:
  struct Sent {
    std::string_view method = "GET";
    std::string path;
    std::string query = {};
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    const authn::Session* session = nullptr;
  };

  HttpResponse send(const Sent& sent, std::string_view tenant = "main") {
    HttpRequest request{.method = sent.method,
                        .target = sent.path,
                        .path = sent.path,
                        .query = sent.query,
                        .body = sent.body};
    if (sent.method == "POST" && content_type_ != nullptr) {
      request.headers.push_back({"Content-Type", content_type_});
    }
    for (const auto& [name, value] : sent.headers) request.headers.push_back({name, value});
    Surroundings with{.provider = *provider_, .occasion = at(tenant), .session = sent.session};
    with.end_session = [this](const authn::Session& session) -> Result<void> {
      ended_.push_back(session.id);
      return {};
    };
    if (has_registration_) {
      with.may_register = [this](const oauth::Registrant&) -> oauth::Answer<void> {
        if (may_register_) return {};
        return oauth::refuse(oauth::Fault::kAccessDenied, "policies say no");
      };
    }
    HttpResponse response;
    answer(request, with, response);
    return response;
  }

  HttpResponse post(const std::string& path, const Parameters& parameters,
                    std::vector<std::pair<std::string, std::string>> headers = {}) {
    return send(
        {.method = "POST", .path = path, .body = parameters.form(), .headers = std::move(headers)});
  }
  std::pair<std::string, std::string> basic(const Client& app) const {
    const std::string pair = app.id + ":" + secret_;
    return {"Authorization",
            "Basic " + codec::to_base64(std::span(
                           reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()))};
  }
  Parameters code_request(const std::string& code) const {
    return {{"grant_type", "authorization_code"},
            {"code", code},
            {"redirect_uri", std::string(kRedirect)},
            {"code_verifier", std::string(oauth::kVerifier)}};
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& field : response.headers) {
      if (net::equal_ignoring_case(field.name, name)) return field.value;
    }
    return "";
  }
  static boost::json::object json(const HttpResponse& response) {
    const auto parsed = codec::parse_json(response.body);
    EXPECT_TRUE(parsed) << response.body;
    return parsed ? parsed->as_object() : boost::json::object();
  }
  static std::string error_of(const HttpResponse& response) {
    return std::string(json(response).at("error").as_string());
  }

  const char* content_type_ = "application/x-www-form-urlencoded";
  bool has_registration_ = false;
  bool may_register_ = false;
  std::vector<std::string> ended_;
};
WARDLOCK_ON_EACH_DATABASE(EndpointsTest);

TEST_P(EndpointsTest, TheProviderSaysWhatItOffers) {
  for (const char* path :
       {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"}) {
    const HttpResponse response = send({.path = path});
    EXPECT_EQ(response.status, 200);
    const auto said = json(response);
    EXPECT_EQ(said.at("issuer").as_string(), "https://id.example");
    EXPECT_EQ(said.at("token_endpoint").as_string(), "https://id.example/oauth2/token");
    EXPECT_EQ(codec::to_json_text(said.at("code_challenge_methods_supported")), R"(["S256"])");
    EXPECT_EQ(codec::to_json_text(said.at("response_types_supported")), R"(["code"])");
    EXPECT_TRUE(said.at("authorization_response_iss_parameter_supported").as_bool());
    EXPECT_FALSE(said.contains("registration_endpoint"));
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "*");
  }
  const auto elsewhere = json(send({.path = "/.well-known/openid-configuration"}, "other"));
  EXPECT_EQ(elsewhere.at("issuer").as_string(), "https://id.example/other");
  const auto smart = json(send({.path = "/.well-known/smart-configuration"}));
  EXPECT_EQ(codec::to_json_text(smart.at("code_challenge_methods_supported")), R"(["S256"])");
  EXPECT_TRUE(smart.at("capabilities").is_array());
}

TEST_P(EndpointsTest, EveryEndpointThatIsDescribedIsThere) {
  has_registration_ = true;
  for (const auto& member : json(send({.path = "/.well-known/openid-configuration"}))) {
    const bool is_place = member.key().ends_with("_endpoint") || member.key() == "jwks_uri";
    if (!is_place) continue;
    const std::string url(member.value().as_string());
    EXPECT_TRUE(is_path(url.substr(std::string("https://id.example").size()))) << url;
  }
}

TEST_P(EndpointsTest, KeysAreShownWithoutWhatSigns) {
  const auto keys = json(send({.path = "/oauth2/jwks"})).at("keys").as_array();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].at("kty").as_string(), "EC");
  EXPECT_FALSE(keys[0].as_object().contains("d"));
}

TEST_P(EndpointsTest, ABrowserGoesToSignInAndBackWithACode) {
  const Client app = client();
  const HttpResponse response = send({.path = "/oauth2/authorize", .query = asked(app).form()});
  EXPECT_EQ(response.status, 303);
  const std::string place = header(response, "Location");
  constexpr std::string_view kBegin = "https://id.example/sign-in?request=";
  ASSERT_TRUE(place.starts_with(kBegin)) << place;
  EXPECT_EQ(header(response, "Cache-Control"), "no-store");
  const auto answer = must(
      provider_->authorizations.approve(at(), place.substr(kBegin.size()), session(grey_), {}));
  const HttpResponse tokens = post(
      "/oauth2/token", code_request(std::string(answer.parameters.text("code"))), {basic(app)});
  EXPECT_EQ(tokens.status, 200) << tokens.body;
  EXPECT_EQ(header(tokens, "Cache-Control"), "no-store");
  EXPECT_TRUE(json(tokens).contains("id_token"));
  const auto session = this->session(grey_);
  const HttpResponse at_once = send({.method = "POST",
                                     .path = "/oauth2/authorize",
                                     .body = asked(app).form(),
                                     .session = &session});
  EXPECT_TRUE(header(at_once, "Location").starts_with("https://app.example/signed-in?code="));
}

TEST_P(EndpointsTest, AnAnswerByFormIsPostedByAScriptThatNobodyCanChange) {
  const Client app = client();
  const auto session = this->session(grey_);
  const HttpResponse response = send(
      {.path = "/oauth2/authorize",
       .query = asked(app, {{"response_mode", "form_post"}, {"state", "\"><script>'&"}}).form(),
       .session = &session});
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.contains("action=\"https://app.example/signed-in\""));
  EXPECT_TRUE(response.body.contains("value=\"&quot;&gt;&lt;script&gt;&#39;&amp;\""));
  EXPECT_TRUE(response.body.contains("name=\"iss\""));
  const std::string policy = header(response, "Content-Security-Policy");
  EXPECT_TRUE(policy.contains("script-src 'sha256-" +
                              codec::to_base64(crypto::sha256("document.forms[0].submit()"))));
  EXPECT_FALSE(policy.contains("unsafe"));
  EXPECT_EQ(header(response, "Location"), "");
}

TEST_P(EndpointsTest, AnAnswerThatIsToBePostedIsTakenOnce) {
  const Client app = client();
  const auto answer = approved(asked(app, {{"response_mode", "form_post"}}), session(grey_));
  const std::string ticket = must(provider_->authorizations.keep_answer(at(), answer));
  const auto take = [&] { return send({.path = "/oauth2/answer", .query = "ticket=" + ticket}); };
  const HttpResponse posted = take();
  EXPECT_TRUE(posted.body.contains("action=\"https://app.example/signed-in\""));
  EXPECT_TRUE(posted.body.contains(std::string(answer.parameters.text("code"))));
  EXPECT_EQ(take().status, 400) << "twice";
  EXPECT_EQ(send({.path = "/oauth2/answer"}).status, 400);
}

TEST_P(EndpointsTest, ABrowserIsSentNowhereThatNobodyRegistered) {
  const Client app = client();
  for (const Parameters& wrong : {asked(app, {{"redirect_uri", "https://evil.example/"}}),
                                  asked(app, {{"client_id", "x"}})}) {
    const HttpResponse response = send({.path = "/oauth2/authorize", .query = wrong.form()});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(header(response, "Location"), "");
  }
  const HttpResponse twice =
      send({.path = "/oauth2/authorize",
            .query = asked(app).form() + "&redirect_uri=https%3A%2F%2Fevil.example%2F"});
  EXPECT_EQ(twice.status, 400);
  const HttpResponse told =
      send({.path = "/oauth2/authorize", .query = asked(app, {{"scope", "admin"}}).form()});
  EXPECT_EQ(told.status, 303);
  EXPECT_TRUE(header(told, "Location").contains("error=invalid_scope"));
  EXPECT_TRUE(header(told, "Location").contains("iss=https%3A%2F%2Fid.example"));
}

TEST_P(EndpointsTest, ATokenRequestInAnotherFormIsRefused) {
  const Client app = client();
  const Parameters good = code_request(code(app));
  EXPECT_EQ(send({.path = "/oauth2/token", .query = good.form()}).status, 405);
  EXPECT_EQ(send({.method = "DELETE", .path = "/oauth2/token"}).status, 405);
  EXPECT_EQ(error_of(send({.method = "POST",
                           .path = "/oauth2/token",
                           .query = good.form(),
                           .headers = {basic(app)}})),
            "invalid_request");
  EXPECT_EQ(error_of(post("/oauth2/token", good, {})), "invalid_client");
  const HttpResponse unknown = post("/oauth2/token", good, {{"Authorization", "Basic eDp5"}});
  EXPECT_EQ(unknown.status, 401);
  EXPECT_TRUE(header(unknown, "WWW-Authenticate").starts_with("Basic"));
  EXPECT_EQ(error_of(send({.method = "POST",
                           .path = "/oauth2/token",
                           .body = good.form() + "&code=" + std::string(good.text("code")),
                           .headers = {basic(app)}})),
            "invalid_request");
  content_type_ = "application/json";
  EXPECT_EQ(error_of(post("/oauth2/token", good, {basic(app)})), "invalid_request");
  content_type_ = nullptr;
  EXPECT_EQ(error_of(post("/oauth2/token", good, {basic(app)})), "invalid_request");
  content_type_ = "application/x-www-form-urlencoded;charset=UTF-8";
  EXPECT_EQ(post("/oauth2/token", good, {basic(app)}).status, 200);
}

TEST_P(EndpointsTest, AProofIsAskedForWithANonce) {
  const Client app = client(R"({"dpop_bound_access_tokens": true})");
  const auto key = oauth::new_key();
  const Parameters good = code_request(code(app));
  const auto proof = [&](std::string nonce, std::string_view method, std::string_view url,
                         std::string token, std::string id) {
    return std::pair<std::string, std::string>("DPoP", oauth::dpop_proof({.key = key,
                                                                          .method = method,
                                                                          .url = url,
                                                                          .nonce = std::move(nonce),
                                                                          .token = std::move(token),
                                                                          .id = std::move(id),
                                                                          .now_ms = now_}));
  };
  const HttpResponse asked_for =
      post("/oauth2/token", good, {basic(app), proof("", "POST", oauth::kTokenUrl, "", "1")});
  EXPECT_EQ(error_of(asked_for), "use_dpop_nonce");
  const std::string nonce = header(asked_for, "DPoP-Nonce");
  ASSERT_FALSE(nonce.empty());
  const auto header_twice = proof(nonce, "POST", oauth::kTokenUrl, "", "2");
  EXPECT_EQ(error_of(post("/oauth2/token", good, {basic(app), header_twice, header_twice})),
            "invalid_dpop_proof");
  const HttpResponse tokens =
      post("/oauth2/token", good, {basic(app), proof(nonce, "POST", oauth::kTokenUrl, "", "3")});
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  EXPECT_EQ(json(tokens).at("token_type").as_string(), "DPoP");
  const std::string token(json(tokens).at("access_token").as_string());
  constexpr std::string_view kUserinfo = "https://id.example/oauth2/userinfo";
  const auto userinfo = [&](std::vector<std::pair<std::string, std::string>> headers) {
    return send({.path = "/oauth2/userinfo", .headers = std::move(headers)});
  };
  EXPECT_EQ(
      userinfo({{"Authorization", "DPoP " + token}, proof(nonce, "GET", kUserinfo, token, "4")})
          .status,
      200);
  EXPECT_EQ(userinfo({{"Authorization", "Bearer " + token}}).status, 401);
  EXPECT_EQ(
      userinfo({{"Authorization", "Bearer " + token}, proof(nonce, "GET", kUserinfo, token, "5")})
          .status,
      401);
  EXPECT_EQ(userinfo({{"Authorization", "DPoP " + token}}).status, 401);
  const HttpResponse wrong = userinfo(
      {{"Authorization", "DPoP " + token}, proof(nonce, "GET", kUserinfo, "another", "6")});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_TRUE(header(wrong, "WWW-Authenticate").starts_with("DPoP "));
}

TEST_P(EndpointsTest, UserinfoIsForWhoHasATokenForIt) {
  const Client app = client();
  const auto tokens = signed_in(app);
  const auto userinfo = [&](const std::string& authorization) {
    return send({.path = "/oauth2/userinfo", .headers = {{"Authorization", authorization}}});
  };
  EXPECT_EQ(userinfo("Bearer " + tokens.access_token).status, 200);
  EXPECT_EQ(json(userinfo("bearer " + tokens.access_token)).at("sub").as_string(), grey_);
  const HttpResponse none = send({.path = "/oauth2/userinfo"});
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(header(none, "WWW-Authenticate"), "Bearer realm=\"wardlock\"");
  for (const std::string& wrong :
       {std::string("Bearer x"), "Bearer " + tokens.refresh_token, "Bearer " + tokens.id_token,
        "Basic " + tokens.access_token, tokens.access_token}) {
    EXPECT_EQ(userinfo(wrong).status, 401) << wrong;
  }
  EXPECT_EQ(
      send({.path = "/oauth2/userinfo", .query = "access_token=" + tokens.access_token}).status,
      401)
      << "a token in a URL";
  const auto without = signed_in(app, {{"scope", "profile"}});
  const HttpResponse scope = userinfo("Bearer " + without.access_token);
  EXPECT_EQ(scope.status, 403);
  EXPECT_TRUE(header(scope, "WWW-Authenticate").contains("insufficient_scope"));
}

TEST_P(EndpointsTest, ARequestIsPushedAndBrought) {
  const Client app = client();
  const HttpResponse pushed = post("/oauth2/par", asked(app), {basic(app)});
  ASSERT_EQ(pushed.status, 201) << pushed.body;
  EXPECT_EQ(json(pushed).at("expires_in").as_int64(), 90);
  const Parameters brought = {
      {"client_id", app.id},
      {"request_uri", std::string(json(pushed).at("request_uri").as_string())}};
  EXPECT_EQ(send({.path = "/oauth2/authorize", .query = brought.form()}).status, 303);
  EXPECT_EQ(post("/oauth2/par", asked(app)).status, 401);
}

TEST_P(EndpointsTest, ADeviceIsOfferedCodes) {
  const Client pump = client(
      R"({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "redirect_uris": [],
          "token_endpoint_auth_method": "none"})");
  const HttpResponse response =
      post("/oauth2/device_authorization", {{"client_id", pump.id}, {"scope", "openid"}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(json(response).at("verification_uri").as_string(), "https://id.example/device");
  EXPECT_EQ(json(response).at("interval").as_int64(), 5);
  const Client app = client();
  EXPECT_EQ(error_of(post("/oauth2/device_authorization", {{"scope", "openid"}}, {basic(app)})),
            "unauthorized_client");
}

TEST_P(EndpointsTest, TokensAreRevokedAndAskedAbout) {
  const Client app = client();
  const auto own = basic(app);
  const auto tokens = signed_in(app);
  const Client server =
      client(R"({"grant_types": ["client_credentials"], "may_introspect": true})");
  const auto introspect = [&] {
    return json(post("/oauth2/introspect", {{"token", tokens.access_token}}, {basic(server)}))
        .at("active")
        .as_bool();
  };
  EXPECT_TRUE(introspect());
  EXPECT_EQ(post("/oauth2/introspect", {{"token", tokens.access_token}}).status, 401);
  EXPECT_EQ(post("/oauth2/revoke", {{"token", tokens.refresh_token}}, {own}).status, 200);
  EXPECT_FALSE(introspect());
}

TEST_P(EndpointsTest, ClientsRegisterWhereItIsAllowed) {
  const std::string body =
      R"({"client_name": "App", "redirect_uris": ["https://app.example/a"], "scope": "openid"})";
  content_type_ = "application/json";
  const auto send_it = [&](const std::string& what,
                           std::vector<std::pair<std::string, std::string>> headers = {}) {
    return send({.method = "POST",
                 .path = "/oauth2/register",
                 .body = what,
                 .headers = std::move(headers)});
  };
  EXPECT_EQ(send_it(body).status, 403) << "there is no registration at all";
  has_registration_ = true;
  const HttpResponse unasked = send_it(body);
  EXPECT_EQ(unasked.status, 401);
  EXPECT_EQ(header(unasked, "WWW-Authenticate"), "Bearer realm=\"wardlock\"");
  const HttpResponse guessed = send_it(body, {{"Authorization", "Bearer wli_guessed"}});
  EXPECT_EQ(guessed.status, 401);
  EXPECT_TRUE(header(guessed, "WWW-Authenticate").contains("invalid_token"));
  may_register_ = true;
  const HttpResponse made = send_it(body);
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(header(made, "Cache-Control"), "no-store");
  EXPECT_TRUE(json(made).contains("client_secret"));
  EXPECT_TRUE(json(made).at("require_consent").as_bool());
  EXPECT_EQ(error_of(send_it("{}")), "invalid_client_metadata");
  EXPECT_EQ(error_of(send_it("[]")), "invalid_client_metadata");
  EXPECT_EQ(error_of(send_it(R"({"client_name": "A", "redirect_uris": ["http://a.example"]})")),
            "invalid_redirect_uri");
  EXPECT_EQ(error_of(send_it(R"({"client_name": "A", "software_statement": "e30.e30.AA"})")),
            "invalid_software_statement");
  content_type_ = "application/x-www-form-urlencoded";
  EXPECT_EQ(error_of(send_it(body)), "invalid_client_metadata");
}

TEST_P(EndpointsTest, AClientLooksAfterHowItIsRegistered) {
  has_registration_ = may_register_ = true;
  content_type_ = "application/json";
  const auto made =
      json(send({.method = "POST",
                 .path = "/oauth2/register",
                 .body = R"({"client_name": "App", "redirect_uris": ["https://app.example/a"]})"}));
  const std::string id(made.at("client_id").as_string());
  const std::string path = "/oauth2/register/" + id;
  EXPECT_EQ(made.at("registration_client_uri").as_string(), "https://id.example" + path);
  const std::string token(made.at("registration_access_token").as_string());
  const auto ask = [&](std::string_view method, const std::string& bearer,
                       const std::string& body = "") {
    std::vector<std::pair<std::string, std::string>> headers = {
        {"Content-Type", "application/json"}};
    if (!bearer.empty()) headers.emplace_back("Authorization", "Bearer " + bearer);
    return send({.method = method, .path = path, .body = body, .headers = std::move(headers)});
  };
  for (const std::string_view method : {"GET", "PUT", "DELETE"}) {
    EXPECT_EQ(ask(method, "").status, 401) << method;
    EXPECT_EQ(ask(method, "wlm_guessed", R"({"client_id": "x"})").status, 401) << method;
  }
  EXPECT_EQ(ask("POST", token).status, 405);
  const auto read = json(ask("GET", token));
  EXPECT_EQ(read.at("client_name").as_string(), "App");
  EXPECT_EQ(read.at("registration_access_token").as_string(), token);
  EXPECT_FALSE(read.contains("client_secret")) << "it is kept as a hash";
  const HttpResponse changed =
      ask("PUT", token,
          R"({"client_name": "B", "redirect_uris": ["https://app.example/b"], "client_id": ")" +
              id + "\"}");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json(ask("GET", token)).at("client_name").as_string(), "B");
  EXPECT_EQ(error_of(ask("PUT", token, "{}")), "invalid_client_metadata");
  EXPECT_EQ(ask("DELETE", token).status, 204);
  EXPECT_EQ(ask("GET", token).status, 401);
}

TEST_P(EndpointsTest, APageOfOthersSignsNobodyOut) {
  const Client app = client(R"({"post_logout_redirect_uris": ["https://app.example/bye"]})");
  const auto tokens = signed_in(app);
  const auto session = this->session(grey_);
  const HttpResponse unasked = send({.path = "/oauth2/logout", .session = &session});
  EXPECT_EQ(header(unasked, "Location"), "https://id.example/account");
  EXPECT_TRUE(ended_.empty());
  const Parameters meant = {{"id_token_hint", tokens.id_token},
                            {"post_logout_redirect_uri", "https://app.example/bye"}};
  const HttpResponse out =
      send({.path = "/oauth2/logout", .query = meant.form(), .session = &session});
  EXPECT_EQ(header(out, "Location"), "https://app.example/bye");
  EXPECT_EQ(ended_, std::vector<std::string>{"session-1"});
  const Parameters elsewhere = {{"id_token_hint", tokens.id_token},
                                {"post_logout_redirect_uri", "https://evil.example/"}};
  EXPECT_EQ(send({.path = "/oauth2/logout", .query = elsewhere.form()}).status, 400);
}

TEST_P(EndpointsTest, PagesOfOthersMayAskWhereNoCookieCounts) {
  const HttpResponse preflight = send({.method = "OPTIONS", .path = "/oauth2/token"});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_TRUE(header(preflight, "Access-Control-Allow-Headers").contains("DPoP"));
  for (const char* path : {"/oauth2/authorize", "/oauth2/logout", "/oauth2/register"}) {
    const HttpResponse refused = send({.method = "OPTIONS", .path = path});
    EXPECT_EQ(refused.status, 405) << path;
    EXPECT_EQ(header(refused, "Access-Control-Allow-Origin"), "") << path;
  }
  EXPECT_EQ(send({.path = "/oauth2/nothing"}).status, 404);
}

}  // namespace
}  // namespace wardlock::oidc
