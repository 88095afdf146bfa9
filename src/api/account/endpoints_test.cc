#include "api/account/endpoints.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/account/account_for_test.h"
#include "api/account/page_files.h"
#include "authn/otp/one_time_password.h"
#include "codec/base32.h"

namespace wardlock::account {
namespace {

using directory::Thing;
using storage::name_of;
using storage::tested_databases;

constexpr std::string_view kSession = "__Host-wardlock-session.st-mary";
constexpr std::string_view kBrowser = "__Host-wardlock-browser.st-mary";

class AccountPagesTest : public PagesForTest {
 protected:
  bool shows(std::string_view words) const { return last_html_.find(words) != std::string::npos; }
  std::string cookie(std::string_view name) const {
    const auto found = cookies_.find(std::string(name));
    return found == cookies_.end() ? std::string() : found->second;
  }
  /// A person who has a password and is not signed in.
  Thing enrolled(const std::string& user) {
    const Thing who = person(user);
    invite(who, kPassword);
    return who;
  }
};

TEST_P(AccountPagesTest, SignInTakesNameAndPassword) {
  const Thing ada = enrolled("ada");
  const Page page = sign_in("ada", kPassword);
  EXPECT_EQ(page.status, 303) << page.html;
  EXPECT_EQ(page.location, "/st-mary/account");
  EXPECT_EQ(get("/account").status, 200);
  EXPECT_TRUE(shows("My account"));
}

TEST_P(AccountPagesTest, WhoSignedInIsOnRecordWithTheSession) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  const std::string session = sessions_->of_person(kTenant, ada.id, now_).value().front().id;
  ASSERT_FALSE(recorded_.empty());
  EXPECT_EQ(recorded_.back(), "login " + ada.id + " " + session);
}

TEST_P(AccountPagesTest, NobodySignsInWhoIsNotOnRecord) {
  const Thing ada = enrolled("ada");
  can_record_ = false;
  EXPECT_EQ(sign_in("ada", kPassword).status, 503);
  EXPECT_EQ(cookie(kSession), "");
  EXPECT_TRUE(sessions_->of_person(kTenant, ada.id, now_).value().empty());
}

TEST_P(AccountPagesTest, AWrongPasswordAndNobodyLookTheSame) {
  enrolled("ada");
  const Page wrong = sign_in("ada", "not the right one at all");
  const Page nobody = sign_in("eve", "not the right one at all");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(nobody.status, 403);
  const auto bare = [](std::string html, std::string_view user) {
    for (std::size_t at = 0; (at = html.find(user, at)) != std::string::npos;) {
      html.erase(at, user.size());
    }
    for (const char* varying : {"value=\"", "data-options=\""}) {
      const std::string begin(varying);
      for (std::size_t at = 0; (at = html.find(begin, at)) != std::string::npos;) {
        at += begin.size();
        html.erase(at, html.find('"', at) - at);
      }
    }
    return html;
  };
  EXPECT_EQ(bare(wrong.html, "ada"), bare(nobody.html, "eve"));
  EXPECT_EQ(cookie(kSession), "");
}

TEST_P(AccountPagesTest, WhatTheBrowserHadBeforeIsGoodForNothingAfterSigningIn) {
  enrolled("ada");
  get("/sign-in");
  const std::string browser = cookie(kBrowser);
  EXPECT_NE(browser, "");
  cookies_[std::string(kSession)] = "planted";
  sign_in("ada", kPassword);
  EXPECT_NE(cookie(kSession), "planted");
  EXPECT_NE(cookie(kSession), "");
  EXPECT_EQ(cookie(kBrowser), "");
}

TEST_P(AccountPagesTest, SomebodyElseTakesOverNoSession) {
  enrolled("ada");
  const Thing ben = enrolled("ben");
  sign_in("ada", kPassword);
  const std::string before = cookie(kSession);
  get("/account");
  post("/sign-in", {{"do", "begin"}, {"user", "ben"}});
  post("/sign-in", {{"do", "password"}, {"user", "ben"}, {"password", std::string(kPassword)}});
  EXPECT_NE(cookie(kSession), before);
  cookies_[std::string(kSession)] = before;
  EXPECT_EQ(get("/account").status, 303);
}

TEST_P(AccountPagesTest, AFormOfAnotherSiteDoesNothing) {
  enrolled("ada");
  sign_in("ada", kPassword);
  get("/account");
  const std::string body = urlencoded({{"csrf", hidden("csrf")}});
  const std::vector<net::HttpHeader> type = {{"Content-Type", "application/x-www-form-urlencoded"}};
  for (const char* origin : {"https://evil.example", "null", "http://wardlock.example", ""}) {
    auto headers = type;
    headers.push_back({"Origin", origin});
    EXPECT_EQ(send("POST", "/account/sign-out", {}, body, headers).status, 403) << origin;
  }
  EXPECT_EQ(send("POST", "/account/sign-out", {}, body, type).status, 403) << "says nothing";
  auto cross = type;
  cross.push_back({"Sec-Fetch-Site", "cross-site"});
  EXPECT_EQ(send("POST", "/account/sign-out", {}, body, cross).status, 403);
  EXPECT_EQ(get("/account").status, 200) << "still signed in";
}

TEST_P(AccountPagesTest, AFormWithoutTheTokenOfTheSessionDoesNothing) {
  enrolled("ada");
  get("/sign-in");
  const std::string of_browser = hidden("csrf");
  sign_in("ada", kPassword);
  get("/account");
  const std::string right = hidden("csrf");
  for (const std::string& wrong : {std::string(), of_browser, right.substr(1), right + "A"}) {
    last_html_.clear();
    EXPECT_EQ(post("/account/sign-out", {{"csrf", wrong}}).status, 403) << wrong;
  }
  EXPECT_EQ(post("/account/sign-out", {{"csrf", right}}).status, 200);
  EXPECT_EQ(get("/account").status, 303);
}

TEST_P(AccountPagesTest, SigningInNeedsTheTokenOfTheBrowser) {
  enrolled("ada");
  get("/sign-in");
  const std::string token = hidden("csrf");
  cookies_.clear();  // somebody else's browser, which was made to sign in
  EXPECT_EQ(post("/sign-in", {{"csrf", token}, {"do", "begin"}, {"user", "ada"}}).status, 403);
}

TEST_P(AccountPagesTest, SignedOutIsSignedOut) {
  enrolled("ada");
  sign_in("ada", kPassword);
  const std::string token = cookie(kSession);
  get("/account");
  EXPECT_EQ(post("/account/sign-out", {}).status, 200);
  EXPECT_EQ(cookie(kSession), "");
  cookies_[std::string(kSession)] = token;
  EXPECT_EQ(get("/account").location, "/st-mary/sign-in");
}

TEST_P(AccountPagesTest, LeadsNowhereElse) {
  enrolled("ada");
  for (const char* request : {"https://evil.example", "//evil.example", "%2f%2fevil.example",
                              "evil.example/", "a%0d%0ab"}) {
    const Page page = get("/sign-in", std::string("request=") + request);
    EXPECT_EQ(page.html.find("evil"), std::string::npos) << request;
    EXPECT_EQ(hidden("request"), "") << request;
  }
  get("/sign-in");
  post("/sign-in", {{"do", "begin"}, {"user", "ada"}});
  const Page page = post("/sign-in", {{"do", "password"},
                                      {"user", "ada"},
                                      {"password", std::string(kPassword)},
                                      {"request", "https://evil.example"}});
  EXPECT_EQ(page.location, "/st-mary/account");
}

TEST_P(AccountPagesTest, WhatPeopleTypeIsNoHtml) {
  enrolled("ada");
  get("/sign-in");
  const Page page = post("/sign-in", {{"do", "begin"}, {"user", "<script>alert(1)</script>"}});
  EXPECT_EQ(page.html.find("<script>alert"), std::string::npos);
}

TEST_P(AccountPagesTest, AnEnrolmentCodeIsGoodOnce) {
  const Thing ada = person("ada");
  const auto invited =
      enrolments_->invite(mandate_, ada.id, authn::EnrolmentPurpose::kInvitation, now_ + 60'000);
  const std::string code(invited.value().token.reveal());
  get("/account/enrol");
  EXPECT_EQ(post("/account/enrol", {{"token", code + "x"}}).status, 403);
  EXPECT_TRUE(shows("not good"));
  EXPECT_EQ(post("/account/enrol", {{"token", " " + code + " "}}).status, 303);
  get("/account/enrol");
  EXPECT_EQ(post("/account/enrol/finish", {}).status, 403) << "nothing was added";
  get("/account/password");
  EXPECT_EQ(post("/account/password", {{"new", std::string(kPassword)}}).status, 200);
  EXPECT_EQ(post("/account/enrol/finish", {}).status, 200);
  get("/account/enrol");
  EXPECT_EQ(post("/account/enrol", {{"token", code}}).status, 403);
}

TEST_P(AccountPagesTest, ATokenThatCountsIsAddedByTheFirstOfItsCodes) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  get("/account/totp");
  EXPECT_TRUE(shows("/account/hotp")) << "by the clock is what most have";
  const std::string html = get("/account/hotp").html;
  const std::string before = R"(translate="no">)";
  const std::size_t begin = html.find(before) + before.size();
  std::string typed = html.substr(begin, html.find('<', begin) - begin);
  std::erase(typed, ' ');
  const Secret secret(codec::from_base32(typed).value());
  const auto show = [&](const std::string& code) {
    return post("/account/hotp",
                {{"label", "Fob"}, {"pending", hidden("pending")}, {"code", code}});
  };
  EXPECT_EQ(show(authn::hotp(secret, 11, {})).status, 403);
  EXPECT_TRUE(shows("none of the next ones")) << last_html_;
  EXPECT_FALSE(shows(typed.substr(0, 4))) << "its key is shown once";
  std::string code = authn::hotp(secret, 0, {});
  code.insert(3, " ");
  EXPECT_EQ(show(code).status, 200);
  std::set<std::string> active;
  for (const authn::Authenticator& each : accounts_->list(kTenant, ada.id).value()) {
    if (each.is_good_at(now_)) active.insert(each.label + std::string(to_string(each.kind)));
  }
  EXPECT_EQ(active, (std::set<std::string>{"password", "Fobhotp"}));
}

TEST_P(AccountPagesTest, NobodyAddsAWayInWithoutCodeOrSession) {
  for (const char* path : {"/account/passkey", "/account/totp", "/account/hotp",
                           "/account/password", "/account/recovery-codes"}) {
    EXPECT_EQ(get(path).location, "/st-mary/account/enrol") << path;
    get("/sign-in");
    EXPECT_EQ(post(path, {{"new", std::string(kPassword)}}).location, "/st-mary/account/enrol")
        << path;
  }
}

TEST_P(AccountPagesTest, AnOldSessionAddsNoWayIn) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  EXPECT_EQ(get("/account/password").status, 200);
  now_ += kFreshMs + 1000;
  EXPECT_EQ(get("/account/password").location, "/st-mary/sign-in?again=1");
  get("/account");
  EXPECT_EQ(post("/account/password", {{"new", "another zebra battery staple"}}).location,
            "/st-mary/sign-in?again=1");
  const auto all = accounts_->list(kTenant, ada.id).value();
  get("/account");
  EXPECT_EQ(post("/account/authenticator", {{"id", all.front().id}, {"do", "lost"}}).location,
            "/st-mary/sign-in?again=1");
}

