#include "server/directory_holder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "authn/oauth/oauth_for_test.h"
#include "authn/oauth/own_client.h"
#include "authn/token.h"
#include "base/wall_clock.h"
#include "server/directory_for_test.h"
#include "server/directory_job.h"
#include "server/entrance.h"
#include "server/identity_provider.h"
#include "server/token_reader.h"

namespace wardlock::server {
namespace {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

constexpr std::string_view kIssuer = "https://id.example";
constexpr std::string_view kPath = "/admin/v1/people";

/// Somebody with a role of administration who has signed in, and the tokens of applications that
/// they let administer.
class DirectoryHolderTest : public DirectoryForTest {
 protected:
  DirectoryHolderTest() {
    config_.authentication.emplace();
    seal_secrets();
    open();
    provider_ = *IdentityProvider::open(config_, *directory_, log_);
    entrance_ = *Entrance::open(config_, *directory_, provider_.get(), log_);
    grey_ = somebody("grey", {"Administrator"}).id;
    sign_in(2);
  }
  ~DirectoryHolderTest() override {
    entrance_.reset();
    provider_.reset();
  }

  void sign_in(int level) {
    const authn::Proofs proofs =
        level == 1 ? authn::Proofs{authn::Proof::kPassword}
                   : authn::Proofs{authn::Proof::kPassword, authn::Proof::kOneTimeCode};
    session_ = entrance_->sessions()
                   .open({.tenant = "main",
                          .person = grey_,
                          .assurance = authn::assurance_of(proofs, wall_clock_ms()),
                          .environment = "office"},
                         wall_clock_ms())
                   ->session;
  }
  static oauth::Occasion now() {
    return {.tenant = "main", .issuer = std::string(kIssuer), .now_ms = wall_clock_ms()};
  }
  std::string client(const boost::json::object& more) {
    boost::json::object metadata = {{"client_name", "Console"},
                                    {"redirect_uris", {"https://app.example/in"}},
                                    {"token_endpoint_auth_method", "none"},
                                    {"scope", "openid offline_access wardlock.admin"}};
    for (const auto& member : more) metadata[member.key()] = member.value();
    return provider_->rules().clients.write(now(), metadata)->client.id;
  }
  /// What the client gets whom grey lets administer; `more`: to be asked for besides.
  std::string token(const std::string& id, std::string_view scope = "wardlock.admin",
                    std::string_view resource = {}, std::string_view proof = {}) {
    oauth::Parameters asked = {{"response_type", "code"},
                               {"client_id", id},
                               {"redirect_uri", "https://app.example/in"},
                               {"scope", std::string(scope)},
                               {"code_challenge", std::string(oauth::kChallenge)},
                               {"code_challenge_method", "S256"}};
    if (!resource.empty()) asked.set("resource", resource);
    auto begun = provider_->rules().authorizations.begin(now(), asked, nullptr);
    EXPECT_TRUE(begun);
    const auto answer =
        provider_->rules().authorizations.approve(now(), begun->handle, session_, {});
    EXPECT_TRUE(answer);
    const oauth::Parameters form = {{"client_id", id},
                                    {"grant_type", "authorization_code"},
                                    {"code", std::string(answer->parameters.text("code"))},
                                    {"redirect_uri", "https://app.example/in"},
                                    {"code_verifier", std::string(oauth::kVerifier)}};
    oauth::ClientRequest request{.parameters = form, .url = kTokenUrl};
    if (!proof.empty()) request.dpop = proof;
    const auto who = provider_->rules().authenticator.authenticate(now(), request);
    EXPECT_TRUE(who) << (who ? "" : who.error().description);
    return provider_->rules().token_requests.answer(now(), *who, form)->access_token;
  }

  using Headers = std::vector<net::HttpHeader>;
  auto read(const Headers& headers, std::string_view tenant = "", std::string_view path = kPath) {
    const ServedTenant served{.name = std::string(tenant),
                              .base_path = tenant.empty() ? "" : "/" + std::string(tenant),
                              .snapshot = nullptr};
    net::HttpRequest request{.method = "GET", .target = path, .path = path};
    for (const net::HttpHeader& each : headers) request.headers.push_back(each);
    return TokenReader(provider_.get())
        .read(
            {.request = request, .tenant = served, .public_url = kIssuer, .now = wall_clock_ms()});
  }
  auto read_bearer(const std::string& text) {
    const std::string value = "Bearer " + text;
    return read({{"Authorization", value}});
  }
  TokenRefusal refused(const std::string& text) {
    const auto found = read_bearer(text);
    EXPECT_FALSE(found) << "was let in";
    return found ? TokenRefusal() : found.error();
  }

