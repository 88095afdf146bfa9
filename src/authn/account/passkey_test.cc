// Passkeys: enrolled, and signed in with.
#include <gtest/gtest.h>

#include "authn/account/account_edit.h"
#include "authn/account/account_for_test.h"

namespace wardlock::authn {
namespace {

using webauthn::TestAuthenticator;

class PasskeyTest : public AccountsForTest {
 protected:
  SignIn::PasskeyStep ask(const SignInStep& step) {
    auto asked = sign_in_->ask_passkey(step.handle);
    EXPECT_TRUE(asked) << asked.error().message;
    return std::move(*asked);
  }
  /// What the key's answer to those options leads to.
  Result<SignInStep> answer(const SignIn::PasskeyStep& asked, std::string_view user_handle,
                            std::string_view origin = "https://example.org") {
    return sign_in_->show_passkey(asked.step.handle,
                                  assertion_json(key_, asked.options, user_handle, origin),
                                  from("").source);
  }
  std::string handle_of(const Thing& person) { return user_handle_of(kTenant, person.id); }

  TestAuthenticator key_;
};
WARDLOCK_ON_EACH_DATABASE(PasskeyTest);

TEST_P(PasskeyTest, SignsInWithoutAName) {
  const Authenticator kept = give_passkey(grey_, key_);
  EXPECT_EQ(kept.state, AuthenticatorState::kActive);
  ++key_.sign_count;
  const SignInStep begun = begin("");
  EXPECT_EQ(told(begun), "more passkey");
  const auto asked = ask(begun);
  EXPECT_TRUE(asked.options.contains(R"("allowCredentials":[])"));
  EXPECT_TRUE(asked.options.contains(R"("userVerification":"required")"));
  const auto done = answer(asked, handle_of(grey_));
  EXPECT_EQ(told(done), "done aal2 mfa swk user");
  EXPECT_EQ(done->recognised->person, grey_.id);
  EXPECT_EQ(done->recognised->authenticators, std::vector<std::string>{kept.id});
  EXPECT_FALSE(done->recognised->mark.empty());
  EXPECT_EQ(count("SELECT counter FROM authenticator"), 8);
}

TEST_P(PasskeyTest, SignsInWithTheOwnersNameAlone) {
  give_passkey(grey_, key_);
  TestAuthenticator another;
  another.credential_id = "another one's id";
  give_passkey(person("green"), another);
  const auto try_as = [&](const char* name) {
    ++key_.sign_count;
    return told(answer(ask(begin(name)), handle_of(grey_)));
  };
  EXPECT_EQ(try_as("grey"), "done aal2 mfa swk user");
  EXPECT_EQ(try_as("nobody"), "wrong");
  EXPECT_EQ(try_as("green"), "wrong");
  EXPECT_EQ(ask(begin("grey")).options.size(), ask(begin("nobody")).options.size())
      << "whose keys there are is told to nobody";
}

TEST_P(PasskeyTest, TakesNoAnswerThatIsNotRight) {
  give_passkey(grey_, key_);
  const auto refused = [&](const std::function<void()>& spoil, std::string_view handle,
                           std::string_view origin = "https://example.org") {
    ++key_.sign_count;
    const TestAuthenticator before = key_;
    spoil();
    const std::string text = told(answer(ask(begin("")), handle, origin));
    key_ = before;
    return text;
  };
  const std::string own = handle_of(grey_);
  EXPECT_EQ(refused([&] { key_.flags = 0x01; }, own), "wrong") << "it does not know who";
  EXPECT_EQ(refused([&] { key_.flags = 0x04; }, own), "wrong") << "nobody was there";
  EXPECT_EQ(refused([&] { key_.flags = 0x0D; }, own), "wrong") << "another kind than it was";
  EXPECT_EQ(refused([&] { key_.rp_id = "evil.example"; }, own), "wrong");
  EXPECT_EQ(refused([&] { key_.sign_count = 7; }, own), "wrong") << "a copy, perhaps";
  EXPECT_EQ(refused([&] { key_.credential_id = "another one's id"; }, own), "wrong");
  EXPECT_EQ(refused([] {}, own, "https://evil.example"), "wrong");
  EXPECT_EQ(refused([] {}, handle_of(person("green"))), "wrong");
  EXPECT_EQ(refused([] {}, ""), "wrong") << "nobody says who it is";
  EXPECT_EQ(refused([] {}, own), "done aal2 mfa swk user") << "but for that it is right";
  const auto asked = ask(begin(""));
  EXPECT_EQ(told(sign_in_->show_passkey(asked.step.handle, "{}", from("").source)), "wrong");
  EXPECT_EQ(told(sign_in_->show_passkey(begin("").handle, assertion_json(key_, asked.options, own),
                                        from("").source)),
            "wrong")
      << "nothing was asked";
}

TEST_P(PasskeyTest, AnAnswerIsGoodOnceAndForItsChallenge) {
  rules_.counter_rule = webauthn::CounterRule::kReport;
  give_passkey(grey_, key_);
  key_.sign_count = 0;
  const auto asked = ask(begin(""));
  const auto other = ask(begin(""));
  const std::string text = assertion_json(key_, asked.options, handle_of(grey_));
  EXPECT_EQ(told(sign_in_->show_passkey(other.step.handle, text, from("").source)), "wrong");
  const auto done = sign_in_->show_passkey(asked.step.handle, text, from("").source);
  EXPECT_TRUE(told(done).starts_with("done"));
  EXPECT_TRUE(done->recognised->did_counter_stall);
  EXPECT_EQ(told(sign_in_->show_passkey(asked.step.handle, text, from("").source)), "expired");
  EXPECT_EQ(told(sign_in_->ask_passkey(asked.step.handle)->step), "expired")
      << "a handle that was used leads nowhere";
}

TEST_P(PasskeyTest, CompletesAPassword) {
  give_password(grey_);
  give_passkey(grey_, key_);
  required_ = AssuranceLevel::kAal2;
  ++key_.sign_count;
  key_.flags = 0x01;  // a key that is only touched
  const SignInStep more = show_password(begin("grey"));
  EXPECT_EQ(told(more), "more passkey");
  const auto asked = ask(more);
  EXPECT_TRUE(asked.options.contains(R"("type":"public-key")")) << "which, may now be said";
  EXPECT_TRUE(asked.options.contains(R"("userVerification":"preferred")"));
  EXPECT_EQ(told(answer(asked, "")), "done aal2 mfa pwd swk user");
}

TEST_P(PasskeyTest, OfWhoIsAwayOrThatIsLostCountsNoMore) {
  const Authenticator kept = give_passkey(grey_, key_);
  set_state(grey_, "suspended");
  ++key_.sign_count;
  EXPECT_EQ(told(answer(ask(begin("")), handle_of(grey_))), "wrong");
  set_state(grey_, "active");
  ASSERT_TRUE(accounts_->mark_lost(change(grey_), kept.id));
  ++key_.sign_count;
  EXPECT_EQ(told(answer(ask(begin("")), handle_of(grey_))), "wrong");
}

TEST_P(PasskeyTest, AreEnrolledByAnAnswerToOurOwnQuestion) {
  const auto refused = [&](const std::function<Result<Authenticator>(const PasskeyOffer&)>& add) {
    const auto offer = accounts_->offer_passkey(change(grey_));
    EXPECT_TRUE(offer);
    const auto added = add(*offer);
    return added ? "was taken" : std::string(to_string(added.error().code));
  };
  const auto add = [&](const Thing& whose, const Secret& handle, const std::string& json) {
    return accounts_->add_passkey(change(whose), handle, json);
  };
  const Thing green = person("green");
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) {
              return add(green, offer.handle, registration_json(key_, offer.options));
            }),
            "unauthenticated");
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) {
              return add(grey_, Secret("x.y"), registration_json(key_, offer.options));
            }),
            "unauthenticated");
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) {
              now_ += 10 * kMinute;
              return add(grey_, offer.handle, registration_json(key_, offer.options));
            }),
            "unauthenticated");
  const std::string before = accounts_->offer_passkey(change(grey_))->options;
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) {
              return add(grey_, offer.handle, registration_json(key_, before));
            }),
            "invalid_argument");
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) {
              return add(grey_, offer.handle,
                         registration_json(key_, offer.options, "https://evil.example"));
            }),
            "invalid_argument");
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) { return add(grey_, offer.handle, "[]"); }),
            "invalid_argument");
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) {
              EXPECT_TRUE(add(grey_, offer.handle, registration_json(key_, offer.options)));
              return add(grey_, offer.handle, registration_json(key_, offer.options));
            }),
            "unauthenticated");
  EXPECT_EQ(refused([&](const PasskeyOffer& offer) {
              EXPECT_TRUE(offer.options.contains("YSBjcmVkZW50aWFs")) << "it is excluded";
              return add(grey_, offer.handle, registration_json(key_, offer.options));
            }),
            "already_exists");
  EXPECT_EQ(count("SELECT count(*) FROM authenticator"), 1);
}

TEST_P(PasskeyTest, AsksForAttestationWhereTheRulesLookAtIt) {
  EXPECT_TRUE(accounts_->offer_passkey(change(grey_))->options.contains(R"("attestation":"none")"));
  rules_.passkeys.demands_trust = true;
  const auto offer = accounts_->offer_passkey(change(grey_));
  EXPECT_TRUE(offer->options.contains(R"("attestation":"direct")"));
  EXPECT_FALSE(
      accounts_->add_passkey(change(grey_), offer->handle, registration_json(key_, offer->options)))
      << "it has none";
  EXPECT_FALSE(offer->options.contains(grey_.id)) << "its handle says nothing of a person";
}

}  // namespace
}  // namespace wardlock::authn