TEST_P(AccountPagesTest, OneOfTwoProofsChangesNothingAboutTheOther) {
  const Thing ada = enrolled("ada");
  const auto token = accounts_->add_hotp({.mandate = mandate_, .person = ada.id, .label = "token"},
                                         Secret(std::string("12345678901234567890")), {}, 0);
  ASSERT_TRUE(token) << token.error().message;
  sign_in("ada", kPassword);
  EXPECT_EQ(get("/account").status, 200) << "to see, one proof is enough here";
  for (const char* path : {"/account/password", "/account/totp", "/account/passkey"}) {
    EXPECT_EQ(get(path).location, "/st-mary/sign-in?again=1") << path;
  }
  get("/account");
  EXPECT_EQ(post("/account/authenticator", {{"id", token->id}, {"do", "lost"}}).location,
            "/st-mary/sign-in?again=1");
  get("/sign-in", "again=1");
  EXPECT_TRUE(shows(R"(name="code")")) << "the other is asked for";
}

TEST_P(AccountPagesTest, OneOfTwoProofsShownAnewMakesTheOtherNoFresher) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  get("/account/recovery-codes");
  post("/account/recovery-codes", {});
  const std::size_t at = last_html_.find("<code>") + 6;
  const std::string code = last_html_.substr(at, last_html_.find('<', at) - at);
  cookies_.clear();
  required_ = authn::AssuranceLevel::kAal2;
  sign_in("ada", kPassword);
  post("/sign-in", {{"do", "recovery"}, {"user", "ada"}, {"recovery", code}});
  EXPECT_EQ(get("/account/password").status, 200);
  now_ += kFreshMs + 1000;
  required_ = authn::AssuranceLevel::kAal1;
  get("/account");  // whose form begins a sign-in that nobody asked for
  post("/sign-in", {{"do", "begin"}, {"user", "ada"}});
  EXPECT_EQ(
      post("/sign-in", {{"do", "password"}, {"user", "ada"}, {"password", std::string(kPassword)}})
          .status,
      303);
  EXPECT_EQ(get("/account/password").location, "/st-mary/sign-in?again=1");
}

