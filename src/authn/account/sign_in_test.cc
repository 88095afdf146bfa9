#include "authn/account/sign_in.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "authn/account/account_edit.h"
#include "authn/account/account_for_test.h"

namespace wardlock::authn {
namespace {

class SignInTest : public AccountsForTest {};
WARDLOCK_ON_EACH_DATABASE(SignInTest);

TEST_P(SignInTest, ByPasswordAlone) {
  const Authenticator password = give_password(grey_);
  const SignInStep begun = begin(" Grey ");
  EXPECT_EQ(told(begun), "more passkey password");
  const SignInStep done = show_password(begun);
  EXPECT_EQ(told(done), "done aal1 pwd");
  EXPECT_EQ(done.recognised->person, grey_.id);
  EXPECT_EQ(done.recognised->authenticators, std::vector<std::string>{password.id});
  EXPECT_EQ(done.recognised->assurance.authenticated_ms, now_);
  EXPECT_TRUE(done.recognised->workstation.starts_with("device:"));
  EXPECT_TRUE(done.handle.empty());
  EXPECT_EQ(accounts_->find(kTenant, grey_.id, password.id)->used_ms, now_);
}

TEST_P(SignInTest, TellsNobodyWhoThereIs) {
  give_password(grey_);
  const Thing away = person("away");
  give_password(away);
  set_state(away, "suspended");
  person("bare");
  const std::string right = told(begin("grey"));
  for (const char* name : {"grey", "nobody", "away", "bare", "\xF0\x9F\x98\x80", "a\tb"}) {
    const SignInStep begun = begin(name);
    EXPECT_EQ(told(begun), right) << name;
    EXPECT_TRUE(begun.person.empty()) << name;
    const SignInStep refused = show_password(begun, "another password altogether");
    EXPECT_EQ(told(refused), "wrong") << name;
    EXPECT_EQ(refused.offered, begun.offered) << name;
    EXPECT_FALSE(refused.handle.empty()) << name;
  }
  EXPECT_EQ(told(show_password(begin("away"))), "wrong") << "who is not at work";
}

TEST_P(SignInTest, TakesAsLongForNobody) {
  give_password(grey_);
  const auto time_of = [&](const char* name) {
    const SignInStep begun = begin(name);
    return directory::used_by([&] { show_password(begun, "another password altogether"); });
  };
  time_of("grey");
  const auto known = time_of("grey");
  const auto unknown = time_of("nobody");
  EXPECT_LT(known, 2 * unknown) << "one hash is computed for each";
  EXPECT_LT(unknown, 2 * known);
}

TEST_P(SignInTest, WritesAsMuchForNobody) {
  give_password(grey_);
  for (const char* name : {"grey", "nobody"}) {
    const SignInStep begun = begin(name);
    const std::int64_t before = count("SELECT count(*) FROM used_handle");
    show_password(begun, "another password altogether");
    EXPECT_EQ(count("SELECT count(*) FROM used_handle"), before + 2)
        << name << ": the handle, and a mark that is there so that the disk does not tell";
  }
}

TEST_P(SignInTest, WithAnAppBesides) {
  give_password(grey_);
  const App app = give_app(grey_);
  required_ = AssuranceLevel::kAal2;
  const SignInStep more = show_password(begin("grey"));
  EXPECT_EQ(told(more), "more code");
  const SignInStep wrong = show_code(more, "000000");
  EXPECT_EQ(told(wrong), "wrong");
  EXPECT_EQ(wrong.offered, more.offered);
  std::string typed = code_of(app);
  typed.insert(3, " ");
  EXPECT_EQ(told(show_code(wrong, typed)), "done aal2 mfa otp pwd");
}

TEST_P(SignInTest, TakesNoCodeTwice) {
  give_password(grey_);
  const App app = give_app(grey_);
  required_ = AssuranceLevel::kAal2;
  const std::string code = code_of(app);
  EXPECT_EQ(told(show_code(show_password(begin("grey")), code)), "done aal2 mfa otp pwd");
  EXPECT_EQ(told(show_code(show_password(begin("grey")), code)), "wrong");
  now_ += 30 * kSecond;
  EXPECT_EQ(told(show_code(show_password(begin("grey")), code)), "wrong") << "nor later";
  EXPECT_EQ(told(show_code(show_password(begin("grey")), code_of(app))), "done aal2 mfa otp pwd");
}

/// How many of those that come at once get in.
int count_let_in(const std::vector<std::function<bool()>>& all) {
  std::atomic<int> in = 0;
  std::atomic<bool> may_go = false;
  {
    std::vector<std::jthread> threads;
    for (const auto& each : all) {
      threads.emplace_back([&] {
        while (!may_go) std::this_thread::yield();
        if (each()) ++in;
      });
    }
    may_go = true;
  }
  return in;
}

TEST_P(SignInTest, TakesACodeOnceAlsoFromTwoAtOnce) {
  give_password(grey_);
  const App app = give_app(grey_);
  required_ = AssuranceLevel::kAal2;
  const std::string code = code_of(app);
  std::vector<std::function<bool()>> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([this, step = show_password(begin("grey")), code] {
      return told(show_code(step, code)).starts_with("done");
    });
  }
  EXPECT_EQ(count_let_in(all), 1);
}

TEST_P(SignInTest, TakesARecoveryCodeOnceAlsoFromTwoAtOnce) {
  give_password(grey_);
  const auto codes = give_recovery_codes(grey_);
  required_ = AssuranceLevel::kAal2;
  std::vector<std::function<bool()>> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([this, step = show_password(begin("grey")), code = codes.at(3)] {
      return told(sign_in_->show_recovery_code(step.handle, code, from("").source)) ==
             "done aal2 mfa otp pwd";
    });
  }
  EXPECT_EQ(count_let_in(all), 1);
  const SignInStep step = show_password(begin("grey"));
  EXPECT_EQ(told(step), "more recovery_code");
  EXPECT_EQ(told(sign_in_->show_recovery_code(step.handle, codes.at(3), from("").source)), "wrong");
  EXPECT_EQ(count("SELECT count(*) FROM recovery_code"), 9);
}

