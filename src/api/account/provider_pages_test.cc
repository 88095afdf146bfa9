#include "api/account/provider_pages.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "api/account/account_for_test.h"
#include "api/account/provider_desk.h"

namespace wardlock::account {
namespace {

using authn::AssuranceLevel;
using authn::ForeignPurpose;
using directory::Thing;
using storage::name_of;
using storage::tested_databases;

constexpr std::string_view kIssuer = "https://login.st-mary.example";
constexpr std::string_view kPath = "/sign-in/with/hospital";
const std::string kAway = "__Host-wardlock-away.st-mary";
constexpr std::string_view kBack = "/sign-in/with/hospital/back";

/// A provider that says what the test wants.
class HospitalDesk : public ProviderDesk {
 public:
  std::vector<OfferedProvider> of(std::string_view tenant) const override {
    if (tenant != "st-mary") return {};
    return {{.name = "hospital",
             .label = "St. Mary <b>",
             .may_be_linked_by_people = may_be_linked_by_people}};
  }
  std::expected<authn::BegunErrand, ProviderRefusal> begin(std::string_view, std::string_view,
                                                           const authn::ForeignErrand& errand,
                                                           std::int64_t) override {
    if (refusal) return std::unexpected(*refusal);
    errands.push_back(errand);
    return authn::BegunErrand{.url = std::string(kIssuer) + "/auth?state=1&x=2",
                              .cookie = Secret("errand-" + std::to_string(errands.size()))};
  }
  std::expected<authn::FinishedErrand, ProviderRefusal> finish(std::string_view, std::string_view,
                                                               std::string_view cookie,
                                                               std::string_view query,
                                                               std::string_view,
                                                               std::int64_t now_ms) override {
    ++finished;
    queries = query;
    if (refusal) return std::unexpected(*refusal);
    if (!cookie.starts_with("errand-")) return std::unexpected(ProviderRefusal::kNotOurs);
    authn::FinishedErrand back;
    back.errand = errands.at(std::stoul(std::string(cookie.substr(7))) - 1);
    back.identity.issuer = kIssuer;
    back.identity.subject = subject;
    back.identity.assurance = {
        .level = level, .methods = {"otp", "pwd"}, .authenticated_ms = now_ms};
    return back;
  }

  bool may_be_linked_by_people = true;
  std::optional<ProviderRefusal> refusal;
  std::string subject = "grey-1";
  AssuranceLevel level = AssuranceLevel::kAal1;
  std::vector<authn::ForeignErrand> errands;
  std::string queries;
  int finished = 0;
};

class ProviderPagesTest : public PagesForTest {
 protected:
  ProviderPagesTest() { providers_ = &desk_; }

  Thing enrolled(const std::string& name) {
    const Thing made = person(name);
    invite(made, kPassword);
    return made;
  }
  void linked(const Thing& who, std::string_view subject) {
    ASSERT_TRUE(accounts_->link_account(
        {.mandate = mandate_, .person = who.id, .label = "St. Mary"}, kIssuer, subject));
  }
  /// Away, and back again; with a page of ours between.
  Page there_and_back(std::string_view what = "sign-in", Fields more = {}) {
    more.emplace("do", std::string(what));
    post(kPath, more);
    return get(kBack, "code=1&state=2");
  }
  bool shows(std::string_view words) const { return last_html_.find(words) != std::string::npos; }
  std::size_t linked_accounts(const Thing& who) {
    const auto all = accounts_->list(kTenant, who.id).value();
    return static_cast<std::size_t>(std::ranges::count(
        all, authn::AuthenticatorKind::kLinkedAccount, &authn::Authenticator::kind));
  }
  bool is_signed_in() { return get("/account").status == 200; }

