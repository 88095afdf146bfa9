#include "authn/account/accounts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "authn/account/account_for_test.h"
#include "codec/base32.h"

namespace wardlock::authn {
namespace {

class AccountsTest : public AccountsForTest {
 protected:
  static ErrorCode code_of_error(const auto& result) {
    return result ? ErrorCode::kCancelled : result.error().code;
  }
  std::string faults(std::string_view password) {
    const auto choice = accounts_->set_password(change(grey_), Secret(password));
    EXPECT_TRUE(choice);
    std::string text;
    for (const std::string& each : choice->faults) text += each + "\n";
    EXPECT_EQ(choice->kept.has_value(), text.empty());
    return text;
  }
  Authenticator find(const Authenticator& kept) {
    return *accounts_->find(kTenant, kept.person, kept.id);
  }
};
WARDLOCK_ON_EACH_DATABASE(AccountsTest);

TEST_P(AccountsTest, KeepAPasswordAsItsHash) {
  const Authenticator kept = give_password(grey_);
  EXPECT_EQ(kept.kind, AuthenticatorKind::kPassword);
  EXPECT_EQ(kept.state, AuthenticatorState::kActive);
  EXPECT_FALSE(everything_kept().contains(kGoodPassword));
  EXPECT_TRUE(
      storage::text(*store_, "SELECT verifier FROM authenticator").starts_with("$argon2id$"));
}

TEST_P(AccountsTest, TakeNoPasswordThatIsEasy) {
  EXPECT_NE(faults("short"), "");
  EXPECT_NE(faults("eight-or-more"), "") << "alone it is to be longer";
  EXPECT_NE(faults("Ada Grey Ada Grey"), "") << "it is a name";
  EXPECT_NE(faults("wardlock wardlock"), "");
  EXPECT_NE(faults("grey grey grey grey"), "");
  EXPECT_NE(faults("with a \x01 control character"), "");
  EXPECT_EQ(count("SELECT count(*) FROM authenticator"), 0);
  give_app(grey_);
  EXPECT_EQ(faults("eight-or-more"), "") << "beside an app it may be";
}

TEST_P(AccountsTest, ReplaceAPasswordAndEndWhatItOpened) {
  const Authenticator before = give_password(grey_);
  const Session here = open_session(grey_, {before.id});
  const Session there = open_session(grey_, {before.id});
  now_ += 1;
  const auto choice =
      accounts_->set_password(change(grey_), Secret("eleven grey herons at dawn"), here.id);
  ASSERT_TRUE(choice && choice->kept);
  EXPECT_EQ(find(before).state, AuthenticatorState::kRevoked);
  EXPECT_FALSE(is_live(there));
  EXPECT_TRUE(is_live(here));
  ASSERT_TRUE(sessions_->follow());
  EXPECT_EQ(sessions_->find_id(kTenant, here.id, now_)->authenticators,
            std::vector<std::string>{choice->kept->id});
  EXPECT_EQ(told(show_password(begin("grey"))), "wrong");
  EXPECT_EQ(told(show_password(begin("grey"), "eleven grey herons at dawn")), "done aal1 pwd");
}

TEST_P(AccountsTest, AnAppCountsOnceItHasShownACode) {
  const auto offer = accounts_->offer_totp(change(grey_, "phone"));
  ASSERT_TRUE(offer);
  EXPECT_TRUE(offer->uri.reveal().starts_with("otpauth://totp/Wardlock:grey?secret="));
  EXPECT_EQ(offer->authenticator.state, AuthenticatorState::kPending);
  give_password(grey_);
  required_ = AssuranceLevel::kAal2;
  EXPECT_EQ(told(show_password(begin("grey"))), "not_enough") << "it is pending";
  EXPECT_EQ(code_of_error(accounts_->confirm_app(change(grey_), offer->authenticator.id, "000000")),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_error(
                accounts_->confirm_app(change(person("green")), offer->authenticator.id, "000000")),
            ErrorCode::kNotFound);
  now_ += 10 * kMinute;
  EXPECT_EQ(code_of_error(accounts_->confirm_app(change(grey_), offer->authenticator.id, "000000")),
            ErrorCode::kFailedPrecondition)
      << "too late";
  const App app = give_app(grey_);
  EXPECT_EQ(code_of_error(accounts_->confirm_app(change(grey_), app.id, code_of(app))),
            ErrorCode::kFailedPrecondition)
      << "it counts already";
  std::string typed(offer->typed.reveal());
  std::erase(typed, ' ');
  const std::string kept = everything_kept();
  EXPECT_FALSE(kept.contains(typed));
  EXPECT_FALSE(kept.contains(app.secret.reveal())) << "sealed";
}

TEST_P(AccountsTest, ATokenThatCountsIsEnrolledByTheFirstOfItsCodes) {
  give_password(grey_);
  const auto offer = accounts_->offer_hotp(change(grey_, "key fob"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_TRUE(offer->uri.reveal().starts_with("otpauth://hotp/"));
  EXPECT_TRUE(offer->uri.reveal().ends_with("&counter=0"));
  std::string typed(offer->typed.reveal());
  std::erase(typed, ' ');
  const Secret secret(codec::from_base32(typed).value());
  const std::string id = offer->authenticator.id;
  const auto confirm = [&](std::uint64_t counter) {
    return code_of_error(accounts_->confirm_app(change(grey_), id, hotp(secret, counter, {})));
  };
  required_ = AssuranceLevel::kAal2;
  EXPECT_EQ(told(show_password(begin("grey"))), "not_enough") << "it does not count yet";
  EXPECT_EQ(confirm(11), ErrorCode::kInvalidArgument) << "beyond the ten that are looked at";
  EXPECT_EQ(confirm(2), ErrorCode::kCancelled) << "its button was pressed in vain";
  EXPECT_EQ(confirm(3), ErrorCode::kFailedPrecondition) << "it counts already";
  EXPECT_EQ(told(show_code(show_password(begin("grey")), hotp(secret, 2, {}))), "wrong")
      << "the code that enrolled it is used up";
  EXPECT_EQ(told(show_code(show_password(begin("grey")), hotp(secret, 3, {}))),
            "done aal2 mfa otp pwd");
}

TEST_P(AccountsTest, ATokensSecretIsStrongEnough) {
  const auto add = [&](std::size_t bytes, std::uint32_t digits, std::uint64_t counter) {
    return code_of_error(accounts_->add_hotp(change(grey_), Secret(std::string(bytes, 'x')),
                                             {.digits = digits}, counter));
  };
  EXPECT_EQ(add(15, 6, 0), ErrorCode::kInvalidArgument);
  EXPECT_EQ(add(129, 6, 0), ErrorCode::kInvalidArgument);
  EXPECT_EQ(add(20, 5, 0), ErrorCode::kInvalidArgument);
  EXPECT_EQ(add(20, 9, 0), ErrorCode::kInvalidArgument);
  EXPECT_EQ(add(20, 6, ~std::uint64_t{0}), ErrorCode::kInvalidArgument);
  give_password(grey_);
  const Secret secret("a secret that a maker told us");
  ASSERT_TRUE(accounts_->add_hotp(change(grey_), secret, {}, 5));
  required_ = AssuranceLevel::kAal2;
  EXPECT_EQ(told(show_code(show_password(begin("grey")), hotp(secret, 4, {}))), "wrong");
  EXPECT_EQ(told(show_code(show_password(begin("grey")), hotp(secret, 7, {}))),
            "done aal2 mfa otp pwd");
  EXPECT_EQ(told(show_code(show_password(begin("grey")), hotp(secret, 7, {}))), "wrong");
  EXPECT_EQ(told(show_code(show_password(begin("grey")), hotp(secret, 6, {}))), "wrong");
  EXPECT_EQ(told(show_code(show_password(begin("grey")), hotp(secret, 8, {}))),
            "done aal2 mfa otp pwd");
}

TEST_P(AccountsTest, FreshRecoveryCodesReplaceThoseFromBefore) {
  give_password(grey_);
  const auto before = give_recovery_codes(grey_);
  EXPECT_EQ(before.size(), 10U);
  now_ += 1;
  const auto after = give_recovery_codes(grey_);
  EXPECT_EQ(count("SELECT count(*) FROM recovery_code"), 10);
  EXPECT_FALSE(everything_kept().contains(after.at(0).reveal()));
  required_ = AssuranceLevel::kAal2;
  const SignInStep step = show_password(begin("grey"));
  EXPECT_EQ(told(sign_in_->show_recovery_code(step.handle, before.at(0), from("").source)),
            "wrong");
}

TEST_P(AccountsTest, APinIsNotEasyAndThereIsOne) {
  for (const char* pin :
       {"", "48392", "11111111", "123456", "654321", "48392a", "483 920", "48392048392048392"}) {
    EXPECT_EQ(code_of_error(accounts_->set_pin(change(grey_), Secret(pin))),
              ErrorCode::kInvalidArgument)
        << pin;
  }
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("483920")));
  now_ += 1;
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("593021")));
  EXPECT_EQ(count("SELECT count(*) FROM authenticator WHERE state = 'active'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM authenticator WHERE verifier LIKE '$argon2id$%'"), 1)
      << "of the one that counts";
}

