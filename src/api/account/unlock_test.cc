#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "api/account/account_for_test.h"
#include "api/account/unlock_pages.h"

namespace wardlock::account {
namespace {

using directory::Thing;
using storage::name_of;
using storage::tested_databases;

constexpr std::string_view kPin = "482915";
constexpr std::string_view kBadge = "04A2249A2D5C80";
constexpr std::int64_t kUnused = std::int64_t{11} * 60 * 1000;
constexpr std::int64_t kShift = std::int64_t{13} * 3600 * 1000;

/// A workstation at the bedside, which several share.
class UnlockTest : public PagesForTest {
 protected:
  UnlockTest() { environment_ = "bedside"; }

  Thing enrolled(const std::string& name, std::string_view pin = kPin,
                 std::string_view badge = kBadge) {
    const Thing made = person(name);
    invite(made, kPassword);
    const authn::AccountChange change{.mandate = mandate_, .person = made.id};
    EXPECT_TRUE(accounts_->set_pin(change, Secret(pin)));
    EXPECT_TRUE(accounts_->add_badge(change, Secret(badge)));
    return made;
  }
  bool shows(std::string_view words) const { return last_html_.find(words) != std::string::npos; }
  bool is_signed_in() { return get("/account").status == 200; }
  void locked(std::string_view user) {
    sign_in(user, kPassword);
    ASSERT_TRUE(is_signed_in());
    ASSERT_EQ(post("/account/lock", {}).location, "/st-mary/unlock");
    ASSERT_EQ(get("/unlock").status, 200);
  }
};

TEST_P(UnlockTest, ALockedSessionIsNobodysUntilItsOwnersPinOpensIt) {
  const Thing ada = enrolled("ada");
  locked("ada");
  EXPECT_TRUE(shows("This session is locked"));
  EXPECT_FALSE(is_signed_in());
  EXPECT_EQ(get("/account").location, "/st-mary/sign-in");
  EXPECT_EQ(get("/sign-in").location, "/st-mary/unlock");
  EXPECT_EQ(get("/sign-in", "request=r-1").location, "/st-mary/unlock?request=r-1");
  get("/unlock");
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).location, "/st-mary/account");
  EXPECT_TRUE(is_signed_in());
  const auto sessions = sessions_->of_person(kTenant, ada.id, now_).value();
  ASSERT_EQ(sessions.size(), 1U) << "the same goes on";
  EXPECT_EQ(recorded_.back(), "login " + ada.id + " " + sessions.front().id);
}

TEST_P(UnlockTest, ABadgeOpensItToo) {
  enrolled("ada");
  locked("ada");
  EXPECT_EQ(post("/unlock", {{"badge", std::string(kBadge)}}).location, "/st-mary/account");
  EXPECT_TRUE(is_signed_in());
}

TEST_P(UnlockTest, ASessionThatIsUnusedLocksByItself) {
  enrolled("ada");
  sign_in("ada", kPassword);
  now_ += kUnused;
  EXPECT_EQ(get("/account").location, "/st-mary/sign-in");
  EXPECT_EQ(get("/sign-in").location, "/st-mary/unlock");
  get("/unlock");
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).status, 303);
  EXPECT_TRUE(is_signed_in());
}

TEST_P(UnlockTest, SomebodyElsesBadgeAndPinOpenNothing) {
  enrolled("ada");
  enrolled("ben", "739514", "04FFFFFFFFFF80");
  locked("ada");
  EXPECT_EQ(post("/unlock", {{"badge", "04FFFFFFFFFF80"}}).status, 403);
  EXPECT_TRUE(shows("The badge or PIN is not right."));
  EXPECT_EQ(post("/unlock", {{"pin", "739514"}}).status, 403);
  EXPECT_EQ(post("/unlock", {{"pin", ""}}).status, 403);
  EXPECT_FALSE(is_signed_in());
  EXPECT_TRUE(recorded_.back().starts_with("login_failed ")) << recorded_.back();
}

TEST_P(UnlockTest, TriesAreFewAndSlow) {
  const Thing ada = enrolled("ada");
  locked("ada");
  int status = 403;
  for (int i = 0; i < 3; ++i) status = post("/unlock", {{"pin", "111112"}}).status;
  EXPECT_EQ(status, 403);
  post("/unlock", {{"pin", "111112"}});
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).status, 429) << "held back, though right";
  EXPECT_TRUE(shows("Too many attempts from here."));
  EXPECT_FALSE(is_signed_in());
}

TEST_P(UnlockTest, AfterTooManyTheSessionIsOver) {
  const Thing ada = enrolled("ada");
  locked("ada");
  const std::string workstation =
      sessions_->of_person(kTenant, ada.id, now_).value().front().workstation;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(*sessions_->note_failed_unlock(kTenant, ada.id, workstation, now_));
  }
  EXPECT_EQ(post("/unlock", {{"pin", "111112"}}).status, 403);
  EXPECT_TRUE(shows("The session has ended."));
  EXPECT_EQ(get("/unlock").location, "/st-mary/sign-in");
  EXPECT_TRUE(sessions_->of_person(kTenant, ada.id, now_).value().empty());
}

TEST_P(UnlockTest, AfterTheShiftOneSignsInAnew) {
  enrolled("ada");
  locked("ada");
  now_ += kShift;
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).location, "/st-mary/sign-in");
  EXPECT_FALSE(is_signed_in());
}

