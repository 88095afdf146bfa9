#include "api/admin/authenticators.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "api/admin/admin_for_test.h"
#include "authn/session/sessions.h"
#include "crypto/random.h"
#include "secrets/sealer.h"
#include "secrets/secret_table.h"
#include "tables/tables.h"

namespace wardlock::admin {
namespace {

using directory::Thing;

class AuthenticatorsTest : public AdminForTest {
 protected:
  AuthenticatorsTest() {
    const auto badge = kept_->add_badge(
        {.mandate = mandate_, .person = grey_.id, .label = "blue one"}, Secret("badge-1"));
    EXPECT_TRUE(badge) << badge.error().message;
    badge_ = badge->id;
    gate_.asked.clear();
  }
  /// Everything over a store with people's authenticators, and somebody in it.
  Thing start() {
    registry_.reset();
    outbox_.reset();
    store_.reset();
    store_ = open(tables::migrations());
    secrets_ = std::make_unique<secrets::SecretTable>(
        secrets::Sealer::make(std::array{crypto::SymmetricKey::random()}).value());
    const directory::Surroundings surroundings{.clock = [this] { return now_; },
                                               .fill_random = &crypto::fill_random,
                                               .node = "node-1",
                                               .secrets = secrets_.get()};
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings);
    outbox_ = std::make_unique<directory::Outbox>(*store_, "node-1");
    sessions_ = authn::Sessions::start(*store_, {}, {.fill_random = &crypto::fill_random}).value();
    kept_ = std::make_unique<authn::Accounts>(authn::AccountSurroundings{
        .store = *store_,
        .sessions = *sessions_,
        .passwords = passwords_,
        .directory = surroundings,
        .rules = [this](std::string_view) -> const authn::AccountRules& { return rules_; }});
    accounts_ = kept_.get();
    return person("grey");
  }
  std::string of(const std::string& what) {
    return fmt::format("people/{}/authenticators{}", grey_.id, what);
  }
  std::string state() { return get(of("")).at("items.0.state"); }

  authn::AccountRules rules_;
  authn::PasswordVerifier passwords_{{}};
  std::unique_ptr<secrets::SecretTable> secrets_;
  std::unique_ptr<authn::Sessions> sessions_;
  std::unique_ptr<authn::Accounts> kept_;
  const Thing grey_ = start();
  std::string badge_;
};
WARDLOCK_ON_EACH_DATABASE(AuthenticatorsTest);

TEST_P(AuthenticatorsTest, AreListedForWhoMay) {
  const Answer listed = get(of(""));
  EXPECT_EQ(listed.status, 200);
  EXPECT_EQ(gate_.asked, std::vector<std::string>{"readAuthenticators person"});
  ASSERT_EQ(listed.count(), 1U);
  EXPECT_EQ(listed.at("items.0.id"), badge_);
  EXPECT_EQ(listed.at("items.0.kind"), "badge");
  EXPECT_EQ(listed.at("items.0.label"), "blue one");
  EXPECT_EQ(listed.at("items.0.state"), "active");
  EXPECT_FALSE(codec::to_json_text(listed.body).contains("badge-1")) << "what it is known by";
}

TEST_P(AuthenticatorsTest, WhatWasLostOrTakenCountsNoMore) {
  const Answer lost = post(of("/" + badge_ + "/lost"), R"({"reason":"called from home"})");
  EXPECT_EQ(lost.status, 200);
  EXPECT_EQ(lost.at("state"), "lost");
  EXPECT_NE(lost.at("endedAt"), "");
  EXPECT_EQ(gate_.asked.back(), "endAuthenticators person");
  EXPECT_TRUE(last_event().contains("mark_lost"));
  EXPECT_TRUE(last_event().contains("called from home"));
  EXPECT_EQ(post(of("/" + badge_ + "/revoke"), "{}").status, 400) << "it has ended already";
  const auto pin =
      kept_->set_pin({.mandate = mandate_, .person = grey_.id}, Secret("271828")).value();
  EXPECT_EQ(post(of("/" + pin.id + "/revoke"), "{}").at("state"), "revoked");
}

TEST_P(AuthenticatorsTest, AnEndIsSaidOrTakenAway) {
  const std::string path = of("/" + badge_ + "/expiry");
  EXPECT_EQ(post(path, R"({"expiresAt":"2030-01-31T00:00:00Z"})").at("expiresAt"),
            "2030-01-31T00:00:00.000Z");
  EXPECT_EQ(post(path, R"({"expiresAt":null})").at("expiresAt"), "");
  EXPECT_EQ(post(path, "{}").status, 400) << "what is left out is not meant";
  EXPECT_EQ(post(path, R"({"expiresAt":"tomorrow"})").status, 400);
  EXPECT_EQ(post(path, R"({"expiresAt":"2020-01-31T00:00:00Z"})").status, 400) << "it is over";
  EXPECT_EQ(state(), "active");
}

TEST_P(AuthenticatorsTest, WhoMayNotSeesAndEndsNone) {
  gate_.denies = {"readAuthenticators", "endAuthenticators"};
  EXPECT_EQ(get(of("")).status, 403);
  for (const char* step : {"/lost", "/revoke"}) {
    EXPECT_EQ(post(of("/" + badge_ + step), "{}").status, 403) << step;
  }
  EXPECT_EQ(post(of("/" + badge_ + "/expiry"), R"({"expiresAt":null})").status, 403);
  gate_.denies.clear();
  EXPECT_EQ(state(), "active");
}

TEST_P(AuthenticatorsTest, NobodyElsesIsEnded) {
  const Thing other = person("other");
  const std::string path = fmt::format("people/{}/authenticators/{}/lost", other.id, badge_);
  EXPECT_EQ(post(path, "{}").status, 404);
  EXPECT_EQ(post("people/nobody/authenticators/" + badge_ + "/lost", "{}").status, 404);
  EXPECT_EQ(post("devices/" + grey_.id + "/authenticators/" + badge_ + "/lost", "{}").status, 404);
  mandate_.tenant = "st-john";
  EXPECT_EQ(post(of("/" + badge_ + "/lost"), "{}").status, 404) << "another tenant's";
  EXPECT_EQ(get(of("")).status, 404);
  mandate_.tenant = "st-mary";
  EXPECT_EQ(state(), "active");
}

TEST_P(AuthenticatorsTest, WhatIsMistakenEndsNone) {
  EXPECT_EQ(post(of("/" + badge_ + "/lost?dryRun=true"), "{}").status, 400);
  EXPECT_EQ(post(of("/" + badge_ + "/lost"), R"({"resaon":"x"})").status, 400);
  EXPECT_EQ(post(of("/" + badge_ + "/sold"), "{}").status, 404);
  EXPECT_EQ(state(), "active");
}

TEST_P(AuthenticatorsTest, WhereNobodySignsInThereAreNone) {
  accounts_ = nullptr;
  EXPECT_EQ(get(of("")).status, 400);
  EXPECT_EQ(post(of("/" + badge_ + "/lost"), "{}").status, 400);
}

TEST_P(AuthenticatorsTest, AnAccountIsNotLinkedByATrial) {
  const std::string path = fmt::format("people/{}/linked-accounts?dryRun=true", grey_.id);
  EXPECT_EQ(post(path, R"({"issuer":"https://id.example","subject":"7"})").status, 400);
  EXPECT_EQ(get(of("")).count(), 1U);
}

}  // namespace
}  // namespace wardlock::admin