TEST_P(SignInTest, HandlesAreGoodOnceAndForAWhile) {
  give_password(grey_);
  const SignInStep begun = begin("grey");
  EXPECT_EQ(told(show_password(begun, "another password altogether")), "wrong");
  EXPECT_EQ(told(show_password(begun)), "expired") << "it was used";
  const SignInStep late = begin("grey");
  now_ += 5 * kMinute;
  EXPECT_EQ(told(show_password(late)), "expired");
  SignInStep again = begin("grey");
  for (int i = 0; i < 4; ++i) {
    now_ += 4 * kMinute;
    again = show_password(again, "another password altogether");
  }
  EXPECT_EQ(told(again), "expired") << "not for ever either";
  std::string changed(begin("grey").handle.reveal());
  changed[changed.size() / 2] ^= 1;
  for (const std::string& other : {std::string(), std::string("."), std::string("c3QtbWFyeQ."),
                                   std::string("eA.eA"), changed}) {
    SignInStep step;
    step.handle = Secret(other);
    EXPECT_EQ(told(show_password(step)), "expired") << other;
  }
}

TEST_P(SignInTest, TakesAHandleOnceAlsoFromTwoAtOnce) {
  give_password(grey_);
  const SignInStep begun = begin("grey");
  const std::function<bool()> show = [&] { return told(show_password(begun)).starts_with("done"); };
  EXPECT_EQ(count_let_in({show, show, show}), 1);
}

TEST_P(SignInTest, WhatIsNotOfferedIsNotTaken) {
  give_password(grey_);
  const App app = give_app(grey_);
  const auto codes = give_recovery_codes(grey_);
  EXPECT_EQ(told(show_code(begin("grey"), code_of(app))), "wrong") << "the password comes first";
  EXPECT_EQ(told(sign_in_->show_recovery_code(begin("grey").handle, codes.at(0), from("").source)),
            "wrong");
  EXPECT_EQ(told(sign_in_->show_password(begin("").handle, Secret(kGoodPassword), from("").source)),
            "wrong");
}

TEST_P(SignInTest, WhatIsNotOfferedCountsAsATry) {
  limits_ = {};
  start();
  give_password(grey_);
  std::string last;
  for (int i = 0; i < 5; ++i) last = told(show_code(begin("grey"), "000000"));
  EXPECT_EQ(last, "wait");
}

TEST_P(SignInTest, IsNotEnoughWhereThePersonHasNoMore) {
  give_password(grey_);
  required_ = AssuranceLevel::kAal2;
  EXPECT_EQ(told(show_password(begin("grey"))), "not_enough");
  give_app(grey_);
  required_ = AssuranceLevel::kAal3;
  EXPECT_EQ(told(show_password(begin("grey"))), "not_enough");
}

