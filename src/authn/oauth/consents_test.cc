#include "authn/oauth/consents.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "authn/oauth/oauth_for_test.h"
#include "authn/oauth/tables.h"

namespace wardlock::oauth {
namespace {

using Words = std::vector<std::string>;

class ConsentsTest : public OAuthForTest {
 protected:
  std::vector<GivenAccess> given_by(std::string_view person, std::string_view tenant = "main") {
    return must(provider_->consents.given_by(at(tenant), person));
  }
  bool withdrawn(const Client& app, std::string_view person, std::string_view tenant = "main") {
    const bool had = must(provider_->consents.withdraw(
        at(tenant), {.person = person, .client = app.id, .session = "session-1"}));
    EXPECT_TRUE(provider_->tokens.follow());
    return had;
  }
};
WARDLOCK_ON_EACH_DATABASE(ConsentsTest);

TEST_P(ConsentsTest, TellWhatWasGivenAndWhatIsLeftOfIt) {
  EXPECT_TRUE(given_by(grey_).empty());
  const Client app = client(R"({"require_consent": true})");
  const std::int64_t since = now_;
  signed_in(app, {{"scope", "openid"}});
  now_ += 1000;
  signed_in(app, {{"scope", "openid profile"}});
  const auto given = given_by(grey_);
  ASSERT_EQ(given.size(), 1U) << "one application";
  EXPECT_EQ(given.front().client, app.id);
  EXPECT_EQ(given.front().client_name, app.name);
  EXPECT_EQ(given.front().scopes, (Words{"openid", "profile"}));
  EXPECT_LE(given.front().since_ms, since + 1000);
  EXPECT_FALSE(given.front().is_lasting);
  EXPECT_TRUE(given_by("somebody else").empty());
  EXPECT_TRUE(given_by(grey_, "another").empty());
}

TEST_P(ConsentsTest, WhatGoesOnWithoutTheSessionIsToldSo) {
  const Client app = client();
  signed_in(app, {{"scope", "openid offline_access"}});
  ASSERT_EQ(given_by(grey_).size(), 1U);
  EXPECT_TRUE(given_by(grey_).front().is_lasting);
}

TEST_P(ConsentsTest, WithdrawnEndsEveryTokenAndIsAskedAnew) {
  const Client app = client(R"({"require_consent": true})");
  const TokenAnswer tokens = signed_in(app);
  const Client other = client();
  const TokenAnswer others = signed_in(other);
  ASSERT_TRUE(is_good(tokens.access_token));
  told_.clear();
  EXPECT_TRUE(withdrawn(app, grey_));
  EXPECT_FALSE(is_good(tokens.access_token));
  EXPECT_TRUE(is_good(others.access_token)) << "another application's goes on";
  EXPECT_EQ(told_, Words{"withdraw_access"});
  ASSERT_EQ(given_by(grey_).size(), 1U);
  EXPECT_EQ(given_by(grey_).front().client, other.id);
}

TEST_P(ConsentsTest, OnlyOnesOwnIsWithdrawn) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app);
  told_.clear();
  EXPECT_FALSE(withdrawn(app, "somebody else"));
  EXPECT_FALSE(withdrawn(app, grey_, "another"));
  EXPECT_FALSE(
      must(provider_->consents.withdraw(at(), {.person = grey_, .client = "no such application"})));
  EXPECT_TRUE(is_good(tokens.access_token));
  EXPECT_TRUE(told_.empty());
  EXPECT_TRUE(withdrawn(app, grey_));
  EXPECT_FALSE(withdrawn(app, grey_)) << "once";
}

TEST_P(ConsentsTest, AreNotRestoredAndNothingThatWasGranted) {
  const Client app = client(R"({"require_consent": true, "access_token_format": "opaque"})");
  const TokenAnswer tokens = signed_in(app, {{"scope", "openid offline_access"}});
  ASSERT_TRUE(forget_all_grants(*store_));
  EXPECT_TRUE(given_by(grey_).empty());
  EXPECT_REFUSED(
      request(app, {{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh_token}}),
      Fault::kInvalidGrant);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM oauth_token"), 0);
}

}  // namespace
}  // namespace wardlock::oauth