  HospitalDesk desk_;
};

TEST_P(ProviderPagesTest, TheButtonIsThereWhereThereIsAProvider) {
  get("/sign-in");
  EXPECT_TRUE(shows("action=\"/st-mary/sign-in/with/hospital\""));
  EXPECT_TRUE(shows("Sign in with St. Mary &lt;b&gt;"));
  providers_ = nullptr;
  get("/sign-in");
  EXPECT_FALSE(shows("/sign-in/with/"));
  EXPECT_EQ(get(kPath).status, 404);
}

TEST_P(ProviderPagesTest, WhoseAccountIsLinkedIsSignedInWithWhatItIsWorth) {
  const Thing ada = enrolled("ada");
  linked(ada, "grey-1");
  desk_.level = AssuranceLevel::kAal2;
  get("/sign-in");
  const Page away = post(kPath, {{"do", "sign-in"}});
  EXPECT_EQ(away.status, 200);
  EXPECT_TRUE(shows("url=https://login.st-mary.example/auth?state=1&amp;x=2")) << away.html;
  EXPECT_TRUE(shows("You are being taken to St. Mary"));
  ASSERT_EQ(away.set_cookies.size(), 1U);
  EXPECT_TRUE(away.set_cookies.front().contains("HttpOnly"));
  EXPECT_TRUE(away.set_cookies.front().contains("SameSite=Lax"));
  EXPECT_TRUE(away.set_cookies.front().contains("Max-Age=600"));
  // From another site, so that a page of ours is between.
  const Page first = get(kPath, "code=a\"b&state=2");
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(shows("url=/st-mary/sign-in/with/hospital/back?code=a&quot;b&amp;state=2"));
  EXPECT_EQ(desk_.finished, 0);
  const Page back = get(kBack, "code=a&state=2");
  EXPECT_EQ(back.location, "/st-mary/account");
  EXPECT_EQ(desk_.queries, "code=a&state=2");
  const auto sessions = sessions_->of_person(kTenant, ada.id, now_).value();
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions.front().assurance.level, AssuranceLevel::kAal2);
  EXPECT_EQ(sessions.front().assurance.methods, (std::vector<std::string>{"otp", "pwd"}));
  EXPECT_EQ(recorded_.back(), "login " + ada.id + " " + sessions.front().id);
  EXPECT_TRUE(is_signed_in());
}

TEST_P(ProviderPagesTest, AnAccountThatIsLinkedWithNobodySignsInNobody) {
  const Thing grey = enrolled("grey-1");  // of the same name: it says nothing
  get("/sign-in");
  const std::size_t before = recorded_.size();
  EXPECT_EQ(there_and_back().status, 403);
  EXPECT_TRUE(shows("is linked with nobody here"));
  EXPECT_TRUE(shows("Sign in another way"));
  ASSERT_EQ(recorded_.size(), before + 1);
  EXPECT_EQ(recorded_.back(), "login_failed  ");
  EXPECT_FALSE(is_signed_in());
  EXPECT_EQ(linked_accounts(grey), 0U);
}

TEST_P(ProviderPagesTest, NobodyIsSentAwayByAnothersForm) {
  get("/sign-in");
  const std::string body = urlencoded({{"csrf", hidden("csrf")}, {"do", "sign-in"}});
  EXPECT_EQ(send("POST", kPath, {}, body,
                 {{"Origin", "https://evil.example"},
                  {"Content-Type", "application/x-www-form-urlencoded"}})
                .status,
            403);
  EXPECT_EQ(post(kPath, {{"do", "sign-in"}, {"csrf", "x"}}).status, 403);
  EXPECT_TRUE(desk_.errands.empty());
}

TEST_P(ProviderPagesTest, WhoBeganNothingHereFinishesNothing) {
  linked(enrolled("ada"), "grey-1");
  const std::size_t before = recorded_.size();
  EXPECT_EQ(get(kBack, "code=1&state=2").status, 403);
  EXPECT_EQ(desk_.finished, 0) << "nobody is asked";
  EXPECT_EQ(recorded_.size(), before);
  cookies_[kAway] = "planted";
  EXPECT_EQ(get(kBack, "code=1&state=2").status, 403);
  EXPECT_TRUE(shows("is not what this browser had asked for"));
  EXPECT_EQ(recorded_.size(), before + 1);
  EXPECT_FALSE(is_signed_in());
}

TEST_P(ProviderPagesTest, WhatABrowserCarriesIsTakenAwayWhateverComesOfIt) {
  linked(enrolled("ada"), "grey-1");
  get("/sign-in");
  post(kPath, {{"do", "sign-in"}});
  desk_.refusal = ProviderRefusal::kRefused;
  EXPECT_EQ(get(kBack, "error=access_denied").status, 403);
  EXPECT_TRUE(shows("did not let you in"));
  desk_.refusal.reset();
  EXPECT_EQ(get(kBack, "code=1").status, 403) << "once";
  EXPECT_FALSE(is_signed_in());
}

TEST_P(ProviderPagesTest, AProviderThatIsDownSaysSoAndTheOtherWaysAreThere) {
  const Thing ada = enrolled("ada");
  desk_.refusal = ProviderRefusal::kDown;
  get("/sign-in");
  EXPECT_EQ(post(kPath, {{"do", "sign-in"}}).status, 503);
  EXPECT_TRUE(shows("does not answer just now"));
  EXPECT_TRUE(shows("href=\"/st-mary/sign-in\""));
  desk_.refusal = ProviderRefusal::kWait;
  get("/sign-in");
  EXPECT_EQ(post(kPath, {{"do", "sign-in"}}).status, 429);
  sign_in("ada", kPassword);
  EXPECT_TRUE(is_signed_in());
}

TEST_P(ProviderPagesTest, OnlyOnesOwnTenantsProvidersAreThere) {
  get("/sign-in");
  EXPECT_EQ(post("/sign-in/with/other", {{"do", "sign-in"}}).status, 404);
  EXPECT_EQ(get("/sign-in/with/other/back", "code=1").status, 404);
  get("/sign-in");
  EXPECT_EQ(post(kBack, {{"do", "sign-in"}}).status, 404) << "the way back is no way there";
  EXPECT_EQ(get("/sign-in/with/").status, 404);
  EXPECT_EQ(get("/sign-in/with/hospital/back/x").status, 404);
}

TEST_P(ProviderPagesTest, ALevelThatIsNotEnoughIsAddedTo) {
  const Thing ada = enrolled("ada");
  linked(ada, "grey-1");
  required_ = AssuranceLevel::kAal2;
  get("/sign-in");
  EXPECT_EQ(there_and_back().status, 403) << "a password is no second proof by itself";
  EXPECT_FALSE(is_signed_in());
  desk_.level = AssuranceLevel::kNone;
  required_ = AssuranceLevel::kAal1;
  get("/sign-in");
  EXPECT_EQ(there_and_back().status, 403) << "it vouches for nothing";
}

TEST_P(ProviderPagesTest, TheApplicationsRequestIsGoneOnWith) {
  linked(enrolled("ada"), "grey-1");
  get("/sign-in", "request=r-1");
  post(kPath, {{"do", "sign-in"}, {"request", "r-1"}});
  EXPECT_EQ(desk_.errands.back().return_to, "r-1");
  EXPECT_EQ(get(kBack, "code=1&request=evil").location, "/st-mary/account")
      << "no application may ask, and what came in is not carried on";
}

TEST_P(ProviderPagesTest, SomebodyLinksTheirOwnAccountAndSignsInWithIt) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  get("/account/enrol");
  EXPECT_TRUE(shows("Link St. Mary"));
  const Page back = there_and_back("link");
  EXPECT_EQ(back.location, "/st-mary/account/enrol?linked=1");
  EXPECT_EQ(desk_.errands.back().purpose, ForeignPurpose::kLink);
  EXPECT_TRUE(desk_.errands.back().is_anew) << "not of whoever signed in there before";
  get("/account/enrol", "linked=1");
  EXPECT_TRUE(shows("Your account elsewhere was added."));
  get("/account");
  EXPECT_TRUE(shows("St. Mary &lt;b&gt;")) << last_html_;
  EXPECT_EQ(linked_accounts(ada), 1U);
  cookies_.clear();
  get("/sign-in");
  there_and_back();
  EXPECT_TRUE(is_signed_in());
}