TEST_P(AccountPagesTest, AnotherTenantsHandleIsNone) {
  enrolled("ada");
  const auto elsewhere = sign_in_->begin({.tenant = "riverside",
                                          .user_name = "ada",
                                          .source = {.address = "192.0.2.1", .mark = {}},
                                          .environment = "office"});
  ASSERT_TRUE(elsewhere) << elsewhere.error().message;
  get("/sign-in");
  const Page page = post("/sign-in", {{"do", "password"},
                                      {"handle", std::string(elsewhere->handle.reveal())},
                                      {"password", std::string(kPassword)}});
  EXPECT_EQ(page.status, 403);
  EXPECT_TRUE(shows("That took too long"));
}

TEST_P(AccountPagesTest, WhoIsSentToSignInAgainShowsTheirFactorsAnew) {
  enrolled("ada");
  sign_in("ada", kPassword);
  now_ += kFreshMs + 1000;
  const std::string there = get("/account/password").location;
  constexpr std::string_view kBase = "/st-mary";
  ASSERT_TRUE(there.starts_with(kBase) && there.contains('?')) << there;
  const std::size_t query = there.find('?');
  EXPECT_EQ(get(there.substr(kBase.size(), query - kBase.size()), there.substr(query + 1)).status,
            200)
      << "not back to the account";
  EXPECT_EQ(post("/sign-in", {{"do", "password"}, {"password", std::string(kPassword)}}).location,
            "/st-mary/account");
  EXPECT_EQ(get("/account/password").status, 200);
}