TEST_P(SignInTest, WhoeverTriesTooOftenWaitsBeforeAnythingIsVerified) {
  limits_ = {};
  start();
  give_password(grey_);
  SignInStep step = begin("grey");
  for (int i = 0; i < 4; ++i) step = show_password(step, "another password altogether");
  EXPECT_EQ(told(step), "wrong");
  const auto before = accounts_->list(kTenant, grey_.id)->front().failures;
  const SignInStep waits = show_password(step);
  EXPECT_EQ(told(waits), "wait") << "though it is right";
  EXPECT_GT(waits.wait.count(), 0);
  EXPECT_EQ(accounts_->list(kTenant, grey_.id)->front().failures, before);
  ticks_ += waits.wait.count();
  EXPECT_EQ(told(show_password(waits)), "done aal1 pwd");
}

TEST_P(SignInTest, ARightPasswordGivesNoMoreTriesAtCodes) {
  limits_ = {};
  start();
  give_password(grey_);
  give_app(grey_);
  required_ = AssuranceLevel::kAal2;
  std::string last;
  for (int i = 0; i < 6; ++i) last = told(show_code(show_password(begin("grey")), "000000"));
  EXPECT_EQ(last, "wait");
}

TEST_P(SignInTest, NoStrangerDisablesAnAuthenticator) {
  const Authenticator password = give_password(grey_);
  const std::string mark = show_password(begin("grey")).recognised->mark;
  for (std::uint32_t i = 0; i < FailureCount::kLimit + 3; ++i) {
    EXPECT_EQ(told(show_password(begin("grey"), "another password altogether")), "wrong");
  }
  EXPECT_EQ(told(show_password(begin("grey"))), "wrong") << "strangers have used up their half";
  EXPECT_EQ(told(show_password(begin("grey", mark), kGoodPassword, mark)), "done aal1 pwd");
  EXPECT_EQ(accounts_->find(kTenant, grey_.id, password.id)->failures, FailureCount{});
  for (std::uint32_t i = 0; i < FailureCount::kLimit; ++i) {
    show_password(begin("grey", mark), "another password altogether", mark);
  }
  EXPECT_EQ(told(show_password(begin("grey", mark), kGoodPassword, mark)), "wrong") << "disabled";
}

TEST_P(SignInTest, AMarkIsKept) {
  give_password(grey_);
  const std::string mark = show_password(begin("grey")).recognised->mark;
  const SignInStep again = show_password(begin("grey", mark), kGoodPassword, mark);
  EXPECT_EQ(again.recognised->mark, mark);
  const Thing green = person("green");
  give_password(green);
  EXPECT_NE(show_password(begin("green", mark), kGoodPassword, mark).recognised->mark, mark);
}

