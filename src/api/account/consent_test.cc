#include <gtest/gtest.h>

#include <string>

#include "api/account/account_for_test.h"
#include "api/account/consent_pages.h"

namespace wardlock::account {
namespace {

using storage::name_of;
using storage::tested_databases;

/// One application that asks, and one device.
class OneRequest : public AuthorizationDesk {
 public:
  Result<AuthorizationQuestion> find(std::string_view, std::string_view handle,
                                     const std::optional<authn::Session>&) override {
    if (handle != "r-1") return fail(ErrorCode::kNotFound, "no such request");
    return question;
  }
  Result<Onward> approve(std::string_view, std::string_view, const authn::Session& who) override {
    done += "approved by " + who.person;
    return Onward{.url = url};
  }
  Result<Onward> deny(std::string_view, std::string_view, const authn::Session&) override {
    done += "denied";
    return Onward{.url = url};
  }
  Result<std::string> find_device(std::string_view, std::string_view code,
                                  std::string_view) override {
    if (is_tried_too_often) return fail(ErrorCode::kResourceExhausted, "wait");
    if (code != "BCDF-GHJK") return fail(ErrorCode::kNotFound, "no such code");
    return "r-1";
  }

  Result<std::vector<AllowedApplication>> allowed_by(std::string_view, std::string_view) override {
    return allowed;
  }
  Result<void> withdraw(std::string_view application, const authn::Session& who,
                        std::string_view) override {
    if (std::erase_if(allowed, [&](const auto& each) { return each.id == application; }) == 0) {
      return fail(ErrorCode::kNotFound, "no such application");
    }
    done += "withdrawn by " + who.person;
    return {};
  }

  std::vector<AllowedApplication> allowed = {{.id = "app-1",
                                              .name = "Ward <Tablet>",
                                              .scopes = {"openid", "patient/*.rs"},
                                              .since_ms = 1,
                                              .is_lasting = true}};
  bool is_tried_too_often = false;
  AuthorizationQuestion question = {
      .service = "Ward <Tablet>", .host = "tablet.example", .scopes = {"openid", "patient/*.rs"}};
  std::string url = "https://tablet.example/back?code=1&state=2";
  std::string done;
};

class ConsentTest : public PagesForTest {
 protected:
  ConsentTest() { authorizations_ = &desk_; }
  std::string signed_in() {
    const directory::Thing ada = person("ada");
    invite(ada, kPassword);
    sign_in("ada", kPassword);
    return ada.id;
  }
  bool shows(std::string_view words) const { return last_html_.find(words) != std::string::npos; }