TEST_P(ProviderPagesTest, AnAccountThatWasUnlinkedSignsInNobody) {
  const Thing ada = enrolled("ada");
  linked(ada, "grey-1");
  sign_in("ada", kPassword);
  const auto all = accounts_->list(kTenant, ada.id).value();
  const auto account =
      std::ranges::find(all, authn::AuthenticatorKind::kLinkedAccount, &authn::Authenticator::kind);
  get("/account");
  EXPECT_EQ(post("/account/authenticator", {{"id", account->id}, {"do", "revoke"}}).status, 200);
  cookies_.clear();
  get("/sign-in");
  EXPECT_EQ(there_and_back().status, 403);
  EXPECT_FALSE(is_signed_in());
}

TEST_P(ProviderPagesTest, LinkingNeedsAFreshProof) {
  const Thing ada = enrolled("ada");
  get("/sign-in");
  EXPECT_EQ(post(kPath, {{"do", "link"}}).location, "/st-mary/account/enrol") << "nobody";
  sign_in("ada", kPassword);
  get("/account/enrol");
  post(kPath, {{"do", "link"}});
  now_ += kFreshMs + 1000;
  EXPECT_EQ(get(kBack, "code=1").status, 403) << "it has become old meanwhile";
  EXPECT_EQ(linked_accounts(ada), 0U);
  get("/account");
  EXPECT_EQ(post(kPath, {{"do", "link"}}).location, "/st-mary/sign-in?again=1");
}

TEST_P(ProviderPagesTest, LinkingIsBoundToTheSessionInWhichItBegan) {
  const Thing ada = enrolled("ada");
  const Thing ben = enrolled("ben");
  sign_in("ada", kPassword);
  get("/account/enrol");
  post(kPath, {{"do", "link"}});
  const std::string away = cookies_.at(kAway);
  cookies_.clear();
  sign_in("ben", kPassword);
  cookies_[kAway] = away;  // another's errand, in his browser
  EXPECT_EQ(get(kBack, "code=1").status, 403);
  EXPECT_EQ(linked_accounts(ada) + linked_accounts(ben), 0U);
}

