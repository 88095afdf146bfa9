// Sessions that show more, are locked, and are unlocked.
#include <gtest/gtest.h>

#include "authn/session/sessions_for_test.h"

namespace wardlock::authn {
namespace {

class SessionLockingTest : public SessionsForTest {};
WARDLOCK_ON_EACH_DATABASE(SessionLockingTest);

TEST_P(SessionLockingTest, StepUp) {
  NewSession weak = wanted(grey_);
  weak.assurance = assurance_of({Proof::kPassword}, now_);
  weak.authenticators = {password_};
  const OpenedSession opened = open(weak);
  now_ += kMinute;
  const std::vector<std::string> shown = {code_};
  const auto raised = sessions_->step_up(opened.token.reveal(),
                                         assurance_of({Proof::kOneTimeCode}, now_), shown, now_);
  ASSERT_TRUE(raised) << raised.error().message;
  EXPECT_EQ(raised->session.id, opened.session.id);
  EXPECT_EQ(raised->session.assurance.level, AssuranceLevel::kAal2);
  EXPECT_EQ(raised->session.assurance.authenticated_ms, now_);
  EXPECT_EQ(raised->session.authenticators, (std::vector<std::string>{password_, code_}));
  EXPECT_EQ(raised->session.ends_ms, opened.session.ends_ms) << "it lasts no longer for that";
  EXPECT_NE(raised->token, opened.token);
  EXPECT_EQ(sessions_->find(raised->token.reveal(), now_)->assurance.level, AssuranceLevel::kAal2);
  const auto sure = sessions_->step_up(
      raised->token.reveal(), assurance_of({Proof::kVerifiedHardwareKey}, now_), shown, now_);
  ASSERT_TRUE(sure);
  EXPECT_EQ(sure->session.idle_until_ms, now_ + 15 * kMinute) << "the third level's limits";
  EXPECT_EQ(sessions_->find_id(kTenant, sure->session.id, now_)->idle_until_ms,
            now_ + 15 * kMinute);
  now_ += kMinute;
  EXPECT_FALSE(sessions_->step_up(opened.token.reveal(), assurance_of({}, now_), {}, now_));
  EXPECT_FALSE(sessions_->step_up("wls_", assurance_of({}, now_), {}, now_));
}

TEST_P(SessionLockingTest, LockAtTheBedside) {
  const OpenedSession opened = open(grey_, "bedside");
  EXPECT_TRUE(sessions_->lock(opened.token.reveal(), now_));
  EXPECT_FALSE(is_open(opened.token));
  EXPECT_FALSE(sessions_->find_id(kTenant, opened.session.id, now_));
  EXPECT_TRUE(sessions_->take(opened.token.reveal(), now_)->session.is_locked);
  EXPECT_FALSE(sessions_->step_up(opened.token.reveal(), assurance_of({}, now_), {}, now_));
  now_ += kHour;
  EXPECT_TRUE(sessions_->take(opened.token.reveal(), now_)->session.is_locked);
  EXPECT_EQ(sessions_->find_locked(kTenant, grey_.id, "device:7", now_)->value().id,
            opened.session.id);
  const auto unlocked = sessions_->unlock(kTenant, grey_.id, "device:7", now_);
  ASSERT_TRUE(unlocked) << unlocked.error().message;
  EXPECT_EQ(unlocked->session.id, opened.session.id);
  EXPECT_EQ(unlocked->session.assurance.authenticated_ms, opened.session.started_ms);
  EXPECT_EQ(unlocked->session.assurance.methods,
            (std::vector<std::string>{"mfa", "otp", "pin", "pwd"}));
  EXPECT_TRUE(is_open(unlocked->token));
  EXPECT_FALSE(is_taken(opened.token)) << "who has the token from before has nothing";
  EXPECT_TRUE(is_open(unlocked->token));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:7", now_)) << "it is not locked";
}

TEST_P(SessionLockingTest, LockWhenTheyAreUnusedAtTheBedsideAlone) {
  const OpenedSession bedside = open(grey_, "bedside");
  NewSession elsewhere = wanted(grey_);
  elsewhere.workstation = "device:8";
  const OpenedSession office = open(elsewhere);
  EXPECT_EQ(sessions_->lock(office.token.reveal(), now_).error().code,
            ErrorCode::kFailedPrecondition);
  now_ += kHour;
  ASSERT_TRUE(sessions_->tidy(now_));
  EXPECT_FALSE(is_open(bedside.token));
  EXPECT_TRUE(has_ended(office, "idle"));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:8", now_));
  EXPECT_TRUE(sessions_->unlock(kTenant, grey_.id, "device:7", now_));
}

TEST_P(SessionLockingTest, AreUnlockedByTheirOwnerAtTheirWorkstationWithinTheShift) {
  settings_.unlock_within = std::chrono::hours(8);
  restart();
  const OpenedSession opened = open(grey_, "bedside");
  now_ += kHour;
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:8", now_));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "", now_));
  EXPECT_FALSE(sessions_->unlock(kTenant, person("green").id, "device:7", now_));
  EXPECT_FALSE(sessions_->unlock("st-john", grey_.id, "device:7", now_));
  EXPECT_FALSE(sessions_->find_locked(kTenant, grey_.id, "", now_)->has_value());
  now_ += 7 * kHour;
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:7", now_)) << "the shift is over";
  EXPECT_FALSE(is_taken(opened.token));
}

TEST_P(SessionLockingTest, ThatAreUnlockedAreNoLongerOfTheThirdLevel) {
  NewSession sure = wanted(grey_, "bedside");
  sure.assurance = assurance_of({Proof::kSmartcard}, now_);
  open(sure);
  now_ += kHour;
  EXPECT_EQ(sessions_->unlock(kTenant, grey_.id, "device:7", now_)->session.assurance.level,
            AssuranceLevel::kAal2);
}

TEST_P(SessionLockingTest, EndWhereBadgeOrPinAreWrongTooOften) {
  const OpenedSession opened = open(grey_, "bedside");
  EXPECT_FALSE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_))
      << "nothing is locked";
  EXPECT_TRUE(is_open(opened.token));
  ASSERT_TRUE(sessions_->lock(opened.token.reveal(), now_));
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_)) << i;
  }
  EXPECT_FALSE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_));
  EXPECT_FALSE(sessions_->unlock(kTenant, grey_.id, "device:7", now_));
  EXPECT_TRUE(has_ended(opened, "unlock_tries"));
}

TEST_P(SessionLockingTest, TriesToUnlockCountAnewAfterARightOne) {
  const OpenedSession opened = open(grey_, "bedside");
  now_ += kHour;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(*sessions_->note_failed_unlock(kTenant, grey_.id, "device:7", now_));
    }
    ASSERT_TRUE(sessions_->unlock(kTenant, grey_.id, "device:7", now_));
    now_ += kHour;
  }
  EXPECT_TRUE(ended_.empty());
}

}  // namespace
}  // namespace wardlock::authn