  /// What the directory answers to whoever has that token.
  net::HttpResponse ask(const std::string& text, std::string_view method = "GET",
                        std::string_view path = kPath, std::string_view body = {}) {
    const auto found = read_bearer(text);
    if (!found || !*found) {
      ADD_FAILURE() << "not let in";
      return {};
    }
    net::HttpRequest request{.method = method, .target = path, .path = path, .body = body};
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    DirectoryJob job{.request = CopiedRequest(request, path),
                     .route = Route::kAdmin,
                     .holder = **found,
                     .base_url = std::string(kIssuer),
                     .now = wall_clock_ms()};
    job.work_on(*directory_);
    return std::move(job.response);
  }
  /// The same to whoever was found before something happened.
  net::HttpResponse answer_late(const DirectoryHolder& holder) {
    const net::HttpRequest request{.method = "GET", .target = kPath, .path = kPath};
    DirectoryJob job{.request = CopiedRequest(request, kPath),
                     .route = Route::kAdmin,
                     .holder = holder,
                     .base_url = std::string(kIssuer),
                     .now = wall_clock_ms()};
    job.work_on(*directory_);
    return std::move(job.response);
  }
  static std::string challenge(const net::HttpResponse& response) {
    const auto found = std::ranges::find(response.headers, std::string_view("WWW-Authenticate"),
                                         &net::ResponseHeaders::Field::name);
    return found == response.headers.end() ? "" : found->value;
  }