  OneRequest desk_;
};

TEST_P(ConsentTest, AsksWhoIsSignedInAndLeadsBack) {
  const std::string ada = signed_in();
  EXPECT_EQ(get("/consent", "request=r-1").status, 200);
  EXPECT_TRUE(shows("Ward &lt;Tablet&gt;"));
  EXPECT_TRUE(shows("know that it is you"));
  EXPECT_TRUE(shows("patient/*.rs"));
  const Page page = post("/consent", {{"request", "r-1"}, {"do", "allow"}});
  EXPECT_EQ(desk_.done, "approved by " + ada);
  EXPECT_TRUE(shows("url=https://tablet.example/back?code=1&amp;state=2")) << page.html;
}

TEST_P(ConsentTest, SaysHowLongItGoesOn) {
  signed_in();
  get("/consent", "request=r-1");
  EXPECT_TRUE(shows("until you sign out"));
  desk_.question.lasts = std::chrono::hours(24 * 30);
  get("/consent", "request=r-1");
  EXPECT_TRUE(shows("for up to 30 days"));
  EXPECT_FALSE(shows("until you sign out"));
  desk_.question.lasts = std::chrono::minutes(90);
  get("/consent", "request=r-1");
  EXPECT_TRUE(shows("for up to 2 hours"));
}

TEST_P(ConsentTest, SaysWhereNobodyHasLookedAtTheApplication) {
  signed_in();
  get("/consent", "request=r-1");
  EXPECT_FALSE(shows("nobody of the house"));
  desk_.question.is_self_registered = true;
  get("/consent", "request=r-1");
  EXPECT_TRUE(shows("nobody of the house has looked at it"));
}

TEST_P(ConsentTest, AnythingButAllowIsDenied) {
  signed_in();
  get("/consent", "request=r-1");
  post("/consent", {{"request", "r-1"}, {"do", "deny"}});
  EXPECT_EQ(desk_.done, "denied");
}

TEST_P(ConsentTest, NothingIsAllowedByALink) {
  signed_in();
  get("/consent", "request=r-1&do=allow");
  EXPECT_EQ(desk_.done, "");
}

TEST_P(ConsentTest, AFormOfAnotherSiteAllowsNothing) {
  signed_in();
  get("/consent", "request=r-1");
  const std::string body =
      urlencoded({{"csrf", hidden("csrf")}, {"request", "r-1"}, {"do", "allow"}});
  EXPECT_EQ(send("POST", "/consent", {}, body,
                 {{"Origin", "https://evil.example"},
                  {"Content-Type", "application/x-www-form-urlencoded"}})
                .status,
            403);
  EXPECT_EQ(desk_.done, "");
}

TEST_P(ConsentTest, WhoIsNotSignedInSignsInFirst) {
  EXPECT_EQ(get("/consent", "request=r-1").location, "/st-mary/sign-in?request=r-1");
  EXPECT_EQ(desk_.done, "");
}

TEST_P(ConsentTest, AWeakerOrOlderSessionIsSteppedUpFirst) {
  signed_in();
  desk_.question.required = authn::AssuranceLevel::kAal2;
  EXPECT_EQ(get("/consent", "request=r-1").location, "/st-mary/sign-in?again=1&request=r-1");
  desk_.question.required = authn::AssuranceLevel::kAal1;
  desk_.question.not_before_ms = now_ + 1;
  get("/account");
  EXPECT_EQ(post("/consent", {{"request", "r-1"}, {"do", "allow"}}).location,
            "/st-mary/sign-in?again=1&request=r-1");
  EXPECT_EQ(desk_.done, "");
}

TEST_P(ConsentTest, WhatWasAllowedBeforeIsNotAskedAgain) {
  const std::string ada = signed_in();
  desk_.question.needs_consent = false;
  get("/consent", "request=r-1");
  EXPECT_EQ(desk_.done, "approved by " + ada);
}

TEST_P(ConsentTest, ARequestThatIsGoneIsToldSo) {
  signed_in();
  EXPECT_EQ(get("/consent", "request=r-2").status, 404);
}

TEST_P(ConsentTest, ADevicesCodeIsEnteredAndNeverSentByALink) {
  const std::string ada = signed_in();
  get("/device", "user_code=BCDF-GHJK");
  EXPECT_TRUE(shows("value=\"BCDF-GHJK\""));
  EXPECT_EQ(desk_.done, "");
  EXPECT_EQ(post("/device", {{"user_code", "BCDF-XXXX"}}).status, 403);
  EXPECT_EQ(post("/device", {{"user_code", "BCDF-GHJK"}}).location, "/st-mary/consent?request=r-1");
  desk_.url.clear();
  get("/consent", "request=r-1");
  post("/consent", {{"request", "r-1"}, {"do", "allow"}});
  EXPECT_TRUE(shows("The device is connected"));
}

TEST_P(ConsentTest, WhoTriesTooManyCodesIsToldToWait) {
  signed_in();
  desk_.is_tried_too_often = true;
  get("/device");
  EXPECT_EQ(post("/device", {{"user_code", "BCDF-GHJK"}}).status, 429);
  EXPECT_TRUE(shows("Too many codes were tried from here."));
}

TEST_P(ConsentTest, ADeviceIsAllowedByWhoHasItBeforeThem) {
  signed_in();
  desk_.question.host.clear();
  get("/consent", "request=r-1");
  EXPECT_TRUE(shows("Allow it only if the device is in front of you"));
  EXPECT_FALSE(shows("You come back to"));
}

TEST_P(ConsentTest, WhatApplicationsMayDoIsShownAndWithdrawn) {
  const std::string ada = signed_in();
  get("/account");
  EXPECT_TRUE(shows("Applications that act for me"));
  EXPECT_TRUE(shows("Ward &lt;Tablet&gt;"));
  EXPECT_TRUE(shows("use patient/*.rs"));
  EXPECT_TRUE(shows("also while I am away"));
  EXPECT_EQ(post("/account/application", {{"id", "app-2"}}).status, 404);
  get("/account");
  EXPECT_EQ(post("/account/application", {{"id", "app-1"}, {"csrf", "x"}}).status, 403);
  EXPECT_EQ(desk_.done, "");
  get("/account");
  EXPECT_EQ(post("/account/application", {{"id", "app-1"}}).status, 200);
  EXPECT_EQ(desk_.done, "withdrawn by " + ada);
  EXPECT_TRUE(shows("It can do nothing for you any more."));
  EXPECT_FALSE(shows("Ward &lt;Tablet&gt;"));
}

TEST_P(ConsentTest, NobodyWithdrawsWhoIsNotSignedIn) {
  get("/sign-in");
  EXPECT_EQ(post("/account/application", {{"id", "app-1"}}).location, "/st-mary/sign-in");
  authorizations_ = nullptr;
  signed_in();
  get("/account");
  EXPECT_FALSE(shows("Applications that act for me"));
  EXPECT_EQ(post("/account/application", {{"id", "app-1"}}).status, 404);
}

INSTANTIATE_TEST_SUITE_P(Each, ConsentTest, testing::ValuesIn(tested_databases()), name_of);

}  // namespace
}  // namespace wardlock::account
