#include "authn/oauth/logouts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "authn/oauth/oauth_for_test.h"
#include "authn/session/session_rows.h"
#include "secrets/secret_table.h"

namespace wardlock::oauth {
namespace {

constexpr std::string_view kTold =
    R"({"backchannel_logout_uri": "https://app.example/logout",
        "post_logout_redirect_uris": ["https://app.example/bye"]})";

class LogoutsTest : public OAuthForTest {
 protected:
  /// As `authn::Sessions` leaves one that has ended.
  void end_in_store(std::string_view id, std::string_view tenant = "main") {
    storage::write(*store_, [&](storage::Work& work) -> Result<void> {
      authn::SessionRecord record{.session = session(grey_, id, tenant)};
      TRY_VOID(authn::insert_session(work, record));
      TRY(authn::end_session(work, tenant, id, authn::EndReason::kSignedOut, now_));
      return {};
    });
  }
  std::size_t followed() { return must(provider_->logouts.follow_sessions(now_)); }
};
WARDLOCK_ON_EACH_DATABASE(LogoutsTest);

TEST_P(LogoutsTest, WhatWasGrantedInASessionEndsWithIt) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app);
  const TokenAnswer offline = signed_in(app, {{"scope", "openid offline_access"}});
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-2", grey_));
  EXPECT_TRUE(is_good(tokens.access_token)) << "another session";
  ASSERT_TRUE(provider_->logouts.session_ended(at("other"), "session-1", grey_));
  EXPECT_TRUE(is_good(tokens.access_token)) << "another tenant";
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  EXPECT_FALSE(is_good(tokens.access_token));
  EXPECT_TRUE(is_good(offline.access_token));
  ASSERT_TRUE(provider_->logouts.person_ended(at(), grey_));
  EXPECT_FALSE(is_good(offline.access_token));
}

constexpr std::string_view kLasting = R"({"scope": "openid profile offline_access wardlock.admin",
    "grant_types": ["authorization_code", "refresh_token"]})";

TEST_P(LogoutsTest, WhoSignsOutAdministersNothingAnyMore) {
  const Client console = client(kLasting);
  const TokenAnswer timed_out = signed_in(console, {{"scope", "offline_access wardlock.admin"}});
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  EXPECT_TRUE(is_good(timed_out.access_token)) << "its time was over: that is no matter";
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_, /*is_meant=*/true));
  EXPECT_FALSE(is_good(timed_out.access_token));
}

TEST_P(LogoutsTest, WhatIsNoAdministrationOutlivesASignOut) {
  const Client app = client(kLasting);
  const TokenAnswer given = signed_in(app, {{"scope", "openid offline_access"}});
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_, /*is_meant=*/true));
  EXPECT_TRUE(is_good(given.access_token));
}

TEST_P(LogoutsTest, WhatLastsIsSeenAndEnded) {
  const Client app = client(kLasting);
  const TokenAnswer first = signed_in(app, {{"scope", "openid offline_access"}});
  now_ += 1;
  const TokenAnswer second = signed_in(app, {{"scope", "openid offline_access"}});
  const TokenAnswer passing = signed_in(app);
  const auto found = must(provider_->logouts.lasting_grants(at(), grey_));
  ASSERT_EQ(found.size(), 2U) << "what ends with its session is none";
  EXPECT_EQ(found[0].client_name, "Ward list");
  EXPECT_EQ(found[0].authentication.level, 2);
  EXPECT_TRUE(must(provider_->logouts.lasting_grants(at("north"), grey_)).empty());
  EXPECT_TRUE(must(provider_->logouts.lasting_grants(at(), "somebody else")).empty());
  EXPECT_EQ(must(provider_->logouts.end_lasting_grants(at("north"), grey_, found[0].id)), 0U);
  EXPECT_EQ(must(provider_->logouts.end_lasting_grants(at(), "somebody", found[0].id)), 0U);
  EXPECT_EQ(must(provider_->logouts.end_lasting_grants(at(), grey_, found[0].id)), 1U);
  EXPECT_FALSE(is_good(first.access_token));
  EXPECT_TRUE(is_good(second.access_token));
  EXPECT_EQ(must(provider_->logouts.end_lasting_grants(at(), grey_)), 1U);
  EXPECT_FALSE(is_good(second.access_token));
  EXPECT_TRUE(is_good(passing.access_token));
  EXPECT_EQ(must(provider_->logouts.end_lasting_grants(at(), grey_)), 0U);
}

TEST_P(LogoutsTest, WhoIsGoneIsFoundByWhatTheyGranted) {
  const Client app = client();
  must(redeem(app, code(app)));
  EXPECT_TRUE(must(provider_->logouts.gone_people()).empty());
  suspend(grey_);
  const auto gone = must(provider_->logouts.gone_people());
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].tenant, "main");
  EXPECT_EQ(gone[0].person, grey_);
  ASSERT_TRUE(provider_->logouts.person_ended(at(), grey_));
  EXPECT_TRUE(must(provider_->logouts.gone_people()).empty()) << "once";
}