  static constexpr std::string_view kTokenUrl = "https://id.example/oauth2/token";
  std::unique_ptr<IdentityProvider> provider_;
  std::unique_ptr<Entrance> entrance_;
  std::string grey_;
  authn::Session session_;
};
WARDLOCK_ON_EACH_DATABASE(DirectoryHolderTest);

TEST_P(DirectoryHolderTest, APersonsTokenForAdministrationIsTheirs) {
  const std::string id = client({});
  const auto found = read_bearer(token(id));
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->subject->person, grey_);
  EXPECT_EQ((*found)->caller, id);
  EXPECT_EQ((*found)->tenant, "main");
  EXPECT_EQ((*found)->limit, provider_->limit_of("main", grey_)) << "of all their tokens";
}

TEST_P(DirectoryHolderTest, WhatIsNoAccessTokenIsLeftToOthers) {
  EXPECT_FALSE(*read({}));
  EXPECT_FALSE(*read_bearer(authn::new_token()));
  EXPECT_FALSE(*read({{"Authorization", "Basic Z3JleTpwdw=="}}));
  EXPECT_FALSE(*read({{"Authorization", "Bearer"}}));
  const std::string good = "Bearer " + token(client({}));
  EXPECT_FALSE(*read({{"Authorization", good}, {"Authorization", good}})) << "two are none";
  net::HttpRequest request{.method = "GET", .target = kPath, .path = kPath};
  request.headers.push_back({"Authorization", good});
  const ServedTenant served{.name = "", .base_path = "", .snapshot = nullptr};
  EXPECT_FALSE(*TokenReader(nullptr).read(
      {.request = request, .tenant = served, .public_url = kIssuer, .now = wall_clock_ms()}))
      << "nobody signs in";
}

TEST_P(DirectoryHolderTest, WhatIsNotGoodMayBeAGuess) {
  const std::string good = token(client({}));
  for (const std::string& wrong :
       {std::string("nothing"), good + "a", good.substr(0, good.size() - 4) + "AAAA",
        std::string("wla_") + std::string(43, 'a')}) {
    const TokenRefusal refusal = refused(wrong);
    EXPECT_EQ(refusal.status, 401) << wrong;
    EXPECT_TRUE(refusal.is_failure) << wrong;
    EXPECT_TRUE(refusal.challenge.contains("invalid_token")) << refusal.challenge;
  }
  const std::string value = "Bearer " + good;
  EXPECT_FALSE(read({{"Authorization", value}}, "north", "/north/admin/v1/people"))
      << "another tenant's";
}

TEST_P(DirectoryHolderTest, ATokenForSomethingElseAdministersNothing) {
  const std::string plain = client({});
  const TokenRefusal without = refused(token(plain, "openid"));
  EXPECT_EQ(without.status, 403);
  EXPECT_FALSE(without.is_failure);
  EXPECT_TRUE(without.challenge.contains("insufficient_scope")) << without.challenge;
  EXPECT_TRUE(without.challenge.contains("scope=\"wardlock.admin\"")) << without.challenge;
  const std::string several = client({{"audiences", {"https://fhir.example/r4"}}});
  EXPECT_EQ(refused(token(several)).status, 403) << "for another server";
  EXPECT_EQ(refused(token(several, "openid wardlock.admin")).status, 403)
      << "for another server, too, which could come here with it";
}

TEST_P(DirectoryHolderTest, NobodyAdministersInAnothersName) {
  const std::string given = token(client({}));
  const auto made = provider_->rules().clients.write(
      now(), {{"client_name", "Gateway"},
              {"grant_types", {"urn:ietf:params:oauth:grant-type:token-exchange"}},
              {"token_endpoint_auth_method", "client_secret_post"},
              {"scope", "wardlock.admin"},
              {"audiences", {kIssuer}},
              {"exchange_audiences", {kIssuer}}});
  ASSERT_TRUE(made) << made.error().description;
  constexpr std::string_view kAccessToken = "urn:ietf:params:oauth:token-type:access_token";
  const oauth::Parameters form = {{"client_id", made->client.id},
                                  {"client_secret", std::string(made->secret->reveal())},
                                  {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                                  {"subject_token", given},
                                  {"subject_token_type", std::string(kAccessToken)}};
  const auto who =
      provider_->rules().authenticator.authenticate(now(), {.parameters = form, .url = kTokenUrl});
  ASSERT_TRUE(who);
  const auto exchanged = provider_->rules().token_requests.answer(now(), *who, form);
  ASSERT_TRUE(exchanged) << exchanged.error().description;
  EXPECT_EQ(refused(exchanged->access_token).status, 403);
}

TEST_P(DirectoryHolderTest, ATokenThatIsTiedToAKeyNeedsItsProof) {
  const jose::SigningKey key = oauth::new_key();
  const auto proof = [&](std::string_view method, std::string_view url, const std::string& of,
                         const std::string& id) {
    return oauth::dpop_proof({.key = key,
                              .method = method,
                              .url = url,
                              .nonce = provider_->rules().proofs.nonce(wall_clock_ms()),
                              .token = of,
                              .id = id,
                              .now_ms = wall_clock_ms()});
  };
  const std::string bound =
      token(client({}), "wardlock.admin", {}, proof("POST", kTokenUrl, "", "one"));
  EXPECT_EQ(refused(bound).status, 401) << "as a bearer's it is good for nothing";
  const std::string value = "DPoP " + bound;
  const std::string here = std::string(kIssuer) + std::string(kPath);
  const std::string good = proof("GET", here, bound, "two");
  const auto found = read({{"Authorization", value}, {"DPoP", good}});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ((*found)->subject->person, grey_);
  EXPECT_FALSE(read({{"Authorization", value}, {"DPoP", good}})) << "a proof is good once";
  EXPECT_FALSE(read({{"Authorization", value}})) << "without one";
  const std::string elsewhere = proof("GET", here + "/x", bound, "three");
  EXPECT_FALSE(read({{"Authorization", value}, {"DPoP", elsewhere}}));
  const std::string other_method = proof("POST", here, bound, "four");
  EXPECT_FALSE(read({{"Authorization", value}, {"DPoP", other_method}}));
  const std::string of_another = proof("GET", here, "another token", "five");
  EXPECT_FALSE(read({{"Authorization", value}, {"DPoP", of_another}}));
  const std::string without_nonce = oauth::dpop_proof({.key = key,
                                                       .method = "GET",
                                                       .url = here,
                                                       .token = bound,
                                                       .id = "six",
                                                       .now_ms = wall_clock_ms()});
  const auto asked = read({{"Authorization", value}, {"DPoP", without_nonce}});
  ASSERT_FALSE(asked);
  EXPECT_TRUE(asked.error().challenge.contains("use_dpop_nonce")) << asked.error().challenge;
  EXPECT_FALSE(asked.error().nonce.empty());
  EXPECT_FALSE(asked.error().is_failure) << "who has no nonce yet does not guess";
}

TEST_P(DirectoryHolderTest, TheirRolesCountAsTheyAreNow) {
  const std::string text = token(client({}));
  EXPECT_EQ(ask(text).status, 200);
  write([&](directory::Edit& edit) -> Result<void> {
    for (const auto& each : TRY(edit.relations(
             {.relation = directory::Relation::kRoleAssignment, .subject = grey_}))) {
      TRY_VOID(edit.end(each.id));
    }
    return {};
  });
  EXPECT_EQ(ask(text).status, 403);
}

TEST_P(DirectoryHolderTest, ASessionThatEndedEndsItWithTheNextRequest) {
  const std::string passing = token(client({}));
  const std::string lasting = token(client({}), "offline_access wardlock.admin");
  EXPECT_EQ(ask(passing).status, 200);
  EXPECT_EQ(ask(lasting).status, 200);
  const auto holder = **read_bearer(passing);
  ASSERT_TRUE(entrance_->sessions().end("main", session_.id, authn::EndReason::kSignedOut,
                                        wall_clock_ms()));
  EXPECT_EQ(answer_late(holder).status, 401) << "before anybody was told";
  EXPECT_TRUE(eventually([&] { return !read_bearer(passing) && !read_bearer(lasting); }))
      << "who signs out administers nothing any more";
}

TEST_P(DirectoryHolderTest, WhatWasGrantedIsLookedUp) {
  const std::string text = token(client({}));
  const auto holder = **read_bearer(text);
  ASSERT_TRUE(provider_->rules().logouts.person_ended(now(), grey_));
  const net::HttpResponse late = answer_late(holder);
  EXPECT_EQ(late.status, 401);
  EXPECT_TRUE(challenge(late).contains("invalid_token"));
}

TEST_P(DirectoryHolderTest, WhoIsSuspendedIsNobody) {
  const std::string text = token(client({}), "offline_access wardlock.admin");
  const auto holder = **read_bearer(text);
  write([&](directory::Edit& edit) -> Result<void> {
    TRY(edit.set_state(grey_, std::nullopt, "suspended"));
    return {};
  });
  const net::HttpResponse late = answer_late(holder);
  EXPECT_EQ(late.status, 401);
  EXPECT_TRUE(eventually([&] { return !read_bearer(text); })) << "all that they granted ends";
}

TEST_P(DirectoryHolderTest, OneProofIsAskedForAnother) {
  sign_in(1);
  const net::HttpResponse refused = ask(token(client({})));
  EXPECT_EQ(refused.status, 401) << refused.body;
  EXPECT_TRUE(challenge(refused).contains("error=\"insufficient_user_authentication\""))
      << challenge(refused);
  EXPECT_TRUE(
      challenge(refused).contains("acr_values=\"http://idmanagement.gov/ns/assurance/aal/2\""))
      << challenge(refused);
  EXPECT_TRUE(refused.body.contains("assurance level 2")) << refused.body;
}

TEST_P(DirectoryHolderTest, WhatNoSignInWouldHelpIsRefusedAsEver) {
  const net::HttpResponse refused =
      ask(token(client({})), "POST", "/admin/v1/people/" + grey_ + "/state",
          R"({"state":"suspended"})");
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_EQ(challenge(refused), "");
}

TEST_P(DirectoryHolderTest, WhoAmISaysHowAndUntilWhen) {
  const std::string id = client({});
  const net::HttpResponse told = ask(token(id), "GET", "/admin/v1/whoami");
  EXPECT_EQ(told.status, 200);
  const codec::Json me = codec::parse_json(told.body).value();
  EXPECT_EQ(me.at("id").as_string(), grey_);
  EXPECT_EQ(me.at("signIn").at("level").as_int64(), 2);
  EXPECT_EQ(me.at("signIn").at("client").as_string(), id);
}

TEST_P(DirectoryHolderTest, EachTenantHasTheCommandLineAsAClient) {
  EXPECT_TRUE(*provider_->rules().clients.find("main", oauth::kCommandLineClient));
}

}  // namespace
}  // namespace wardlock::server