TEST_P(UnlockTest, UnlockingIsNoFreshProofForChanges) {
  enrolled("ada");
  sign_in("ada", kPassword);
  now_ += kFreshMs + 1000;
  get("/unlock");
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).status, 303);
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(get("/account/password").location, "/st-mary/sign-in?again=1");
}

TEST_P(UnlockTest, AFormOfAnotherSiteOpensNothing) {
  enrolled("ada");
  locked("ada");
  const std::string body = urlencoded({{"csrf", hidden("csrf")}, {"pin", std::string(kPin)}});
  EXPECT_EQ(send("POST", "/unlock", {}, body,
                 {{"Origin", "https://evil.example"},
                  {"Content-Type", "application/x-www-form-urlencoded"}})
                .status,
            403);
  EXPECT_EQ(post("/unlock", {{"csrf", "x"}, {"pin", std::string(kPin)}}).status, 403);
  EXPECT_FALSE(is_signed_in());
}

TEST_P(UnlockTest, APinWithoutTheLockedSessionSignsNobodyIn) {
  enrolled("ada");
  locked("ada");
  cookies_.clear();
  get("/sign-in");
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).location, "/st-mary/sign-in");
  EXPECT_EQ(get("/unlock").location, "/st-mary/sign-in");
  EXPECT_FALSE(is_signed_in());
}

TEST_P(UnlockTest, SomebodyElseSignsInBesides) {
  const Thing ada = enrolled("ada");
  const Thing ben = enrolled("ben", "739514", "04FFFFFFFFFF80");
  locked("ada");
  EXPECT_EQ(get("/sign-in", "other=1").status, 200);
  post("/sign-in", {{"do", "begin"}, {"user", "ben"}});
  post("/sign-in", {{"do", "password"}, {"user", "ben"}, {"password", std::string(kPassword)}});
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(sessions_->of_person(kTenant, ben.id, now_).value().size(), 1U);
}

TEST_P(UnlockTest, WhoSignsInWhollyLeavesNoLockedSessionBehind) {
  const Thing ada = enrolled("ada");
  locked("ada");
  get("/sign-in", "other=1");
  post("/sign-in", {{"do", "begin"}, {"user", "ada"}});
  post("/sign-in", {{"do", "password"}, {"user", "ada"}, {"password", std::string(kPassword)}});
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(sessions_->of_person(kTenant, ada.id, now_).value().size(), 1U);
}

TEST_P(UnlockTest, NobodyGoesOnWhoIsNotOnRecord) {
  const Thing ada = enrolled("ada");
  locked("ada");
  can_record_ = false;
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).status, 503);
  EXPECT_FALSE(is_signed_in());
  EXPECT_TRUE(sessions_->of_person(kTenant, ada.id, now_).value().empty());
}

TEST_P(UnlockTest, InAnOfficeNothingLocks) {
  environment_ = "office";
  enrolled("ada");
  sign_in("ada", kPassword);
  get("/account");
  EXPECT_FALSE(shows("Lock this session"));
  EXPECT_EQ(post("/account/lock", {}).status, 403);
  EXPECT_TRUE(is_signed_in());
}

TEST_P(UnlockTest, PinAndBadgeAreAddedByTheirOwner) {
  const Thing ada = person("ada");
  invite(ada, kPassword);
  EXPECT_EQ(get("/account/pin").location, "/st-mary/account/enrol");
  sign_in("ada", kPassword);
  get("/account/enrol");
  EXPECT_TRUE(shows("/account/pin"));
  get("/account/pin");
  for (const char* easy : {"", "12345", "123456", "777777", "12a456"}) {
    EXPECT_EQ(post("/account/pin", {{"new", easy}}).status, 403) << easy;
    EXPECT_TRUE(shows("too short, or too easy")) << easy;
  }
  EXPECT_EQ(post("/account/pin", {{"new", std::string(kPin)}}).status, 200);
  EXPECT_TRUE(shows("PIN was added."));
  get("/account/badge");
  EXPECT_EQ(post("/account/badge", {{"badge", ""}}).status, 403);
  EXPECT_EQ(post("/account/badge", {{"badge", std::string(kBadge)}}).status, 200);
  now_ += kFreshMs + 1000;
  EXPECT_EQ(get("/unlock").status, 200);
  EXPECT_EQ(post("/unlock", {{"pin", std::string(kPin)}}).status, 303);
  EXPECT_EQ(get("/account/pin").location, "/st-mary/sign-in?again=1") << "it is no fresh proof";
}

TEST_P(UnlockTest, ABadgeIsOnePersons) {
  enrolled("ada");
  const Thing ben = person("ben");
  invite(ben, kPassword);
  sign_in("ben", kPassword);
  get("/account/badge");
  EXPECT_EQ(post("/account/badge", {{"badge", std::string(kBadge)}}).status, 403);
  EXPECT_TRUE(shows("somebody’s already"));
}

TEST_P(UnlockTest, ABadgeAndAPinAloneAreNoWayToSignIn) {
  const Thing ada = person("ada");
  const auto invited =
      enrolments_->invite(mandate_, ada.id, authn::EnrolmentPurpose::kInvitation, now_ + 3'600'000);
  get("/account/enrol");
  post("/account/enrol", {{"token", std::string(invited->token.reveal())}});
  get("/account/pin");
  EXPECT_EQ(post("/account/pin", {{"new", std::string(kPin)}}).status, 200);
  EXPECT_EQ(post("/account/enrol/finish", {}).status, 403) << "nothing lets them in";
}

INSTANTIATE_TEST_SUITE_P(Each, UnlockTest, testing::ValuesIn(tested_databases()), name_of);

}  // namespace
}  // namespace wardlock::account
