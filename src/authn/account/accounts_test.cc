#include "authn/account/accounts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "authn/account/account_for_test.h"
#include "authn/account/account_watch.h"

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
  EXPECT_EQ(
      code_of_error(accounts_->confirm_totp(change(grey_), offer->authenticator.id, "000000")),
      ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_error(accounts_->confirm_totp(change(person("green")), offer->authenticator.id,
                                                  "000000")),
            ErrorCode::kNotFound);
  now_ += 10 * kMinute;
  EXPECT_EQ(
      code_of_error(accounts_->confirm_totp(change(grey_), offer->authenticator.id, "000000")),
      ErrorCode::kFailedPrecondition)
      << "too late";
  const App app = give_app(grey_);
  EXPECT_EQ(code_of_error(accounts_->confirm_totp(change(grey_), app.id, code_of(app))),
            ErrorCode::kFailedPrecondition)
      << "it counts already";
  std::string typed(offer->typed.reveal());
  std::erase(typed, ' ');
  const std::string kept = everything_kept();
  EXPECT_FALSE(kept.contains(typed));
  EXPECT_FALSE(kept.contains(app.secret.reveal())) << "sealed";
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
    EXPECT_EQ(code_of_error(accounts_->add_device(change(green), Secret(place))),
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
  EXPECT_EQ(
      code_of_error(accounts_->confirm_totp(change(grey_), offer->authenticator.id, "000000")),
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
  EXPECT_FALSE(accounts_->confirm_totp(change(grey_), kept.id, "1"));
  EXPECT_EQ(events().size(), now) << "what is not done is not told";
}

/// What is remembered, for the time in which the database is down.
class CachedTest : public AccountsForTest {
 protected:
  CachedTest() {
    is_cached_ = true;
    start();
    watch_ = std::move(*AccountWatch::start(accounts(), *registry_));
    password_ = give_password(grey_);
    app_ = give_app(grey_);
    required_ = AssuranceLevel::kAal2;
  }
  ~CachedTest() override { watch_.reset(); }

  std::string sign_in() {
    const SignInStep more = show_password(begin("grey"));
    return told(show_code(more, code_of(app_)));
  }
  /// As if the database were down: by what is remembered alone.
  std::string sign_in_by_memory(std::string_view name = "grey",
                                std::string_view password = kGoodPassword) {
    const auto known = cached_->find(kTenant, name, now_);
    if (!known) return "nobody";
    std::string text;
    for (const auto& each : known->authenticators) {
      if (each.password_hash &&
          passwords_->verify(*each.password_hash, *prepare_password(Secret(password), {}))
              .is_right) {
        text += "password ";
      }
      if (each.otp_secret) text += "app ";
    }
    return text;
  }

  std::unique_ptr<AccountWatch> watch_;
  Authenticator password_;
  App app_;
};
WARDLOCK_ON_EACH_DATABASE(CachedTest);

TEST_P(CachedTest, OnlyWhatWasUsedHereIsRemembered) {
  EXPECT_EQ(sign_in_by_memory(), "nobody");
  EXPECT_EQ(told(show_password(begin("grey"))), "more code");
  EXPECT_EQ(sign_in_by_memory(), "nobody") << "half a sign-in is none";
  EXPECT_EQ(sign_in(), "done aal2 mfa otp pwd");
  EXPECT_EQ(sign_in_by_memory(), "password app ");
  EXPECT_EQ(cached_->find(kTenant, "grey", now_)->required, AssuranceLevel::kAal2);
  EXPECT_FALSE(cached_->find("st-john", "grey", now_));
}

TEST_P(CachedTest, WhatIsRevokedIsForgottenBeforeThatIsAnswered) {
  sign_in();
  ASSERT_TRUE(accounts_->revoke(change(grey_), app_.id));
  EXPECT_EQ(sign_in_by_memory(), "password ");
  give_password(grey_, "eleven grey herons at dawn");
  EXPECT_EQ(sign_in_by_memory(), "") << "the one from before";
}

TEST_P(CachedTest, WhatOtherNodesRevokeIsForgotten) {
  sign_in();
  const Session session = open_session(grey_, {app_.id});
  AccountSurroundings other = accounts();
  other.cached = nullptr;  // another node's memory is its own
  ASSERT_TRUE(Accounts(other).mark_lost(change(grey_), app_.id));
  ASSERT_TRUE(watch_->follow());
  EXPECT_EQ(sign_in_by_memory(), "password ");
  EXPECT_FALSE(is_live(session));
  set_state(grey_, "suspended");
  ASSERT_TRUE(watch_->follow());
  EXPECT_EQ(sign_in_by_memory(), "nobody");
}

TEST_P(CachedTest, IsForgottenByAndBy) {
  sign_in();
  now_ += 59 * kMinute;
  EXPECT_EQ(sign_in_by_memory(), "password app ");
  now_ += kMinute;
  EXPECT_EQ(sign_in_by_memory(), "nobody") << "the database was silent for too long";
  ASSERT_TRUE(watch_->follow());
  EXPECT_EQ(sign_in_by_memory(), "password app ");
  now_ += 11 * kHour;
  ASSERT_TRUE(watch_->follow());
  EXPECT_EQ(sign_in_by_memory(), "nobody") << "it was not used for too long";
}

TEST_P(CachedTest, ACodeIsTakenOnce) {
  sign_in();
  EXPECT_TRUE(cached_->take_step(kTenant, "grey", app_.id, 1'000'000'000));
  EXPECT_FALSE(cached_->take_step(kTenant, "grey", app_.id, 1'000'000'000));
  EXPECT_FALSE(cached_->take_step(kTenant, "grey", app_.id, 1));
  EXPECT_FALSE(cached_->take_step(kTenant, "green", app_.id, 2'000'000'000));
}

/// A database that nobody can write to: somebody else keeps it.
class DownTest : public CachedTest {
 protected:
  DownTest() {
    watch_.reset();
    sign_in_.reset();
    sessions_.reset();
    registry_.reset();
    outbox_.reset();
    store_ = std::move(
        *try_open(migrations_, {.url = url(), .busy_timeout = std::chrono::milliseconds(100)}));
    registry_ = std::make_unique<directory::Registry>(*store_, surroundings_);
    start();
    watch_ = std::move(*AccountWatch::start(accounts(), *registry_));
  }
  ~DownTest() override { come_back(); }

  void go_away() {
    other_ = std::move(*try_open(migrations_));
    keeper_ = std::thread([this] {
      storage::write(*other_, [this](storage::Work& work) -> Result<void> {
        TRY(work.run("UPDATE session_head SET changed = changed"));
        is_away_ = true;
        while (is_away_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return {};
      });
    });
    while (!is_away_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void come_back() {
    is_away_ = false;
    if (keeper_.joinable()) keeper_.join();
  }

 private:
  std::atomic<bool> is_away_ = false;
  std::unique_ptr<storage::Store> other_;
  std::thread keeper_;
};
WARDLOCK_ON_EACH_DATABASE(DownTest);

TEST_P(DownTest, WhoSignedInHereLatelyStillCan) {
  EXPECT_EQ(sign_in(), "done aal2 mfa otp pwd");
  now_ += 30 * kSecond;
  go_away();
  const SignInStep more = show_password(begin("grey"));
  EXPECT_EQ(told(more), "more code");
  const std::string code = code_of(app_);
  const SignInStep done = show_code(more, code);
  EXPECT_EQ(told(done), "done aal2 mfa otp pwd");
  EXPECT_TRUE(done.recognised->is_without_database);
  EXPECT_EQ(done.recognised->person, grey_.id);
  EXPECT_EQ(told(show_code(more, code)), "expired") << "a handle is good once, here too";
  EXPECT_EQ(told(show_code(show_password(begin("grey")), code)), "wrong") << "and a code";
  EXPECT_EQ(told(show_password(begin("grey"), "another password altogether")), "wrong");
  EXPECT_EQ(told(show_password(begin("green"))), "wrong");
  const auto opened = sessions_->open({.tenant = std::string(kTenant),
                                       .person = done.recognised->person,
                                       .assurance = done.recognised->assurance,
                                       .environment = "office",
                                       .authenticators = done.recognised->authenticators,
                                       .is_without_database = true},
                                      now_);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(sessions_->find(opened->token.reveal(), now_));
  now_ += kHour;
  EXPECT_EQ(told(show_password(begin("grey"))), "busy") << "not for ever";
}

TEST_P(DownTest, WhoDidNotSignInHereCannot) {
  begin("nobody");  // the key of what is under way is known
  go_away();
  EXPECT_EQ(told(show_password(begin("grey"))), "wrong");
  is_cached_ = false;
  come_back();
  watch_.reset();
  start();
  begin("nobody");
  go_away();
  EXPECT_EQ(told(show_password(begin("grey"))), "busy") << "where nothing may be remembered";
}

TEST(CachedAuthenticators, AreSoMany) {
  CachedAuthenticators cached({.most = 2});
  cached.note_database(1);
  for (int i = 0; i < 3; ++i) {
    cached.remember("t", std::to_string(i), "p", {.id = "a", .password_hash = "x"},
                    AssuranceLevel::kAal1, 10 + i);
  }
  EXPECT_EQ(cached.size(), 2U);
  EXPECT_FALSE(cached.find("t", "0", 20)) << "who was used longest ago made room";
  EXPECT_TRUE(cached.find("t", "2", 20));
  cached.forget_all();
  EXPECT_EQ(cached.size(), 0U);
}

TEST(CachedAuthenticators, AreNotUsedBeforeTheDatabaseWasHeard) {
  CachedAuthenticators cached(CacheLimits{});
  cached.remember("t", "0", "p", {.id = "a"}, AssuranceLevel::kAal1, 10);
  EXPECT_FALSE(cached.find("t", "0", 20));
  EXPECT_FALSE(cached.may_be_used(20));
}

}  // namespace
}  // namespace wardlock::authn