TEST_P(AccountsTest, APlaceIsOnePersons) {
  const Thing green = person("green");
  const Secret badge("04:a2:11:7f");
  const auto kept = accounts_->add_badge(change(grey_), badge);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(everything_kept().contains(badge.reveal()));
  EXPECT_EQ(code_of_error(accounts_->add_badge(change(green), badge)), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(accounts_->map_certificate(change(grey_), {.place = "upn:grey"}));
  EXPECT_EQ(code_of_error(accounts_->map_certificate(change(green), {.place = "upn:grey"})),
            ErrorCode::kAlreadyExists);
  ASSERT_TRUE(accounts_->link_account(change(grey_), "https://idp.example", "7"));
  EXPECT_EQ(code_of_error(accounts_->link_account(change(green), "https://idp.example", "7")),
            ErrorCode::kAlreadyExists);
  EXPECT_TRUE(accounts_->link_account(change(green), "https://other.example", "7"));
  ASSERT_TRUE(accounts_->revoke(change(grey_), kept->id));
  EXPECT_TRUE(accounts_->add_badge(change(green), badge)) << "it was given back";
  for (const std::string& place : {std::string(), std::string(513, 'x')}) {
    EXPECT_EQ(code_of_error(accounts_->map_certificate(change(green), {.place = place})),
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(code_of_error(accounts_->add_badge(change(green), Secret(place))),
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(code_of_error(accounts_->link_account(change(green), place, "x")),
              ErrorCode::kInvalidArgument);
  }
}

TEST_P(AccountsTest, WhatIsLostOrRevokedCountsNoMore) {
  const Authenticator password = give_password(grey_);
  const App app = give_app(grey_);
  const Session by_both = open_session(grey_, {password.id, app.id});
  const Session by_password = open_session(grey_, {password.id});
  ASSERT_TRUE(accounts_->mark_lost(change(grey_), app.id));
  EXPECT_FALSE(is_live(by_both));
  EXPECT_TRUE(is_live(by_password));
  EXPECT_EQ(count("SELECT count(*) FROM secret WHERE purpose = 'authenticator'"), 0);
  EXPECT_EQ(code_of_error(accounts_->mark_lost(change(grey_), app.id)),
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of_error(accounts_->revoke(change(grey_), app.id)),
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of_error(accounts_->set_expiry(change(grey_), app.id)),
            ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(accounts_->revoke(change(grey_), password.id));
  EXPECT_FALSE(is_live(by_password));
  EXPECT_EQ(find(password).ended_ms, now_);
  EXPECT_EQ(storage::text(*store_, "SELECT verifier FROM authenticator WHERE kind = 'password'"),
            "");
}

TEST_P(AccountsTest, AllOfAPersonMayBeRevoked) {
  const Authenticator kept = give_password(grey_);
  give_app(grey_);
  give_recovery_codes(grey_);
  EXPECT_EQ(*accounts_->revoke_all(change(grey_), kept.id), 2U);
  EXPECT_EQ(*accounts_->revoke_all(change(grey_)), 1U);
  EXPECT_EQ(*accounts_->revoke_all(change(grey_)), 0U);
}

TEST_P(AccountsTest, BelongToTheirOwnerAndTenant) {
  const Authenticator kept = give_password(grey_);
  const Thing green = person("green");
  AccountChange foreign = change(grey_);
  foreign.mandate.tenant = "st-john";
  for (const AccountChange& other : {change(green), foreign}) {
    EXPECT_EQ(code_of_error(accounts_->revoke(other, kept.id)), ErrorCode::kNotFound);
    EXPECT_EQ(code_of_error(accounts_->mark_lost(other, kept.id)), ErrorCode::kNotFound);
    EXPECT_EQ(code_of_error(accounts_->rename(other, kept.id)), ErrorCode::kNotFound);
    EXPECT_EQ(code_of_error(accounts_->set_expiry(other, kept.id)), ErrorCode::kNotFound);
  }
  EXPECT_EQ(code_of_error(accounts_->set_password(foreign, Secret(kGoodPassword))),
            ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(accounts_->offer_totp(foreign)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(accounts_->offer_passkey(foreign)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(accounts_->make_recovery_codes(foreign)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(accounts_->list("st-john", grey_.id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(accounts_->find("st-john", grey_.id, kept.id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(accounts_->find(kTenant, green.id, kept.id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_error(accounts_->offer_totp(change(role("nurse")))), ErrorCode::kNotFound);
}

TEST_P(AccountsTest, AreEnrolledByWhoIsAtWork) {
  const auto offer = accounts_->offer_totp(change(grey_));
  set_state(grey_, "suspended");
  const auto refused = ErrorCode::kFailedPrecondition;
  EXPECT_EQ(code_of_error(accounts_->set_password(change(grey_), Secret(kGoodPassword))), refused);
  EXPECT_EQ(code_of_error(accounts_->offer_totp(change(grey_))), refused);
  EXPECT_EQ(code_of_error(accounts_->confirm_app(change(grey_), offer->authenticator.id, "000000")),
            refused);
  EXPECT_EQ(code_of_error(accounts_->make_recovery_codes(change(grey_))), refused);
  EXPECT_EQ(code_of_error(accounts_->offer_passkey(change(grey_))), refused);
  EXPECT_EQ(code_of_error(accounts_->set_pin(change(grey_), Secret("483920"))), refused);
  EXPECT_EQ(code_of_error(accounts_->add_badge(change(grey_), Secret("x"))), refused);
  EXPECT_TRUE(accounts_->revoke(change(grey_), offer->authenticator.id)) << "ending is for all";
}

TEST_P(AccountsTest, ThereAreTwentyOfAKind) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(accounts_->map_certificate(change(grey_), {.place = std::to_string(i)}));
  }
  EXPECT_EQ(code_of_error(accounts_->map_certificate(change(grey_), {.place = "20"})),
            ErrorCode::kResourceExhausted);
}

TEST_P(AccountsTest, LabelsAreOneLine) {
  EXPECT_EQ(code_of_error(accounts_->offer_totp(change(grey_, std::string(129, 'x')))),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_error(accounts_->offer_totp(change(grey_, "a\nb"))),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_error(accounts_->offer_totp(change(grey_,
                                                       "\xE2\x80\xAE"
                                                       "b"))),
            ErrorCode::kInvalidArgument);
  const Authenticator kept = give_password(grey_);
  EXPECT_EQ(accounts_->rename(change(grey_, "mine"), kept.id)->label, "mine");
  EXPECT_EQ(code_of_error(accounts_->rename(change(grey_, "a\nb"), kept.id)),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(find(kept).label, "mine");
}

TEST_P(AccountsTest, Expire) {
  AccountChange limited = change(grey_);
  limited.expires_ms = now_ + kHour;
  const auto choice = accounts_->set_password(limited, Secret(kGoodPassword));
  ASSERT_TRUE(choice && choice->kept);
  const Session session = open_session(grey_, {choice->kept->id});
  EXPECT_EQ(*accounts_->tidy(), 0U);
  now_ += kHour;
  EXPECT_EQ(told(show_password(begin("grey"))), "wrong") << "at once";
  EXPECT_EQ(*accounts_->tidy(), 1U);
  EXPECT_EQ(*accounts_->tidy(), 0U);
  EXPECT_EQ(find(*choice->kept).state, AuthenticatorState::kExpired);
  EXPECT_FALSE(is_live(session));
  EXPECT_TRUE(last_event().contains("expire"));
  EXPECT_EQ(code_of_error(accounts_->set_password(limited, Secret(kGoodPassword))),
            ErrorCode::kInvalidArgument)
      << "it would have expired already";
}

TEST_P(AccountsTest, AnEndIsSetAndTakenAwayWhileTheyCount) {
  const Authenticator kept = give_password(grey_);
  AccountChange limited = change(grey_);
  limited.expires_ms = now_ + kHour;
  EXPECT_EQ(accounts_->set_expiry(limited, kept.id)->expires_ms, now_ + kHour);
  EXPECT_TRUE(last_event().contains("set_expiry"));
  EXPECT_FALSE(accounts_->set_expiry(change(grey_), kept.id)->expires_ms);
  limited.expires_ms = now_;
  EXPECT_EQ(code_of_error(accounts_->set_expiry(limited, kept.id)), ErrorCode::kInvalidArgument);
  limited.expires_ms = now_ + kMinute;
  ASSERT_TRUE(accounts_->set_expiry(limited, kept.id));
  const auto offer = accounts_->offer_totp(change(grey_));
  EXPECT_EQ(code_of_error(accounts_->set_expiry(change(grey_), offer->authenticator.id)),
            ErrorCode::kFailedPrecondition)
      << "an offer is good for its ten minutes";
  now_ += kMinute;
  EXPECT_EQ(code_of_error(accounts_->set_expiry(change(grey_), kept.id)),
            ErrorCode::kFailedPrecondition)
      << "what has expired does not come to life";
}

TEST_P(AccountsTest, EachChangeIsOnRecordWithTheChange) {
  const auto before = events().size();
  const Authenticator kept = give_password(grey_);
  EXPECT_EQ(events().size(), before + 1);
  EXPECT_TRUE(last_event().contains(R"("kind":"credential_change")"));
  EXPECT_TRUE(last_event().contains("enrol"));
  EXPECT_TRUE(last_event().contains(grey_.id));
  EXPECT_EQ(feed().back().kind, "authenticator");
  EXPECT_EQ(feed().back().id, kept.id);
  ASSERT_TRUE(accounts_->mark_lost(change(grey_), kept.id));
  EXPECT_TRUE(last_event().contains("mark_lost"));
  EXPECT_EQ(feed().back().what, "ended");
  const auto now = events().size();
  EXPECT_FALSE(accounts_->mark_lost(change(grey_), kept.id));
  EXPECT_FALSE(accounts_->confirm_app(change(grey_), kept.id, "1"));
  EXPECT_EQ(events().size(), now) << "what is not done is not told";
}

}  // namespace
}  // namespace wardlock::authn