TEST_P(AccountPagesTest, PasswordsAreMaskedAndFilledInByManagers) {
  enrolled("ada");
  get("/sign-in");
  post("/sign-in", {{"do", "begin"}, {"user", "ada"}});
  EXPECT_TRUE(shows(R"(name="password" type="password" autocomplete="current-password")"));
  sign_in("ada", kPassword);
  get("/account/password");
  EXPECT_TRUE(shows(R"(name="new" type="password" autocomplete="new-password")"));
  for (const PageFile& file : page_files()) {
    EXPECT_FALSE(file.text.contains("onpaste") || file.text.contains("\"paste\"")) << file.name;
  }
}

TEST_P(AccountPagesTest, APasswordThatIsRefusedSaysWhy) {
  enrolled("ada");
  sign_in("ada", kPassword);
  get("/account/password");
  EXPECT_EQ(post("/account/password", {{"new", "short"}}).status, 403);
  EXPECT_TRUE(shows("id=\"fault\""));
  EXPECT_TRUE(shows("aria-describedby=\"new-hint strength fault\""));
  EXPECT_FALSE(shows("value=\"short\"")) << "what was typed does not come back";
}

TEST_P(AccountPagesTest, TheLastWayInIsNotRemovedByItsOwner) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  const std::string id = accounts_->list(kTenant, ada.id).value().front().id;
  get("/account");
  EXPECT_EQ(post("/account/authenticator", {{"id", id}, {"do", "revoke"}}).status, 403);
  EXPECT_TRUE(accounts_->find(kTenant, ada.id, id).value().is_good_at(now_));
  get("/account");
  post("/account/authenticator", {{"id", id}, {"do", "lost"}});
  EXPECT_FALSE(accounts_->find(kTenant, ada.id, id).value().is_good_at(now_));
}

