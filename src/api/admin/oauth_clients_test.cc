#include "api/admin/oauth_clients.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "api/admin/admin_for_test.h"
#include "api/admin/openapi.h"
#include "authn/oauth/client_rows.h"
#include "authn/oauth/clients.h"
#include "authn/oauth/grant_rows.h"
#include "authn/oauth/tables.h"
#include "crypto/random.h"
#include "directory/registry/tables.h"

namespace wardlock::admin {
namespace {

using directory::Kind;
using directory::Thing;

constexpr std::string_view kViewer =
    R"({"client_name": "Ward list", "redirect_uris": ["https://wards.example/in"],
        "scope": "openid profile", "audiences": ["https://fhir.example"]})";
constexpr std::string_view kConsole =
    R"({"client_name": "Console", "redirect_uris": ["https://wards.example/in"],
        "scope": "openid wardlock.admin"})";

/// A directory with the tables of OAuth, too.
class OAuthClientsTest : public AdminForTest {
 protected:
  OAuthClientsTest() {
    std::vector<storage::Migration> all;
    for (const auto& tables : {directory::migrations(), oauth::migrations()}) {
      all.insert(all.end(), tables.begin(), tables.end());
    }
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(all);
    connect(nullptr);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
  }
  /// `secrets` null: none are kept.
  void connect(secrets::SecretTable* secrets) {
    registry_ = std::make_unique<directory::Registry>(
        *store_, directory::Surroundings{.clock = [this] { return now_; },
                                         .fill_random = &crypto::fill_random,
                                         .node = "node-1",
                                         .secrets = secrets});
  }

  std::string enter(std::string_view description = kViewer) {
    const Answer made = post("oauth-clients", description);
    EXPECT_EQ(made.status, 201) << made.at("detail");
    return made.at("client_id");
  }
  Answer patch(const std::string& id, std::string_view body, const Headers& headers = {}) {
    return ask("PATCH", "oauth-clients/" + id, body, headers);
  }
  Answer show(const std::string& id) { return get("oauth-clients/" + id); }

  std::optional<oauth::KeptClient> kept(const std::string& id,
                                        std::string_view tenant = "st-mary") {
    std::optional<oauth::KeptClient> found;
    EXPECT_TRUE(store_->read([&](storage::Work& work) -> Result<void> {
      found = TRY(oauth::find_kept_client(work, tenant, id));
      return {};
    }));
    return found;
  }
  /// Whether the protocols know it.
  bool is_known(const std::string& id) {
    bool is_there = false;
    EXPECT_TRUE(store_->read([&](storage::Work& work) -> Result<void> {
      const auto client = oauth::find_client(work, mandate_.tenant, id);
      is_there = client && client->has_value();
      return {};
    }));
    return is_there;
  }
  void grant(const std::string& client) {
    EXPECT_TRUE(store_->write([&](storage::Work& work) -> Result<void> {
      oauth::Grant grant;
      grant.id = "grant-1";
      grant.client = client;
      grant.made_ms = now_;
      grant.ends_ms = now_ + 1'000'000;
      return oauth::insert_grant(work, mandate_.tenant, grant);
    }));
  }
  bool is_granted() {
    bool is_live = false;
    EXPECT_TRUE(store_->read([&](storage::Work& work) -> Result<void> {
      const auto found = TRY(oauth::find_grant(work, mandate_.tenant, "grant-1"));
      is_live = found && !found->is_ended;
      return {};
    }));
    return is_live;
  }
  Thing service() {
    return create(Kind::kService, R"({"clientId":"gw","displayName":"Gateway","purpose":"x"})");
  }
};
WARDLOCK_ON_EACH_DATABASE(OAuthClientsTest);

