#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "authn/account/account_for_test.h"

namespace wardlock::authn {
namespace {

using Told = std::vector<std::string>;
constexpr std::int64_t kDay = 24 * kHour;

class NoticesTest : public AccountsForTest {
 protected:
  void fail_password(int times, const std::string& mark = "") {
    for (int i = 0; i < times; ++i) {
      show_password(begin("grey", mark), "not the password at all", mark);
    }
  }
  directory::Mandate by(const Thing& helper, std::string reason = "came with a passport") {
    return {.tenant = std::string(kTenant),
            .actor_type = "User",
            .actor_id = helper.id,
            .reason = std::move(reason)};
  }
};
WARDLOCK_ON_EACH_DATABASE(NoticesTest);

TEST_P(NoticesTest, TellOfEachWayInThatIsAdded) {
  give_password(grey_);
  EXPECT_EQ(notices(), Told{"authenticator_added password"});
  give_app(grey_);
  EXPECT_EQ(notices(), Told{"authenticator_added totp"});
  give_recovery_codes(grey_);
  EXPECT_EQ(notices(), Told{"authenticator_added recovery_codes"});
  webauthn::TestAuthenticator key;
  give_passkey(grey_, key);
  EXPECT_EQ(notices(), Told{"authenticator_added passkey"});
  ASSERT_TRUE(accounts_->map_certificate(change(grey_), {.place = "upn:grey@st-mary"}));
  EXPECT_EQ(notices(), Told{"authenticator_added certificate"});
  ASSERT_TRUE(accounts_->link_account(change(grey_), "https://id.example", "4711"));
  EXPECT_EQ(notices(), Told{"account_linked"});
  ASSERT_TRUE(accounts_->add_badge(change(grey_), Secret("badge-1")));
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("482915")));
  EXPECT_EQ(notices(), (Told{"authenticator_added badge", "authenticator_added pin"}));
}

TEST_P(NoticesTest, AnAppThatWasOnlyOfferedIsNoNews) {
  ASSERT_TRUE(accounts_->offer_totp(change(grey_)));
  EXPECT_EQ(notices(), Told{});
  now_ += kHour;
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{}) << "nor that nobody took it";
}

TEST_P(NoticesTest, TellOnceOfWhatGaveWayToAnother) {
  give_password(grey_);
  give_recovery_codes(grey_);
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("482915")));
  notices();
  give_password(grey_, "nine quiet accordions");
  EXPECT_EQ(notices(), Told{"password_changed"});
  give_recovery_codes(grey_);
  EXPECT_EQ(notices(), Told{"authenticator_replaced recovery_codes"});
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("915482")));
  EXPECT_EQ(notices(), Told{"authenticator_replaced pin"});
}

TEST_P(NoticesTest, TellOfWhatIsGone) {
  const Authenticator password = give_password(grey_);
  const App app = give_app(grey_);
  webauthn::TestAuthenticator key;
  give_passkey(grey_, key);
  give_recovery_codes(grey_);
  notices();
  ASSERT_TRUE(accounts_->mark_lost(change(grey_), app.id));
  EXPECT_EQ(notices(), Told{"authenticator_removed totp"});
  ASSERT_TRUE(accounts_->revoke(change(grey_), password.id));
  EXPECT_EQ(notices(), Told{"authenticator_removed password"});
  ASSERT_TRUE(accounts_->revoke_all(change(grey_)));
  EXPECT_EQ(notices(), Told{"authenticator_removed passkey recovery_codes"}) << "in one message";
}

TEST_P(NoticesTest, SayNothingOfWhatWasNotDone) {
  const Authenticator password = give_password(grey_);
  notices();
  EXPECT_FALSE(accounts_->revoke(change(person("green")), password.id));
  ASSERT_TRUE(accounts_->rename(change(grey_, "mine"), password.id));
  EXPECT_EQ(notices(), Told{});
}

TEST_P(NoticesTest, HoldNothingThatSomebodyTyped) {
  AccountChange change = this->change(grey_, "Call 0900 666 now");
  ASSERT_TRUE(accounts_->add_badge(change, Secret("badge-1")));
  const auto all = messages_->due(MessageKind::kNotice, 10);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(storage::text(*store_, "SELECT details FROM message").find("0900"), std::string::npos);
  EXPECT_EQ(storage::text(*store_, "SELECT details FROM message").find("grey"), std::string::npos);
}