TEST_P(AccountPagesTest, WhatNobodyTakesAnyMoreIsNoOtherWayIn) {
  const Thing ada = enrolled("ada");
  const std::string id = accounts_->list(kTenant, ada.id).value().front().id;
  ASSERT_TRUE(
      accounts_->link_account({.mandate = mandate_, .person = ada.id}, "https://id.example", "7"));
  ASSERT_TRUE(
      accounts_->map_certificate({.mandate = mandate_, .person = ada.id}, {.place = "upn:ada"}));
  sign_in("ada", kPassword);
  get("/account");
  EXPECT_EQ(post("/account/authenticator", {{"id", id}, {"do", "revoke"}}).status, 403)
      << "there are neither providers nor cards in the settings";
  EXPECT_TRUE(accounts_->find(kTenant, ada.id, id).value().is_good_at(now_));
}

/// As the audit log would answer.
class TrailForTest : public administration::Trail {
 public:
  Result<administration::Traces> of(const administration::Actor& actor, std::int64_t since_ms,
                                    std::size_t most) override {
    asked = actor.tenant + " " + actor.type + " " + actor.id;
    since = since_ms;
    if (is_down) return fail(ErrorCode::kUnavailable, "the log is away");
    administration::Traces some{.traces = traces};
    if (some.traces.size() > most) some.traces.resize(most);
    return some;
  }
  Result<administration::Traces> under(std::string_view, std::string_view, std::int64_t,
                                       std::int64_t, std::size_t) override {
    return administration::Traces{};
  }

  void add(std::int64_t time, std::string what, std::string address) {
    administration::Trace trace;
    trace.time = time;
    trace.what = std::move(what);
    trace.source_address = std::move(address);
    traces.push_back(std::move(trace));
  }

  std::vector<administration::Trace> traces;
  std::string asked;
  std::int64_t since = 0;
  bool is_down = false;
};

TEST_P(AccountPagesTest, WhatHappenedLatelyIsShown) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  TrailForTest trail;
  trail_ = &trail;
  trail.add(now_, "login_failed", "192.0.2.99");
  trail.add(now_, "decision", "192.0.2.98");
  trail.add(now_, "login", "<b>");
  EXPECT_EQ(get("/account").status, 200);
  EXPECT_EQ(trail.asked, "st-mary User " + ada.id);
  EXPECT_LT(trail.since, now_);
  EXPECT_TRUE(shows("An attempt to sign in failed"));
  EXPECT_TRUE(shows("from 192.0.2.99"));
  EXPECT_FALSE(shows("192.0.2.98")) << "of signing in alone";
  EXPECT_TRUE(shows("from &lt;b&gt;"));
  for (int i = 0; i < 100; ++i) trail.add(now_, "login_failed", "");
  const std::string html = get("/account").html;
  std::size_t count = 0;
  for (std::size_t at = html.find("attempt to sign in"); at != std::string::npos;
       at = html.find("attempt to sign in", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 19U) << "twenty, of which one is a sign-in";
  trail.is_down = true;
  EXPECT_EQ(get("/account").status, 200) << "the rest is there";
}

TEST_P(AccountPagesTest, NobodyEndsWhatIsSomebodyElses) {
  enrolled("ada");
  const Thing ben = enrolled("ben");
  sign_in("ben", kPassword);
  const std::string his = sessions_->of_person(kTenant, ben.id, now_).value().front().id;
  const std::string password = accounts_->list(kTenant, ben.id).value().front().id;
  cookies_.clear();
  sign_in("ada", kPassword);
  get("/account");
  EXPECT_EQ(post("/account/session", {{"id", his}}).status, 404);
  EXPECT_TRUE(sessions_->find_id(kTenant, his, now_));
  get("/account");
  EXPECT_EQ(post("/account/authenticator", {{"id", password}, {"do", "lost"}}).status, 404);
  EXPECT_TRUE(accounts_->find(kTenant, ben.id, password).value().is_good_at(now_));
}