TEST_P(OAuthClientsTest, ASecretIsShownOnceAndKeptAsAHash) {
  const Answer made = post("oauth-clients", kViewer);
  ASSERT_EQ(made.status, 201) << made.at("detail");
  const std::string id = made.at("client_id");
  const std::string secret = made.at("client_secret");
  EXPECT_TRUE(secret.starts_with("wls_"));
  EXPECT_EQ(made.header("Location"), "https://host/st-mary/admin/v1/oauth-clients/" + id);
  EXPECT_EQ(made.header("Cache-Control"), "no-store");
  EXPECT_EQ(made.header("ETag"), "\"1\"");
  EXPECT_EQ(kept(id)->client.secret_hashes, std::vector{oauth::hash_of(secret)});
  const Answer shown = show(id);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.at("client_secret"), "");
  EXPECT_EQ(shown.at("secrets"), "1");
  EXPECT_EQ(shown.at("client_name"), "Ward list");
  EXPECT_EQ(shown.header("ETag"), "\"1\"");
  EXPECT_EQ(ask("GET", "oauth-clients/" + id, "", {{"If-None-Match", "\"1\""}}).status, 304);
  for (const Answer& each : {shown, get("oauth-clients")}) {
    const std::string text = codec::to_json_text(each.body);
    EXPECT_FALSE(text.contains(secret));
    EXPECT_FALSE(text.contains(oauth::hash_of(secret)));
  }
}