TEST_P(SignInTest, AHashOfAnotherCostIsMadeAnew) {
  give_password(grey_);
  const std::string before = storage::text(*store_, "SELECT verifier FROM authenticator");
  passwords_ =
      std::make_unique<PasswordVerifier>(checked_cost({.passes = 2, .memory_kib = 19'456}).value());
  start();
  EXPECT_EQ(told(show_password(begin("grey"))), "done aal1 pwd");
  EXPECT_NE(storage::text(*store_, "SELECT verifier FROM authenticator"), before);
  EXPECT_EQ(told(show_password(begin("grey"))), "done aal1 pwd");
}

TEST_P(SignInTest, APasswordMayBeKeptElsewhere) {
  outside_password_ = true;
  EXPECT_EQ(told(show_password(begin("grey"))), "done aal1 pwd");
  outside_password_ = false;
  EXPECT_EQ(told(show_password(begin("grey"))), "wrong");
  outside_password_ = true;
  EXPECT_EQ(told(show_password(begin("nobody"))), "wrong");
  give_password(grey_);
  EXPECT_EQ(told(show_password(begin("grey"), "another password altogether")), "wrong")
      << "who has one here is not asked for there";
}

TEST_P(SignInTest, ADirectoryIsAskedAsOftenForNobody) {
  using Asked = std::vector<std::string>;
  const Thing green = person("green");
  give_password(green);
  outside_password_ = false;
  const auto asked_for = [&](std::string_view name, std::string_view password) {
    asked_outside_.clear();
    show_password(begin(name), password);
    return asked_outside_;
  };
  EXPECT_EQ(asked_for("grey", "a wrong password"), Asked{grey_.id});
  EXPECT_EQ(asked_for("nobody", "a wrong password"), Asked{""});
  EXPECT_EQ(asked_for("green", "a wrong password"), Asked{""}) << "whose is kept here";
  EXPECT_EQ(asked_for("green", kGoodPassword), Asked{}) << "who is right waits for nobody";
}

TEST_P(SignInTest, ATenantsPeopleAreItsOwn) {
  give_password(grey_);
  SignInStart other = from("grey");
  other.tenant = "st-john";
  EXPECT_EQ(told(show_password(*sign_in_->begin(other))), "wrong");
}

TEST_P(SignInTest, WhatEndsWhileItIsVerifiedCountsNoMore) {
  const Authenticator password = give_password(grey_);
  const SignInStep begun = begin("grey");
  meanwhile_ = [&] { EXPECT_TRUE(accounts_->revoke(change(grey_), password.id)); };
  EXPECT_EQ(told(show_password(begun)), "wrong");
  give_password(grey_);
  const SignInStep again = begin("grey");
  meanwhile_ = [&] { set_state(grey_, "suspended"); };
  EXPECT_EQ(told(show_password(again)), "wrong");
  set_state(grey_, "active");
  const SignInStep next = begin("grey");
  set_state(grey_, "suspended");
  EXPECT_EQ(told(show_password(next)), "wrong");
}

TEST_P(SignInTest, StepsUp) {
  const Authenticator password = give_password(grey_);
  const App app = give_app(grey_);
  const Session session = open_session(grey_, {password.id});
  const auto step = sign_in_->begin_step_up(from(""), session, AssuranceLevel::kAal2);
  EXPECT_EQ(told(step), "more code");
  const SignInStep done = show_code(*step, code_of(app));
  EXPECT_EQ(told(done), "done aal2 mfa otp pwd");
  EXPECT_EQ(done.recognised->authenticators, std::vector<std::string>{app.id});
  EXPECT_EQ(told(sign_in_->begin_step_up(from(""), session, AssuranceLevel::kAal3)), "not_enough");
  EXPECT_EQ(told(sign_in_->begin_step_up(from(""), session, AssuranceLevel::kAal1)),
            "more password code")
      << "who is as sure already shows it anew";
  set_state(grey_, "suspended");
  EXPECT_EQ(told(sign_in_->begin_step_up(from(""), session, AssuranceLevel::kAal2)), "expired");
}

TEST_P(SignInTest, ByACertificateThatIsMapped) {
  ASSERT_TRUE(accounts_->map_certificate(change(grey_),
                                         {.place = "upn:grey@st-mary", .is_smartcard = true}));
  const Thing green = person("green");
  ASSERT_TRUE(accounts_->map_certificate(change(green), {.place = "issuer-serial:7"}));
  EXPECT_EQ(told(sign_in_->show_certificate(from(""), "upn:grey@st-mary")),
            "done aal3 hwk mfa pin sc");
  EXPECT_EQ(told(sign_in_->show_certificate(from("grey"), "upn:grey@st-mary")),
            "done aal3 hwk mfa pin sc");
  EXPECT_EQ(told(sign_in_->show_certificate(from("green"), "upn:grey@st-mary")), "wrong");
  EXPECT_EQ(told(sign_in_->show_certificate(from(""), "issuer-serial:7")), "done aal1 swk");
  EXPECT_EQ(told(sign_in_->show_certificate(from(""), "upn:green@st-mary")), "wrong");
  SignInStart other = from("");
  other.tenant = "st-john";
  EXPECT_EQ(told(sign_in_->show_certificate(other, "upn:grey@st-mary")), "wrong");
  required_ = AssuranceLevel::kAal2;
  EXPECT_EQ(told(sign_in_->show_certificate(from(""), "issuer-serial:7")), "not_enough");
  give_password(green);
  EXPECT_EQ(told(sign_in_->show_certificate(from(""), "issuer-serial:7")), "more password");
  set_state(grey_, "suspended");
  EXPECT_EQ(told(sign_in_->show_certificate(from(""), "upn:grey@st-mary")), "wrong");
}

TEST_P(SignInTest, ByAnAccountThatIsLinked) {
  ASSERT_TRUE(accounts_->link_account(change(grey_), "https://idp.example", "grey-7"));
  const Assurance sure{
      .level = AssuranceLevel::kAal2, .methods = {"face", "mfa"}, .authenticated_ms = 5};
  const auto by = [&](std::string_view issuer, std::string_view subject, const Assurance& how) {
    return told(sign_in_->show_linked_account(from(""), issuer, subject, how));
  };
  EXPECT_EQ(by("https://idp.example", "grey-7", sure), "done aal2 face mfa");
  EXPECT_EQ(by("https://idp.example", "grey-8", sure), "wrong");
  EXPECT_EQ(by("https://idp.exampl", "egrey-7", sure), "wrong") << "the parts are told apart";
  EXPECT_EQ(by("https://idp.example", "grey-7", {}), "wrong") << "it does not say that it is sure";
  Assurance pretended = sure;
  pretended.level = AssuranceLevel::kAal1;
  pretended.proofs = {Proof::kSmartcard};
  required_ = AssuranceLevel::kAal2;
  EXPECT_EQ(by("https://idp.example", "grey-7", pretended), "not_enough")
      << "what was shown there was not shown here";
}

TEST_P(SignInTest, UnlocksByBadgeOrPin) {
  ASSERT_TRUE(accounts_->set_pin(change(grey_), Secret("483920")));
  ASSERT_TRUE(accounts_->add_badge(change(grey_), Secret("04:a2:11:7f")));
  const auto unlock = [&](const char* name, const char* badge, const char* pin) {
    const auto step = sign_in_->show_unlock({.tenant = std::string(kTenant),
                                             .user_name = name,
                                             .badge = Secret(badge),
                                             .pin = Secret(pin),
                                             .source = from("").source});
    const std::string text = told(step);
    return step && step->recognised ? text + " " + step->recognised->person : text;
  };
  EXPECT_EQ(unlock("grey", "", "483920"), "done aal0 pin " + grey_.id);
  EXPECT_EQ(unlock("", "04:a2:11:7f", ""), "done aal0 " + grey_.id);
  EXPECT_EQ(unlock("", "04:a2:11:7f", "483920"), "done aal0 pin " + grey_.id);
  EXPECT_EQ(unlock("", "04:a2:11:7f", "483921"), "wrong");
  EXPECT_EQ(unlock("grey", "", "483921"), "wrong");
  EXPECT_EQ(unlock("grey", "04:a2:11:80", "483920"), "wrong") << "both must be right";
  EXPECT_EQ(unlock("nobody", "", "483920"), "wrong");
  EXPECT_EQ(unlock("", "04:a2:11:80", ""), "wrong");
  EXPECT_EQ(unlock("green", "04:a2:11:7f", ""), "wrong");
  EXPECT_EQ(unlock("grey", "", ""), "wrong");
  EXPECT_EQ(unlock("", "", "483920"), "wrong");
  set_state(grey_, "suspended");
  EXPECT_EQ(unlock("grey", "", "483920"), "wrong");
  EXPECT_EQ(unlock("", "04:a2:11:7f", ""), "wrong");
}

TEST_P(SignInTest, IsToldToTheLog) {
  give_password(grey_);
  const SignInStart start = from("grey");
  EXPECT_FALSE(record_of(begin("grey"), start));
  const SignInStep wrong = show_password(begin("grey"), "another password altogether");
  const auto failed = record_of(wrong, start);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->event.kind, event::Kind::kLoginFailed);
  EXPECT_EQ(failed->event.cause, "wrong");
  EXPECT_EQ(failed->event.action, "password");
  EXPECT_EQ(failed->event.principal_id, grey_.id);
  EXPECT_EQ(failed->event.source_address, "192.0.2.7");
  const SignInStep done = show_password(begin("grey"));
  const auto login = record_of(done, start);
  ASSERT_TRUE(login);
  EXPECT_EQ(login->event.kind, event::Kind::kLogin);
  EXPECT_EQ(login->event.principal_id, grey_.id);
  EXPECT_EQ(login->event.authentication_level, 1);
  EXPECT_EQ(login->event.authentication_methods.front(), "pwd");
  const SignInStep unknown = show_password(begin("nobody"));
  EXPECT_TRUE(record_of(unknown, start)->event.principal_id.empty());
}

}  // namespace
}  // namespace wardlock::authn