TEST_P(ProviderPagesTest, AnErrandToSignInLinksNothing) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  get("/account");
  there_and_back("sign-in");
  EXPECT_EQ(linked_accounts(ada), 0U);
}

TEST_P(ProviderPagesTest, AnAccountIsOnePersons) {
  linked(enrolled("ada"), "grey-1");
  const Thing ben = enrolled("ben");
  sign_in("ben", kPassword);
  get("/account/enrol");
  EXPECT_EQ(there_and_back("link").status, 403);
  EXPECT_TRUE(shows("is linked already"));
  EXPECT_EQ(linked_accounts(ben), 0U);
}

TEST_P(ProviderPagesTest, WhereAdministratorsLinkPeopleDoNot) {
  const Thing ada = enrolled("ada");
  sign_in("ada", kPassword);
  get("/account/enrol");
  post(kPath, {{"do", "link"}});
  desk_.may_be_linked_by_people = false;
  EXPECT_EQ(get(kBack, "code=1").status, 403) << "it changed meanwhile";
  get("/account/enrol");
  EXPECT_FALSE(shows("Link St. Mary"));
  EXPECT_EQ(post(kPath, {{"do", "link"}}).status, 403);
  EXPECT_EQ(linked_accounts(ada), 0U);
}

TEST_P(ProviderPagesTest, WhoIsInvitedLinksTheirAccountAndNeedsNothingElse) {
  const Thing ada = person("ada");
  const auto invited =
      enrolments_->invite(mandate_, ada.id, authn::EnrolmentPurpose::kInvitation, now_ + 3'600'000);
  get("/account/enrol");
  post("/account/enrol", {{"token", std::string(invited->token.reveal())}});
  get("/account/enrol");
  EXPECT_EQ(there_and_back("link").location, "/st-mary/account/enrol?linked=1");
  get("/account/enrol");
  EXPECT_EQ(post("/account/enrol/finish", {}).status, 200);
  get("/sign-in");
  there_and_back();
  EXPECT_TRUE(is_signed_in());
}

TEST_P(ProviderPagesTest, WhoHasNothingElseProvesAnewThere) {
  const Thing ada = person("ada");
  linked(ada, "grey-1");
  get("/sign-in");
  there_and_back();
  now_ += kFreshMs + 1000;
  EXPECT_EQ(get("/account/password").location, "/st-mary/sign-in?again=1");
  EXPECT_EQ(get("/sign-in", "again=1").status, 200);
  EXPECT_TRUE(shows("Sign in there once more"));
  EXPECT_TRUE(shows("value=\"again\""));
  desk_.subject = "somebody-else";
  linked(person("ben"), "somebody-else");
  EXPECT_EQ(there_and_back("again").status, 403) << "as they, and nobody else";
  EXPECT_TRUE(desk_.errands.back().is_anew);
  EXPECT_TRUE(shows("is not linked with whoever is signed in here"));
  desk_.subject = "grey-1";
  get("/sign-in", "again=1");
  EXPECT_EQ(there_and_back("again").location, "/st-mary/account");
  EXPECT_EQ(get("/account/password").status, 200);
}

TEST_P(ProviderPagesTest, OneProofThereIsNoFreshSecondOne) {
  const Thing ada = enrolled("ada");
  linked(ada, "grey-1");
  const auto token = accounts_->add_hotp({.mandate = mandate_, .person = ada.id, .label = "token"},
                                         Secret(std::string("12345678901234567890")), {}, 0);
  ASSERT_TRUE(token) << token.error().message;
  desk_.level = AssuranceLevel::kAal2;
  get("/sign-in");
  there_and_back();
  EXPECT_EQ(get("/account/password").status, 200);
  now_ += kFreshMs + 1000;
  desk_.level = AssuranceLevel::kAal1;
  for (const char* what : {"again", "sign-in"}) {
    get("/sign-in", "again=1");
    there_and_back(what);
    EXPECT_EQ(get("/account/password").location, "/st-mary/sign-in?again=1") << what;
  }
  desk_.level = AssuranceLevel::kAal2;
  get("/sign-in", "again=1");
  there_and_back("again");
  EXPECT_EQ(get("/account/password").status, 200);
}

TEST_P(ProviderPagesTest, NobodySignsInThereWhoIsNotOnRecord) {
  const Thing ada = enrolled("ada");
  linked(ada, "grey-1");
  can_record_ = false;
  get("/sign-in");
  EXPECT_EQ(there_and_back().status, 503);
  EXPECT_TRUE(sessions_->of_person(kTenant, ada.id, now_).value().empty());
}

INSTANTIATE_TEST_SUITE_P(Each, ProviderPagesTest, testing::ValuesIn(tested_databases()), name_of);

}  // namespace
}  // namespace wardlock::account
