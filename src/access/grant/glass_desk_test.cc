#include "access/grant/glass_desk.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "access/grant/glass_for_test.h"
#include "access/grant/kept_open_grants.h"
#include "directory/registry/read_from.h"

namespace wardlock::access {
namespace {

using Words = std::vector<std::string>;

class GlassDeskTest : public GlassForTest {
 protected:
  /// What policies may see of a grant.
  std::optional<directory::OpenGrant> seen(const GlassGrant& grant) {
    return must(directory::read_from<std::optional<directory::OpenGrant>>(
        *store_,
        [&](storage::Work& work) { return KeptOpenGrants().read(work, grant.tenant, grant.id); }));
  }
};
WARDLOCK_ON_EACH_DATABASE(GlassDeskTest);

TEST_P(GlassDeskTest, AGrantIsForOnePersonOneTargetSomeActionsAndAWhile) {
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(grant.person, swift_.id);
  EXPECT_EQ(grant.target, lind_.id);
  EXPECT_EQ(grant.actions, Words({"view", "edit"}));
  EXPECT_TRUE(grant.waives.empty());
  EXPECT_EQ(grant.expires_ms, now_ + 4 * kGlassHour);
  EXPECT_EQ(grant.review_due_ms, now_ + 72 * kGlassHour);
  EXPECT_FALSE(grant.is_escalated);
  const GlassGrant again = kept(grant);
  EXPECT_EQ(again.words, "found unconscious");
  EXPECT_EQ(again.caller, "ward-app");
  EXPECT_EQ(again.proof.methods, Words({"otp", "pwd"}));
  EXPECT_EQ(steps(grant), Words({"open"}));
  const auto open = seen(grant);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->person, swift_.id);
  EXPECT_EQ(open->expires_ms, grant.expires_ms);
}

TEST_P(GlassDeskTest, OpeningIsOnRecordWithWordsAndSignIn) {
  const GlassGrant grant = open_glass(swift_, lind_);
  const std::string event = last_event();
  EXPECT_TRUE(event.contains(R"("kind":"override_start")"));
  EXPECT_TRUE(event.contains(grant.id));
  EXPECT_TRUE(event.contains("found unconscious"));
  EXPECT_TRUE(event.contains(lind_.id));
  EXPECT_TRUE(event.contains(R"("authentication_level":2)"));
  EXPECT_TRUE(event.contains(R"("purpose":"BTG")"));
  for (const std::string& clear : events()) {
    EXPECT_FALSE(clear.contains("unconscious")) << "sealed with the patient's key";
  }
  const auto entry = feed().back();
  EXPECT_EQ(entry.kind, directory::kOpenGrantEntry);
  EXPECT_EQ(entry.id, grant.id);
  EXPECT_FALSE(entry.document.contains("unconscious"));
}

TEST_P(GlassDeskTest, PeopleAtWorkAloneBreakIt) {
  const Thing service = create(directory::Kind::kService,
                               R"({"clientId":"ehr","displayName":"EHR","purpose":"care"})");
  EXPECT_EQ(code_of(try_open(service, lind_)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(try_open(lind_, lind_)), ErrorCode::kPermissionDenied);
  const Thing away = person("away");
  set_state(away, "suspended");
  EXPECT_EQ(code_of(try_open(away, lind_)), ErrorCode::kPermissionDenied);
  directory::Mandate elsewhere = by(swift_);
  elsewhere.tenant = "st-john";
  EXPECT_EQ(code_of(desk_->open(elsewhere, proof(), lind_.id, wish())),
            ErrorCode::kPermissionDenied);
}

TEST_P(GlassDeskTest, WhatIsNotThereIsNotOpened) {
  for (const std::string& id : {std::string("0190e8a0-0000-7000-8000-000000000000"), std::string(),
                                std::string("p-100"), swift_.id}) {
    EXPECT_EQ(code_of(desk_->open(by(swift_), proof(), id, wish())), ErrorCode::kNotFound) << id;
  }
  set_state(lind_, "archived");
  EXPECT_EQ(code_of(try_open(swift_, lind_)), ErrorCode::kFailedPrecondition);
}

TEST_P(GlassDeskTest, ASignInThatIsWeakOrOldIsNotEnough) {
  GlassProof weak = proof();
  weak.level = 1;
  EXPECT_EQ(code_of(desk_->open(by(swift_), weak, lind_.id, wish())), ErrorCode::kUnauthenticated);
  GlassProof old = proof();
  old.authenticated_ms = now_ - 13 * kGlassHour;
  EXPECT_EQ(code_of(desk_->open(by(swift_), old, lind_.id, wish())), ErrorCode::kUnauthenticated);
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(code_of(desk_->renew(by(swift_), weak, grant.id, wish())), ErrorCode::kUnauthenticated);
}

TEST_P(GlassDeskTest, AskedForAgainItIsRenewedWithTheNewReason) {
  const GlassGrant grant = open_glass(swift_, lind_);
  now_ += kGlassHour;
  const GlassGrant again =
      must(desk_->open(by(swift_), proof(), lind_.id, {.reason = "dose", .words = "hypotension"}))
          .grant;
  EXPECT_EQ(again.id, grant.id);
  EXPECT_EQ(again.expires_ms, now_ + 4 * kGlassHour);
  EXPECT_EQ(again.actions, Words({"changeDose"}));
  EXPECT_EQ(kept(grant).waives, Words({"confidential"}));
  EXPECT_EQ(steps(grant), Words({"open", "renew"}));
  EXPECT_TRUE(last_event().contains(R"("kind":"override_change")"));
  EXPECT_TRUE(last_event().contains("hypotension"));
  EXPECT_EQ(must(desk_->of_person("st-mary", swift_.id, {}, 10)).size(), 1U);
}

TEST_P(GlassDeskTest, ARenewalIsItsPersonsWhileItIsOpenAndForADayAtMost) {
  const Thing other = person("other");
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(code_of(desk_->renew(by(other), proof(), grant.id, wish())), ErrorCode::kNotFound);
  GlassWish wrong = wish("");
  EXPECT_EQ(code_of(desk_->renew(by(swift_), proof(), grant.id, wrong)),
            ErrorCode::kInvalidArgument);
  GlassWish day = wish();
  day.lasts_ms = 24 * kGlassHour;
  now_ += kGlassHour;
  EXPECT_EQ(must(desk_->renew(by(swift_), proof(), grant.id, day)).grant.expires_ms,
            grant.opened_ms + 24 * kGlassHour);
  EXPECT_EQ(code_of(desk_->renew(by(swift_), proof(), grant.id, day)),
            ErrorCode::kFailedPrecondition);
  now_ = grant.opened_ms + 24 * kGlassHour;
  EXPECT_EQ(code_of(desk_->renew(by(swift_), proof(), grant.id, wish())),
            ErrorCode::kFailedPrecondition)
      << "it is over, also before anybody has noticed";
  EXPECT_NE(open_glass(swift_, lind_).id, grant.id);
}

TEST_P(GlassDeskTest, WhatHasEndedStaysSo) {
  const Thing officer = person("officer");
  const GlassGrant ended = open_glass(swift_, lind_);
  EXPECT_EQ(code_of(desk_->end(by(officer), ended.id)), ErrorCode::kNotFound);
  EXPECT_EQ(must(desk_->end(by(swift_), ended.id)).grant.end, GlassEnd::kEnded);
  EXPECT_FALSE(seen(ended));
  EXPECT_TRUE(last_event().contains(R"("kind":"override_end")"));
  EXPECT_EQ(code_of(desk_->end(by(swift_), ended.id)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(desk_->renew(by(swift_), proof(), ended.id, wish())),
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(desk_->revoke(by(officer, "late"), ended.id)), ErrorCode::kFailedPrecondition);
  const GlassGrant revoked = open_glass(swift_, lind_);
  EXPECT_NE(revoked.id, ended.id);
  EXPECT_EQ(code_of(desk_->revoke(by(officer), revoked.id)), ErrorCode::kInvalidArgument)
      << "without a reason";
  EXPECT_EQ(must(desk_->revoke(by(officer, "not her patient"), revoked.id)).grant.end,
            GlassEnd::kRevoked);
  EXPECT_FALSE(seen(revoked));
  EXPECT_TRUE(last_event().contains(swift_.id)) << "whose it was is told";
  EXPECT_EQ(steps(revoked), Words({"open", "end"}));
}

TEST_P(GlassDeskTest, TooManyAreEscalatedAndNeverRefused) {
  std::vector<GlassGrant> grants;
  for (int i = 0; i < 5; ++i) {
    grants.push_back(open_glass(swift_, patient("MR-9" + std::to_string(i))));
    now_ += kGlassHour;
  }
  EXPECT_FALSE(grants[2].is_escalated);
  EXPECT_TRUE(grants[3].is_escalated);
  EXPECT_EQ(grants[3].in_shift, 4U);
  EXPECT_EQ(grants[3].review_due_ms, grants[3].opened_ms + 24 * kGlassHour);
  EXPECT_TRUE(last_event().contains("escalated"));
  EXPECT_FALSE(open_glass(person("other"), lind_).is_escalated) << "each person's are counted";
  now_ += 12 * kGlassHour;
  EXPECT_FALSE(open_glass(swift_, lind_).is_escalated) << "another shift";
}

TEST_P(GlassDeskTest, ExpiryIsWarnedOfAndThenTold) {
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(tend().warned, 0U);
  now_ = grant.expires_ms - 15 * kGlassMinute;
  EXPECT_EQ(tend().warned, 1U);
  EXPECT_TRUE(last_event().contains(R"("action":"warn")"));
  EXPECT_EQ(tend().warned, 0U) << "once";
  must(desk_->renew(by(swift_), proof(), grant.id, wish()));
  now_ = kept(grant).expires_ms - 1;
  EXPECT_EQ(tend().warned, 1U) << "of the new end anew";
  now_ += 1;
  EXPECT_EQ(tend().ended, 1U);
  EXPECT_EQ(kept(grant).end, GlassEnd::kExpired);
  EXPECT_EQ(steps(grant), Words({"open", "warn", "renew", "warn", "end"}));
  EXPECT_EQ(tend().ended, 0U);
}

TEST_P(GlassDeskTest, AnExpiredOneStaysSoWhateverTheClockSays) {
  const GlassGrant grant = open_glass(swift_, lind_);
  now_ = grant.expires_ms;
  tend();
  now_ = grant.opened_ms + 1;
  EXPECT_FALSE(seen(grant));
  EXPECT_EQ(code_of(desk_->renew(by(swift_), proof(), grant.id, wish())),
            ErrorCode::kFailedPrecondition);
  EXPECT_NE(open_glass(swift_, lind_).id, grant.id);
}

TEST_P(GlassDeskTest, OneThatBeginsTomorrowSinceTheClockWasSetBackIsVoid) {
  now_ += 24 * kGlassHour;
  const GlassGrant grant = open_glass(swift_, lind_);
  now_ -= 24 * kGlassHour;
  EXPECT_EQ(tend().ended, 1U);
  EXPECT_EQ(kept(grant).end, GlassEnd::kClock);
  const GlassGrant now = open_glass(swift_, lind_);
  now_ -= kGlassMinute;
  EXPECT_EQ(tend().ended, 0U) << "clocks of nodes differ";
  EXPECT_FALSE(kept(now).end);
}

TEST_P(GlassDeskTest, WhoLeavesHasNone) {
  const GlassGrant grant = open_glass(swift_, lind_);
  set_state(swift_, "left");
  EXPECT_EQ(code_of(desk_->renew(by(swift_), proof(), grant.id, wish())),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(tend().ended, 1U);
  EXPECT_EQ(kept(grant).end, GlassEnd::kLeft);
}

TEST_P(GlassDeskTest, OneForSomebodyWhoIsArchivedEnds) {
  const GlassGrant grant = open_glass(swift_, lind_);
  set_state(lind_, "archived");
  EXPECT_EQ(tend().ended, 1U);
  EXPECT_EQ(kept(grant).end, GlassEnd::kGone);
}

TEST_P(GlassDeskTest, PatientsWhoAreMergedTakeTheirGrantsAlong) {
  const Thing alma = patient("MR-100");
  const GlassGrant grant = open_glass(swift_, lind_);
  merge(lind_, alma);
  ASSERT_TRUE(seen(grant));
  EXPECT_EQ(seen(grant)->target, alma.id) << "at once, before anybody tends";
  EXPECT_EQ(tend().carried_over, 1U);
  EXPECT_EQ(kept(grant).target, alma.id);
  EXPECT_EQ(steps(grant), Words({"open", "carry_over"}));
  EXPECT_EQ(tend().carried_over, 0U);
  EXPECT_EQ(open_glass(swift_, lind_).id, grant.id) << "asked for by the old record";
}

TEST_P(GlassDeskTest, GrantsAreOfATenant) {
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(code_of(desk_->story("st-john", grant.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(must(desk_->of_person("st-john", swift_.id, {}, 10)).empty());
  EXPECT_TRUE(must(desk_->unended("st-john", {}, 10)).empty());
  directory::Mandate elsewhere = by(swift_, "why");
  elsewhere.tenant = "st-john";
  EXPECT_EQ(code_of(desk_->revoke(elsewhere, grant.id)), ErrorCode::kNotFound);
  now_ = grant.expires_ms;
  directory::Mandate other = own();
  other.tenant = "st-john";
  EXPECT_EQ(must(desk_->tend(other, [] { return true; })).ended, 0U);
}

TEST_P(GlassDeskTest, WhatPoliciesCannotUseIsWithdrawn) {
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(must(desk_->withdraw(own(), grant.id)).grant.end, GlassEnd::kUnseen);
  EXPECT_FALSE(seen(grant));
}

TEST_P(GlassDeskTest, OfManyAtOnceOneEnds) {
  const Thing officer = person("officer");
  const GlassGrant grant = open_glass(swift_, lind_);
  std::atomic<int> ended = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        if (desk_->revoke(by(officer, "race"), grant.id)) ++ended;
      });
      threads.emplace_back([&] {
        if (desk_->end(by(swift_), grant.id)) ++ended;
        [[maybe_unused]] const auto renewed = desk_->renew(by(swift_), proof(), grant.id, wish());
      });
    }
  }
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(steps(grant).back(), "end") << "nothing happens to it behind its end";
}

TEST_P(GlassDeskTest, TendingStopsWhereItIsTold) {
  const GlassGrant grant = open_glass(swift_, lind_);
  now_ = grant.expires_ms;
  EXPECT_EQ(code_of(desk_->tend(own(), [] { return false; })), ErrorCode::kCancelled);
  EXPECT_FALSE(kept(grant).end);
}

}  // namespace
}  // namespace wardlock::access