TEST_P(OAuthClientsTest, WhatIsDoneGoesOnRecordWithoutSecrets) {
  const Answer made = post(
      "oauth-clients",
      R"({"client_name": "Ward list", "redirect_uris": ["https://wards.example/in"], "reason": "new ward"})");
  ASSERT_EQ(made.status, 201);
  const std::string id = made.at("client_id");
  std::string told = last_event();
  EXPECT_TRUE(told.contains("configuration_change") && told.contains("create")) << told;
  EXPECT_TRUE(told.contains("new ward")) << told;
  ASSERT_EQ(patch(id, R"({"client_name": "Wards"})").status, 200);
  told = last_event();
  EXPECT_TRUE(told.contains("Ward list") && told.contains("Wards")) << "before and after: " << told;
  const Answer renewed = post("oauth-clients/" + id + "/secret", "{}");
  ASSERT_EQ(renewed.status, 200);
  EXPECT_FALSE(last_event().contains(renewed.at("client_secret")));
  EXPECT_FALSE(last_event().contains(oauth::hash_of(renewed.at("client_secret"))));
  ASSERT_EQ(post("oauth-clients/" + id + "/state", R"({"state": "disabled"})").status, 200);
  ASSERT_EQ(ask("DELETE", "oauth-clients/" + id).status, 204);
  EXPECT_TRUE(last_event().contains("remove"));
  std::string all;
  for (const std::string& each : events()) all += each;
  for (const char* action : {"create", "change", "renewSecret", "disable", "remove"}) {
    EXPECT_TRUE(all.contains(action)) << action;
  }
  for (const Answer* each : {&made, &renewed}) {
    EXPECT_FALSE(all.contains(each->at("client_secret")));
    EXPECT_FALSE(all.contains(oauth::hash_of(each->at("client_secret"))));
  }
}

TEST_P(OAuthClientsTest, WhatWouldBeWeakIsRefusedWithItsPlace) {
  const Answer weak = post("oauth-clients",
                           R"({"client_name": "App", "redirect_uris": ["http://app.example/in"]})");
  EXPECT_EQ(weak.status, 400);
  const Answer wrong =
      post("oauth-clients", R"({"client_name": 7, "redirect_uris": ["https://app.example/in"]})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.at("errors.0.pointer"), "#/client_name");
  const Answer unknown = post("oauth-clients", R"({"client_name": "App", "redirect_uri": "x"})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_TRUE(unknown.at("detail").contains("redirect_uris")) << unknown.at("detail");
  for (const std::string_view name : {"client_id", "client_secret", "enabled", "self_registered"}) {
    EXPECT_EQ(
        post("oauth-clients", "{\"client_name\": \"App\", \"" + std::string(name) + "\": true}")
            .status,
        400)
        << name << " is not for whoever asks to say";
  }
  EXPECT_EQ(get("oauth-clients").count(), 0U);
}

TEST_P(OAuthClientsTest, OnlySomethingThatActsMayBeAClient) {
  const auto with = [&](const std::string& thing) {
    return post("oauth-clients",
                R"({"client_name": "Gateway", "grant_types": ["client_credentials"],
                    "directory_thing": ")" +
                    thing + "\"}");
  };
  EXPECT_EQ(with(person("kim").id).status, 400) << "people sign in; nothing acts for them so";
  EXPECT_EQ(with("019aaaaa-0000-7000-8000-000000000000").status, 400);
  EXPECT_EQ(with("019aaaaa-0000-7000-8000-000000000000").at("errors.0.pointer"),
            "#/directory_thing");
  gate_.asked.clear();
  EXPECT_EQ(with(service().id).status, 201);
  EXPECT_EQ(gate_.asked, std::vector<std::string>{"createClient that is a thing"});
}

TEST_P(OAuthClientsTest, EachDeedIsAskedForAndMayBeRefused) {
  const std::string id = enter();
  const std::string path = "oauth-clients/" + id;
  const auto refused = [&](const std::string& deed, std::string_view method,
                           const std::string& target, std::string_view body = "") {
    gate_.denies = {deed};
    EXPECT_EQ(ask(method, target, body).status, 403) << deed;
    gate_.denies = {};
  };
  refused("readClient", "GET", "oauth-clients");
  refused("readClient", "GET", path);
  refused("readClient", "GET", "oauth-clients/none");
  refused("createClient", "POST", "oauth-clients", kViewer);
  refused("changeClient", "PATCH", path, R"({"client_name": "x"})");
  refused("disableClient", "POST", path + "/state", R"({"state": "disabled"})");
  refused("renewClientSecret", "POST", path + "/secret", "{}");
  refused("removeClient", "DELETE", path);
  EXPECT_EQ(kept(id)->version, 1U) << "nothing was done";
  ASSERT_EQ(post(path + "/state", R"({"state": "disabled"})").status, 200);
  refused("enableClient", "POST", path + "/state", R"({"state": "enabled"})");
  EXPECT_FALSE(is_known(id));
}

TEST_P(OAuthClientsTest, WhoMayNotMakeAnAdministratorDoesNotTurnAClientIntoOne) {
  gate_.denies = {"createClient that administers", "changeClient that administers"};
  EXPECT_EQ(post("oauth-clients", kConsole).status, 403);
  const std::string id = enter();
  EXPECT_EQ(patch(id, R"({"scope": "openid wardlock.admin"})").status, 403);
  EXPECT_EQ(kept(id)->client.scopes, (std::vector<std::string>{"openid", "profile"}));
  gate_.denies = {};
  EXPECT_EQ(patch(id, R"({"scope": "openid wardlock.admin"})").status, 200);
  gate_.denies = {"changeClient that administers"};
  EXPECT_EQ(patch(id, R"({"scope": "openid"})").status, 403) << "as it was counts, too";
}

TEST_P(OAuthClientsTest, APatchChangesWhatItNames) {
  const std::string id = enter();
  const Answer changed = patch(id, R"({"client_name": "Wards", "audiences": null})");
  ASSERT_EQ(changed.status, 200) << changed.at("detail");
  EXPECT_EQ(changed.header("ETag"), "\"2\"");
  EXPECT_EQ(changed.at("client_name"), "Wards");
  EXPECT_EQ(changed.at("audiences"), "[]");
  EXPECT_EQ(changed.at("scope"), "openid profile");
  EXPECT_EQ(changed.at("client_secret"), "") << "its secret stays";
  EXPECT_EQ(kept(id)->client.secret_hashes.size(), 1U);
  const std::uint64_t before = revision();
  EXPECT_EQ(patch(id, R"({"client_name": "Wards"})").header("ETag"), "\"2\"");
  EXPECT_EQ(revision(), before) << "what is the same is no change";
  EXPECT_EQ(patch(id, R"({"client_name": null})").status, 400);
  EXPECT_EQ(patch(id, R"({"grant_types": ["password"]})").status, 400);
  EXPECT_EQ(patch("none", R"({"client_name": "x"})").status, 404);
}

TEST_P(OAuthClientsTest, WhatSomebodyElseChangedMeanwhileIsNotOverwritten) {
  const std::string id = enter();
  ASSERT_EQ(patch(id, R"({"client_name": "One"})", {{"If-Match", "\"1\""}}).status, 200);
  for (const std::string& target : {std::string(), std::string("/state"), std::string("/secret")}) {
    const bool is_patch = target.empty();
    EXPECT_EQ(ask(is_patch ? "PATCH" : "POST", "oauth-clients/" + id + target,
                  is_patch             ? R"({"client_name": "Two"})"
                  : target == "/state" ? R"({"state": "disabled"})"
                                       : "{}",
                  {{"If-Match", "\"1\""}})
                  .status,
              412)
        << target;
  }
  EXPECT_EQ(ask("DELETE", "oauth-clients/" + id, "", {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(show(id).at("client_name"), "One");
  EXPECT_EQ(ask("DELETE", "oauth-clients/" + id, "", {{"If-Match", "\"2\""}}).status, 204);
}

TEST_P(OAuthClientsTest, WhatIsGrantedEndsWithWhatWasAllowed) {
  const std::string id = enter();
  grant(id);
  ASSERT_EQ(patch(id, R"({"client_name": "Wards", "scope": "openid profile email"})").status, 200);
  EXPECT_TRUE(is_granted()) << "it may more than before";
  ASSERT_EQ(patch(id, R"({"scope": "openid"})").status, 200);
  EXPECT_FALSE(is_granted());
}

TEST_P(OAuthClientsTest, ADisabledClientIsNobodys) {
  const std::string id = enter();
  grant(id);
  const std::string path = "oauth-clients/" + id + "/state";
  EXPECT_EQ(post(path, R"({"state": "off"})").status, 400);
  EXPECT_EQ(post(path, "{}").status, 400);
  EXPECT_TRUE(is_known(id) && is_granted());
  const Answer disabled = post(path, R"({"state": "disabled"})");
  EXPECT_EQ(disabled.at("enabled"), "false");
  EXPECT_FALSE(is_known(id));
  EXPECT_FALSE(is_granted());
  EXPECT_EQ(show(id).at("enabled"), "false") << "who looks after it sees it";
  EXPECT_EQ(post(path, R"({"state": "disabled"})").header("ETag"), disabled.header("ETag"));
  ASSERT_EQ(patch(id, R"({"client_name": "Wards"})").status, 200);
  EXPECT_FALSE(is_known(id)) << "a change does not enable it";
  EXPECT_EQ(post(path, R"({"state": "enabled"})").status, 200);
  EXPECT_TRUE(is_known(id));
  EXPECT_FALSE(is_granted()) << "what has ended stays so";
}

TEST_P(OAuthClientsTest, ASecretIsReplacedWhileTheOneBeforeCounts) {
  const Answer made = post("oauth-clients", kViewer);
  const std::string id = made.at("client_id");
  const std::string path = "oauth-clients/" + id + "/secret";
  const Answer second = post(path, "{}");
  ASSERT_EQ(second.status, 200);
  const auto hash_in = [](const Answer& answer) {
    return oauth::hash_of(answer.at("client_secret"));
  };
  EXPECT_EQ(kept(id)->client.secret_hashes, (std::vector{hash_in(made), hash_in(second)}));
  const Answer third = post(path, "{}");
  EXPECT_EQ(kept(id)->client.secret_hashes, (std::vector{hash_in(second), hash_in(third)}));
  const Answer alone = post(path, R"({"endOthers": true})");
  EXPECT_EQ(kept(id)->client.secret_hashes, std::vector{hash_in(alone)});
  EXPECT_EQ(post(path, R"({"endOthers": "yes"})").status, 400);
  const std::string open = enter(
      R"({"client_name": "Pad", "redirect_uris": ["https://pad.example/in"],
          "token_endpoint_auth_method": "none"})");
  EXPECT_EQ(post("oauth-clients/" + open + "/secret", "{}").status, 400)
      << "it proves itself without one";
  EXPECT_EQ(show(open).at("secrets"), "0");
}

TEST_P(OAuthClientsTest, ADryRunMakesNothingAndShowsNoSecret) {
  const Answer tried = post("oauth-clients?dryRun=true", kViewer);
  EXPECT_EQ(tried.status, 200);
  EXPECT_EQ(tried.at("client_secret"), "");
  EXPECT_EQ(get("oauth-clients").count(), 0U);
  const std::string id = enter();
  EXPECT_EQ(post("oauth-clients/" + id + "/secret?dryRun=true", "{}").at("client_secret"), "");
  EXPECT_EQ(ask("DELETE", "oauth-clients/" + id + "?dryRun=true").status, 200);
  EXPECT_EQ(kept(id)->version, 1U);
}

TEST_P(OAuthClientsTest, TheSameAgainIsDoneOnceAndItsSecretIsForWhoMayHaveIt) {
  secrets::SecretTable table(
      secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}).value());
  const Headers key = {{"Idempotency-Key", "k-1"}};
  const Answer unsealed = post("oauth-clients", kViewer, key);
  ASSERT_EQ(unsealed.status, 201);
  EXPECT_EQ(post("oauth-clients", kViewer, key).status, 409) << "its secret is kept nowhere";
  connect(&table);
  const Headers other = {{"Idempotency-Key", "k-2"}};
  const Answer first = post("oauth-clients", kViewer, other);
  EXPECT_EQ(post("oauth-clients", kViewer, other).body, first.body);
  EXPECT_EQ(get("oauth-clients").count(), 2U);
  gate_.denies = {"renewClientSecret"};
  EXPECT_EQ(post("oauth-clients", kViewer, other).status, 403) << "who lost the right to it";
  gate_.denies = {};
  ASSERT_EQ(ask("DELETE", "oauth-clients/" + first.at("client_id")).status, 204);
  EXPECT_NE(post("oauth-clients", kViewer, other).at("client_secret"), first.at("client_secret"));
}

TEST_P(OAuthClientsTest, AnotherTenantsClientIsNone) {
  const std::string id = enter();
  mandate_.tenant = "general";
  EXPECT_EQ(show(id).status, 404);
  EXPECT_EQ(show(id).at("detail"), get("oauth-clients/" + id).at("detail"));
  EXPECT_EQ(patch(id, R"({"client_name": "mine"})").status, 404);
  EXPECT_EQ(ask("DELETE", "oauth-clients/" + id).status, 404);
  EXPECT_EQ(post("oauth-clients/" + id + "/secret", "{}").status, 404);
  EXPECT_EQ(post("oauth-clients/" + id + "/state", R"({"state": "disabled"})").status, 404);
  EXPECT_EQ(get("oauth-clients").count(), 0U);
  EXPECT_EQ(kept(id)->version, 1U);
}

TEST_P(OAuthClientsTest, WhatIsRemovedIsGoneWithWhatWasGrantedToIt) {
  const std::string id = enter();
  grant(id);
  EXPECT_EQ(ask("DELETE", "oauth-clients/" + id).status, 204);
  EXPECT_FALSE(kept(id) || is_granted());
  EXPECT_EQ(ask("DELETE", "oauth-clients/" + id).status, 404);
}

TEST_P(OAuthClientsTest, WhatIsDescribedIsWhatIsTakenAndShown) {
  const codec::Json document = openapi();
  const auto& schemas = document.at("components").at("schemas");
  for (const char* name : {"NewOAuthClient", "OAuthClientPatch"}) {
    std::set<std::string> described;
    for (const auto& member : schemas.at(name).at("properties").as_object()) {
      described.emplace(member.key());
    }
    const auto names = oauth::client_metadata_names();
    std::set<std::string> taken(names.begin(), names.end());
    taken.insert("reason");
    EXPECT_EQ(described, taken) << name;
  }
  const Answer made = post("oauth-clients", kViewer);
  for (const auto& member : made.body.as_object()) {
    EXPECT_TRUE(schemas.at("OAuthClient").at("properties").as_object().contains(member.key()))
        << member.key();
  }
}

}  // namespace
}  // namespace wardlock::admin