TEST_P(NoticesTest, ARecoveryIsToldOfWhenItBeginsAndWhenItIsDone) {
  give_password(grey_);
  give_app(grey_);
  notices();
  const Thing first = person("first");
  const Thing second = person("second");
  const auto asked = desk_->ask(by(first), grey_.id);
  ASSERT_TRUE(asked);
  EXPECT_EQ(notices(), Told{"recovery_begun"});
  ASSERT_TRUE(desk_->approve(by(second), asked->id));
  const auto token = desk_->collect(by(first), asked->id);
  const auto begun = enrolments_->begin(kTenant, token->token);
  ASSERT_TRUE(begun);
  now_ += kSecond;
  give_password(grey_, "nine quiet accordions");
  EXPECT_EQ(notices(), Told{"password_changed"});
  give_app(grey_);
  notices();
  ASSERT_TRUE(enrolments_->finish(mandate_, begun->handle));
  EXPECT_EQ(notices(), Told{"recovery_done"}) << "that all from before is gone is said with it";
}

TEST_P(NoticesTest, ARecoveryThatIsRefusedToBeAskedForIsNoNews) {
  EXPECT_FALSE(desk_->ask(by(grey_), grey_.id));
  EXPECT_EQ(notices(), Told{});
}

TEST_P(NoticesTest, SomebodyIsRemindedOnceBeforeAnAuthenticatorExpires) {
  AccountChange change = this->change(grey_);
  change.expires_ms = now_ + 90 * kDay;
  ASSERT_TRUE(accounts_->add_badge(change, Secret("badge-1")));
  notices();
  now_ += 76 * kDay - 1;
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{});
  now_ += 1;
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{"authenticator_expires badge"});
  now_ += kDay;
  ASSERT_TRUE(accounts_->tidy());
  ASSERT_TRUE(messages_->tidy());
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{}) << "once";
  now_ += 13 * kDay;
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{"authenticator_expired badge"});
}

TEST_P(NoticesTest, NobodyIsRemindedOfWhatWasMadeForAShortTime) {
  AccountChange change = this->change(grey_);
  change.expires_ms = now_ + 2 * kDay;
  const auto badge = accounts_->add_badge(change, Secret("badge-1"));
  ASSERT_TRUE(accounts_->add_badge(this->change(grey_), Secret("badge-2"))) << "for ever";
  notices();
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{}) << "as they have just been told";
  now_ += kDay;
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{"authenticator_expires badge"});
  ASSERT_TRUE(accounts_->revoke(this->change(grey_), badge->id));
  notices();
  now_ += kDay;
  ASSERT_TRUE(accounts_->tidy());
  EXPECT_EQ(notices(), Told{}) << "it is gone already";
}

TEST_P(NoticesTest, StrangersWhoTryAgainAndAgainAreToldOfOnceADay) {
  give_password(grey_);
  notices();
  fail_password(9);
  EXPECT_EQ(notices(), Told{}) << "so often an owner mistypes it";
  fail_password(30);
  EXPECT_EQ(notices(), Told{"attempts password"}) << "once";
  now_ += kDay;
  fail_password(1);
  EXPECT_EQ(notices(), Told{"attempts password"});
}

TEST_P(NoticesTest, OnesOwnMistakesAreNoNews) {
  give_password(grey_);
  const std::string mark = show_password(begin("grey")).recognised->mark;
  notices();
  fail_password(20, mark);
  EXPECT_EQ(told(show_password(begin("grey", mark), kGoodPassword, mark)), "done aal1 pwd");
  EXPECT_EQ(notices(), Told{});
}

TEST_P(NoticesTest, WhoTriesSecondProofsKnowsTheFirst) {
  give_password(grey_);
  give_app(grey_);
  required_ = AssuranceLevel::kAal2;
  notices();
  SignInStep step = show_password(begin("grey"));
  for (int i = 0; i < 3; ++i) step = show_code(step, "000000");
  EXPECT_EQ(notices(), Told{"attempts totp"});
}

TEST_P(NoticesTest, ASignInFromAnUnknownDeviceAfterManyAttemptsIsToldOf) {
  give_password(grey_);
  notices();
  fail_password(2);
  show_password(begin("grey"));
  EXPECT_EQ(notices(), Told{}) << "a few are nothing";
  fail_password(10);
  notices();
  EXPECT_EQ(told(show_password(begin("grey"))), "done aal1 pwd");
  EXPECT_EQ(notices(), Told{"sign_in_after_attempts password"});
  show_password(begin("grey"));
  EXPECT_EQ(notices(), Told{}) << "it is counted from new";
}

TEST_P(NoticesTest, NobodyIsToldWhereNobodyIs) {
  fail_password(1);
  for (int i = 0; i < 20; ++i) show_password(begin("nobody"), "not the password at all");
  EXPECT_EQ(notices(), Told{});
}

}  // namespace
}  // namespace wardlock::authn