TEST_P(AccountPagesTest, OtherSessionsOfOnesOwnAreEnded) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  cookies_.clear();
  sign_in("ada", kPassword);
  ASSERT_EQ(sessions_->of_person(kTenant, ada.id, now_).value().size(), 2U);
  get("/account");
  EXPECT_EQ(post("/account/session", {{"id", "all"}}).status, 200);
  EXPECT_EQ(sessions_->of_person(kTenant, ada.id, now_).value().size(), 1U);
  EXPECT_EQ(get("/account").status, 200) << "this one goes on";
}

TEST_P(AccountPagesTest, AnOldSessionEndsNoOthers) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  const std::string other = sessions_->of_person(kTenant, ada.id, now_).value().front().id;
  cookies_.clear();
  sign_in("ada", kPassword);
  now_ += kFreshMs + 1000;
  for (const std::string& id : {std::string("all"), other}) {
    get("/account");
    EXPECT_EQ(post("/account/session", {{"id", id}}).location, "/st-mary/sign-in?again=1") << id;
  }
  EXPECT_EQ(sessions_->of_person(kTenant, ada.id, now_).value().size(), 2U);
}

TEST_P(AccountPagesTest, RecoveryCodesAreShownOnce) {
  enrolled("ada");
  sign_in("ada", kPassword);
  get("/account/recovery-codes");
  EXPECT_EQ(post("/account/recovery-codes", {}).status, 200);
  const auto count = [&] {
    std::size_t codes = 0;
    for (std::size_t at = 0; (at = last_html_.find("<code>", at)) != std::string::npos; ++at)
      ++codes;
    return codes;
  };
  EXPECT_EQ(count(), 10U);
  get("/account/recovery-codes");
  EXPECT_EQ(count(), 0U);
}

TEST_P(AccountPagesTest, ASecondProofIsAskedForWhereItIsRequired) {
  enrolled("ada");
  sign_in("ada", kPassword);
  get("/account/recovery-codes");
  post("/account/recovery-codes", {});
  const std::size_t at = last_html_.find("<code>") + 6;
  const std::string code = last_html_.substr(at, last_html_.find('<', at) - at);
  cookies_.clear();
  required_ = authn::AssuranceLevel::kAal2;
  EXPECT_EQ(sign_in("ada", kPassword).status, 200);
  EXPECT_EQ(cookie(kSession), "");
  EXPECT_TRUE(shows("One more step"));
  EXPECT_EQ(post("/sign-in", {{"do", "recovery"}, {"user", "ada"}, {"recovery", code}}).status,
            303);
  EXPECT_EQ(get("/account").status, 200);
}

TEST_P(AccountPagesTest, StepsThatAreNoneAreRefused) {
  get("/sign-in");
  for (const char* what : {"", "open", "session"}) {
    get("/sign-in");
    EXPECT_EQ(post("/sign-in", {{"do", what}, {"user", "ada"}}).status, 403) << what;
  }
  get("/sign-in");
  EXPECT_EQ(post("/sign-in", {{"do", "password"}, {"handle", "x"}, {"password", "y"}}).status, 403);
  EXPECT_EQ(send("DELETE", "/sign-in", {}, {}, {}).status, 405);
  EXPECT_EQ(send("POST", "/recover", {}, {}, {}).status, 405);
  EXPECT_EQ(send("GET", "/account/sign-out", {}, {}, {}).status, 405);
  EXPECT_EQ(get("/account/nothing").status, 404);
}

TEST_P(AccountPagesTest, WhereNoApplicationMayAskThereIsNoConsent) {
  enrolled("ada");
  EXPECT_EQ(get("/consent", "request=x").status, 404);
  EXPECT_EQ(get("/device").status, 404);
}

INSTANTIATE_TEST_SUITE_P(Each, AccountPagesTest, testing::ValuesIn(tested_databases()), name_of);

}  // namespace
}  // namespace wardlock::account