TEST_P(LogoutsTest, ClientsAreToldOfTheEndOfTheirSessions) {
  const Client app = client(kTold);
  const Client other = client();
  must(redeem(other, code(other)));
  ASSERT_TRUE(provider_->authorizations.begin(at(), asked(app), nullptr));
  approved(asked(app), session(grey_));
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  const auto due = must(provider_->logouts.due(now_, 10));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].uri, "https://app.example/logout");
  const auto claims = claims_of(due[0].token);
  EXPECT_EQ(claims.at("aud").as_string(), app.id);
  EXPECT_EQ(claims.at("sid").as_string(), "session-1");
  EXPECT_EQ(claims.at("sub").as_string(), grey_);
  EXPECT_TRUE(claims.at("events").as_object().contains(
      "http://schemas.openid.net/event/backchannel-logout"));
  EXPECT_FALSE(claims.contains("nonce"));
  EXPECT_EQ(jose::UnverifiedJws::parse(due[0].token)->type(), "logout+jwt");
  EXPECT_FALSE(is_good(due[0].token)) << "it is no access token";
}

TEST_P(LogoutsTest, SessionsThatEndedWhileNobodyLookedAreFound) {
  const Client app = client(kTold);
  const TokenAnswer tokens = signed_in(app);
  EXPECT_EQ(followed(), 0U);
  end_in_store("session-2");
  end_in_store("session-3", "other");
  EXPECT_EQ(followed(), 2U);
  EXPECT_TRUE(is_good(tokens.access_token)) << "other sessions";
  end_in_store("session-1");
  EXPECT_EQ(followed(), 1U);
  EXPECT_FALSE(is_good(tokens.access_token));
  EXPECT_EQ(must(provider_->logouts.due(now_, 10)).size(), 1U);
  EXPECT_EQ(followed(), 0U) << "once";
  EXPECT_EQ(must(provider_->logouts.due(now_, 10)).size(), 1U);
}

TEST_P(LogoutsTest, WhatCannotBeToldIsLookedAtAgain) {
  const Client app = client(kTold);
  approved(asked(app), session(grey_));
  end_in_store("session-1");
  storage::write(*store_, "UPDATE oauth_grant SET document = '[' || document");
  EXPECT_FALSE(provider_->logouts.follow_sessions(now_));
  storage::write(*store_, "UPDATE oauth_grant SET document = substr(document, 2)");
  EXPECT_EQ(followed(), 1U);
  EXPECT_EQ(must(provider_->logouts.due(now_, 10)).size(), 1U);
}

TEST_P(LogoutsTest, WhatNobodyTakesIsGivenUpOnRecord) {
  const Client app = client(kTold);
  approved(asked(app), session(grey_));
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  now_ += 3'599'999;
  EXPECT_EQ(must(provider_->logouts.give_up(now_)), 0U);
  told_.clear();
  now_ += 1;
  EXPECT_TRUE(must(provider_->logouts.due(now_, 10)).empty());
  EXPECT_EQ(must(provider_->logouts.give_up(now_)), 1U);
  EXPECT_EQ(told_, std::vector<std::string>{"back_channel"});
  EXPECT_EQ(must(provider_->logouts.give_up(now_)), 0U);
}

TEST_P(LogoutsTest, WhatWasNotTakenIsSentAgainForAnHour) {
  const Client app = client(kTold);
  approved(asked(app), session(grey_));
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  const PendingLogout first = must(provider_->logouts.due(now_, 10)).at(0);
  EXPECT_TRUE(must(provider_->logouts.take(first, now_)));
  EXPECT_FALSE(must(provider_->logouts.take(first, now_))) << "another node has it";
  EXPECT_TRUE(must(provider_->logouts.due(now_, 10)).empty());
  now_ += 10'000;
  const PendingLogout second = must(provider_->logouts.due(now_, 10)).at(0);
  EXPECT_EQ(second.attempts, 1);
  EXPECT_TRUE(must(provider_->logouts.take(second, now_)));
  now_ += 10'000;
  EXPECT_TRUE(must(provider_->logouts.due(now_, 10)).empty()) << "twice the time";
  now_ += 10'000;
  EXPECT_EQ(must(provider_->logouts.due(now_, 10)).size(), 1U);
  ASSERT_TRUE(provider_->logouts.delivered(second));
  EXPECT_TRUE(must(provider_->logouts.due(now_, 10)).empty());
  approved(asked(app), session(grey_));
  ASSERT_TRUE(provider_->logouts.session_ended(at(), "session-1", grey_));
  now_ += 3'600'000;
  EXPECT_TRUE(must(provider_->logouts.due(now_, 10)).empty());
  ASSERT_TRUE(provider_->tidy(now_ + 1));
}

