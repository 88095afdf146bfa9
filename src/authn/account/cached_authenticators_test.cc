#include "authn/account/cached_authenticators.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "authn/account/account_edit.h"
#include "authn/account/account_for_test.h"
#include "authn/account/account_watch.h"

namespace wardlock::authn {
namespace {

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
  watch_.reset();  // which would hear the database at any time
  now_ += 59 * kMinute;
  EXPECT_EQ(sign_in_by_memory(), "password app ");
  now_ += kMinute;
  EXPECT_EQ(sign_in_by_memory(), "nobody") << "the database was silent for too long";
  cached_->note_database(now_);
  EXPECT_EQ(sign_in_by_memory(), "password app ");
  now_ += 11 * kHour;
  cached_->note_database(now_);
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
  /// From here on, nothing is told any more of what was before.
  void watch_anew() {
    watch_.reset();
    watch_ = std::move(*AccountWatch::start(accounts(), *registry_));
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
  watch_.reset();
  now_ += 2 * kHour;
  EXPECT_EQ(told(show_password(begin("grey"))), "busy") << "not for ever";
}

TEST_P(DownTest, APasskeyThatWasUsedHereLatelyStillLetsIn) {
  const Thing green = person("green");
  webauthn::TestAuthenticator key, other;
  give_passkey(green, key);
  other.credential_id = "another's id";
  give_passkey(grey_, other);
  watch_anew();
  const auto show = [&](const webauthn::TestAuthenticator& shown, const Thing& whose,
                        std::string_view name, std::string_view origin = "https://example.org") {
    auto asked = sign_in_->ask_passkey(begin(name).handle);
    if (!asked) return "error " + asked.error().message;
    const std::string handle = user_handle_of(kTenant, whose.id);
    return told(sign_in_->show_passkey(asked->step.handle,
                                       assertion_json(shown, asked->options, handle, origin),
                                       from("").source));
  };
  ++key.sign_count;
  const std::string in = "done aal2 mfa swk user";
  EXPECT_EQ(show(key, green, ""), in);
  go_away();
  EXPECT_EQ(show(key, green, ""), "wrong") << "its counter did not go up";
  ++key.sign_count;
  EXPECT_EQ(show(key, green, "grey"), "wrong") << "another's name";
  EXPECT_EQ(show(key, grey_, ""), "wrong") << "another's handle";
  EXPECT_EQ(show(key, green, "", "https://evil.example"), "wrong") << "another site's answer";
  EXPECT_EQ(show(key, green, "green"), in);
  ++key.sign_count;
  EXPECT_EQ(show(key, green, ""), in);
  EXPECT_EQ(show(other, grey_, ""), "wrong") << "it was not used here";
  watch_.reset();
  now_ += 2 * kHour;
  ++key.sign_count;
  EXPECT_EQ(show(key, green, ""), "busy") << "not for ever";
}

TEST_P(DownTest, APasskeyThatWasRevokedIsForgotten) {
  webauthn::TestAuthenticator key;
  const Authenticator kept = give_passkey(grey_, key);
  const auto show = [&] {
    ++key.sign_count;
    auto asked = sign_in_->ask_passkey(begin("").handle);
    return told(sign_in_->show_passkey(
        asked->step.handle, assertion_json(key, asked->options, user_handle_of(kTenant, grey_.id)),
        from("").source));
  };
  EXPECT_EQ(show(), "done aal2 mfa swk user");
  ASSERT_TRUE(accounts_->revoke(change(grey_), kept.id));
  go_away();
  EXPECT_EQ(show(), "wrong");
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