TEST_P(LogoutsTest, AClientSignsOutTheSessionItKnows) {
  const Client app = client(kTold);
  const TokenAnswer tokens = signed_in(app);
  const auto session = this->session(grey_);
  const Parameters wanted = {{"id_token_hint", tokens.id_token},
                             {"post_logout_redirect_uri", "https://app.example/bye"},
                             {"state", "a b"}};
  const LogoutRequest request = must(provider_->logouts.check(at(), wanted, &session));
  EXPECT_FALSE(request.must_ask);
  EXPECT_EQ(request.session, "session-1");
  EXPECT_EQ(request.return_url, "https://app.example/bye?state=a%20b");
  const auto other = this->session(grey_, "session-2");
  EXPECT_TRUE(must(provider_->logouts.check(at(), wanted, &other)).must_ask);
  EXPECT_TRUE(must(provider_->logouts.check(at(), wanted, nullptr)).must_ask);
  now_ += 3'600'000;
  EXPECT_FALSE(must(provider_->logouts.check(at(), wanted, &session)).must_ask)
      << "an ID token says whose it is also after its time";
}

TEST_P(LogoutsTest, WhoShowsNoIdTokenOfOursSignsNobodyOut) {
  const Client app = client(kTold);
  const TokenAnswer tokens = signed_in(app);
  const auto session = this->session(grey_);
  const auto check = [&](const Parameters& parameters) {
    return provider_->logouts.check(at(), parameters, &session);
  };
  EXPECT_TRUE(must(check({})).must_ask);
  EXPECT_TRUE(must(check({{"client_id", app.id}})).must_ask);
  const auto thief = new_key(must(provider_->keys.current(at()))->id);
  EXPECT_REFUSED(
      check({{"id_token_hint", jose::sign_jwt(thief, "JWT", claims_of(tokens.id_token))}}),
      Fault::kInvalidRequest);
  EXPECT_REFUSED(check({{"id_token_hint", tokens.access_token}}), Fault::kInvalidRequest);
  EXPECT_REFUSED(check({{"id_token_hint", "x"}}), Fault::kInvalidRequest);
  EXPECT_REFUSED(check({{"id_token_hint", tokens.id_token}, {"client_id", "another"}}),
                 Fault::kInvalidRequest);
  for (const char* uri : {"https://evil.example/", "https://app.example/bye/",
                          "https://app.example/bye?x", "https://app.example/signed-in"}) {
    EXPECT_REFUSED(check({{"id_token_hint", tokens.id_token}, {"post_logout_redirect_uri", uri}}),
                   Fault::kInvalidRequest)
        << uri;
  }
  EXPECT_REFUSED(check({{"post_logout_redirect_uri", "https://app.example/bye"}}),
                 Fault::kInvalidRequest)
      << "of nobody";
}

class SigningKeysTest : public OAuthForTest {
 protected:
  static constexpr std::int64_t kDay = 86'400'000;
};
WARDLOCK_ON_EACH_DATABASE(SigningKeysTest);

TEST_P(SigningKeysTest, AKeyIsShownBeforeItSignsAndKnownAfter) {
  SigningKeys& keys = provider_->keys;
  const std::string first = must(keys.current(at()))->id;
  EXPECT_EQ(must(keys.shown(at()))->keys().size(), 1U);
  now_ += 29 * kDay;
  ASSERT_TRUE(keys.keep_up(at()));
  EXPECT_EQ(must(keys.shown(at()))->keys().size(), 2U);
  EXPECT_EQ(must(keys.current(at()))->id, first);
  now_ += kDay;
  const std::string second = must(keys.current(at()))->id;
  EXPECT_NE(second, first);
  EXPECT_NE(must(keys.shown(at()))->find(first), nullptr) << "its tokens still live";
  now_ += 3 * 3'600'000;
  ASSERT_TRUE(keys.keep_up(at()));
  EXPECT_EQ(must(keys.shown(at()))->find(first), nullptr);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM secret"), 1);
}

TEST_P(SigningKeysTest, AllNodesHaveTheSame) {
  const std::string first = must(provider_->keys.current(at()))->id;
  const Parts parts{
      .store = *store_, .secrets = *secrets_, .registry = *registry_, .fill_random = {}};
  SigningKeys other(parts);
  EXPECT_EQ(must(other.current(at()))->id, first);
  EXPECT_NE(must(other.current(at("other")))->id, first) << "tenants share no key";
}

TEST_P(SigningKeysTest, AKeyThatMayHaveLeakedVerifiesNoMore) {
  const Client app = client();
  const TokenAnswer tokens = signed_in(app);
  EXPECT_TRUE(is_good(tokens.access_token));
  ASSERT_TRUE(provider_->keys.replace_all(at()));
  EXPECT_FALSE(is_good(tokens.access_token));
  EXPECT_TRUE(is_good(signed_in(app).access_token));
}

TEST_P(SigningKeysTest, AKeyIsKeptSealed) {
  must(provider_->keys.current(at()));
  const std::string shown = storage::text(*store_, "SELECT public_key FROM oauth_key");
  EXPECT_FALSE(codec::parse_json(shown)->as_object().contains("d"));
  const Parts parts{
      .store = *store_, .secrets = *secrets_, .registry = *registry_, .fill_random = {}};
  secrets_->use(secrets::Sealer::make(std::vector{crypto::SymmetricKey::random()}).value());
  SigningKeys without(parts);
  EXPECT_REFUSED(without.current(at()), Fault::kServerError);
}

}  // namespace
}  // namespace wardlock::oauth
