#include "access/review/review_desk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "access/grant/glass_for_test.h"
#include "access/review/tables.h"
#include "authn/message/tables.h"

namespace wardlock::access {
namespace {

class ReviewDeskTest : public GlassForTest {
 protected:
  ReviewDeskTest() : GlassForTest({kGlassReviewTables, authn::kMessageTables}) {}

  Thing reviewer(const std::string& name) {
    const Thing who = person(name);
    relate(
        {.relation = directory::Relation::kRoleAssignment, .subject = who.id, .object = role_.id});
    return who;
  }
  void works_in(const Thing& who, const Thing& place) {
    relate({.relation = directory::Relation::kEmployment,
            .subject = who.id,
            .object = hospital_.id,
            .scope = place.id,
            .attributes = boost::json::object{{"employmentType", "employee"}}});
  }
  ReviewTending tend_reviews() {
    return must(reviews_.tend(own(), [] { return true; }));
  }
  /// A grant that is over, with its review.
  GlassGrant used(const Thing& by_whom) {
    const GlassGrant grant = open_glass(by_whom, lind_);
    must(desk_->end(by(by_whom), grant.id));
    tend_reviews();
    return grant;
  }
  GlassReview review_of(const GlassGrant& grant) {
    return must(reviews_.find(grant.tenant, grant.id));
  }
  authn::Signature signature() const {
    return {.person = {},
            .printed_name = {},
            .meaning = {},
            .content = {},
            .session = "s-9",
            .level = 2,
            .methods = {"otp", "pwd"},
            .authenticated_ms = now_ - 60'000};
  }
  Result<GlassReview> sign(const Thing& who, const GlassGrant& grant,
                           Finding finding = Finding::kAppropriate, std::string words = "") {
    return reviews_.sign(by(who), grant.id, {.finding = finding, .words = std::move(words)},
                         signature());
  }

  const Thing hospital_ = organisation("st-mary");
  const Thing emergency_ = ward("ED", hospital_);
  const Thing surgery_ = ward("SU", hospital_);
  const Thing role_ = [this] {
    write([](directory::Edit& edit) { return edit.enter_control_plane_roles(); });
    return must(registry_->list("st-mary", directory::Kind::kRole,
                                {.filter = {.parts = {directory::Condition{
                                                .path = "displayName",
                                                .comparison = directory::Comparison::kEqual,
                                                .operand = std::string("Wardlock::Reviewer")}}}}))
        .things.front();
  }();
  ReviewSurroundings review_surroundings_{.store = *store_, .directory = surroundings_};
  ReviewDesk reviews_{review_surroundings_};
};
WARDLOCK_ON_EACH_DATABASE(ReviewDeskTest);

TEST_P(ReviewDeskTest, EachGrantHasAReviewerFromAnotherUnit) {
  const Thing near = reviewer("near");
  const Thing far = reviewer("far");
  works_in(swift_, emergency_);
  works_in(near, emergency_);
  works_in(far, surgery_);
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(tend_reviews().drawn, 1U);
  EXPECT_EQ(tend_reviews().drawn, 0U);
  const GlassReview review = review_of(grant);
  EXPECT_EQ(review.reviewer, far.id);
  EXPECT_EQ(review.unit, emergency_.id);
  EXPECT_EQ(review.due_ms, grant.review_due_ms);
  EXPECT_TRUE(review.is_open());
  EXPECT_EQ(must(reviews_.waiting("st-mary", far.id, 10)).size(), 1U);
  EXPECT_TRUE(must(reviews_.waiting("st-mary", near.id, 10)).empty());
}

TEST_P(ReviewDeskTest, WhoeverIsDrawnIsToldAndRemindedOnce) {
  const authn::Messages messages(*store_, surroundings_, {.has_notices = true});
  review_surroundings_.messages = &messages;
  const auto told = [&] {
    std::vector<std::string> all;
    for (const authn::Message& each : must(messages.due(authn::MessageKind::kNotice, 10))) {
      all.push_back(std::string(to_string(each.about)) + " " + each.person + " " + each.details.of);
    }
    return all;
  };
  const GlassGrant unreviewed = used(swift_);
  EXPECT_TRUE(told().empty()) << "nobody could be drawn";
  const Thing ann = reviewer("ann");
  const GlassGrant grant = open_glass(swift_, patient("MR-201"));
  tend_reviews();
  tend_reviews();
  const std::string waits = "review_waits " + ann.id + " " + grant.id;
  EXPECT_EQ(told(), std::vector<std::string>{waits});
  now_ = std::max(grant.review_due_ms, unreviewed.review_due_ms) + 1;
  EXPECT_EQ(tend_reviews().late, 2U);
  tend_reviews();
  EXPECT_EQ(told(), std::vector<std::string>{"review_late " + ann.id + " " + grant.id})
      << "the first could not be delivered in two days";
}

TEST_P(ReviewDeskTest, IsSignedAndOnRecord) {
  const Thing ann = reviewer("ann");
  const GlassGrant grant = used(swift_);
  const GlassReview signed_one =
      must(sign(ann, grant, Finding::kMisuse, "a neighbour, and no emergency"));
  EXPECT_EQ(signed_one.signature.printed_name, "ann");
  EXPECT_EQ(signed_one.signature.meaning, "misuse");
  const GlassReview kept = review_of(grant);
  EXPECT_EQ(kept.finding, Finding::kMisuse);
  EXPECT_EQ(kept.words, "a neighbour, and no emergency");
  EXPECT_EQ(kept.signature.person, ann.id);
  EXPECT_EQ(kept.signature.signed_ms, now_);
  EXPECT_EQ(kept.signature.session, "s-9");
  EXPECT_EQ(kept.signature.methods, (std::vector<std::string>{"otp", "pwd"}));
  EXPECT_TRUE(kept.signature.content.starts_with("sha256:"));
  const std::string event = last_event();
  EXPECT_TRUE(event.contains(R"("kind":"review")")) << event;
  EXPECT_TRUE(event.contains(R"("outcome":"failure")")) << event;
  EXPECT_TRUE(event.contains(grant.id));
  EXPECT_TRUE(event.contains(swift_.id)) << "whose use it was";
  EXPECT_TRUE(must(reviews_.waiting("st-mary", {}, 10)).empty());
}

TEST_P(ReviewDeskTest, WhatIsSignedIsBoundToIt) {
  reviewer("ann");
  const Thing ann = must(registry_->find("st-mary", review_of(used(swift_)).reviewer));
  const GlassGrant one = used(swift_);
  const GlassGrant other = used(swift_);
  const std::string content = must(sign(ann, one)).signature.content;
  EXPECT_NE(must(sign(ann, other)).signature.content, content);
}

TEST_P(ReviewDeskTest, NobodyReviewsTheirOwn) {
  const Thing self = reviewer("self");
  const GlassGrant grant = used(self);
  EXPECT_EQ(review_of(grant).reviewer, "") << "there is nobody else";
  EXPECT_EQ(code_of(sign(self, grant)), ErrorCode::kPermissionDenied);
  const Thing second = reviewer("self-second");
  relate({.relation = directory::Relation::kAccountOf, .subject = second.id, .object = self.id});
  EXPECT_EQ(code_of(sign(second, grant)), ErrorCode::kPermissionDenied)
      << "under another account neither";
  now_ = grant.review_due_ms + 1;
  tend_reviews();
  EXPECT_EQ(code_of(sign(self, grant)), ErrorCode::kPermissionDenied) << "nor late";
  EXPECT_TRUE(must(reviews_.waiting("st-mary", self.id, 10)).empty());
}

TEST_P(ReviewDeskTest, WhoWasNotDrawnWaitsUntilItIsLate) {
  const Thing ann = reviewer("ann");
  const Thing bo = reviewer("bo");
  const GlassGrant grant = used(swift_);
  const Thing& other = review_of(grant).reviewer == ann.id ? bo : ann;
  EXPECT_EQ(code_of(sign(other, grant)), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(must(reviews_.waiting("st-mary", other.id, 10)).empty());
  EXPECT_EQ(tend_reviews().late, 0U);
  now_ = grant.review_due_ms;
  EXPECT_EQ(tend_reviews().late, 1U);
  EXPECT_TRUE(last_event().contains("review_late"));
  EXPECT_EQ(tend_reviews().late, 0U) << "once";
  EXPECT_EQ(must(reviews_.waiting("st-mary", other.id, 10)).size(), 1U);
  EXPECT_TRUE(sign(other, grant));
}

TEST_P(ReviewDeskTest, ASignatureTakesAFreshAndSureSignIn) {
  const Thing ann = reviewer("ann");
  const GlassGrant grant = used(swift_);
  const auto with = [&](auto change) {
    authn::Signature changed = signature();
    change(changed);
    return code_of(reviews_.sign(by(ann), grant.id, {}, changed));
  };
  EXPECT_EQ(with([](auto& s) { s.authenticated_ms -= 10 * 60'000; }), ErrorCode::kUnauthenticated);
  EXPECT_EQ(with([](auto& s) { s.level = 1; }), ErrorCode::kUnauthenticated);
  EXPECT_EQ(with([](auto& s) { s.session = ""; }), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(review_of(grant).is_open());
}

TEST_P(ReviewDeskTest, OneIsReviewedWhenItIsOverAndOnce) {
  const Thing ann = reviewer("ann");
  const GlassGrant grant = open_glass(swift_, lind_);
  EXPECT_EQ(code_of(reviews_.find("st-mary", grant.id)), ErrorCode::kNotFound) << "nobody drew yet";
  EXPECT_EQ(code_of(sign(ann, grant)), ErrorCode::kNotFound);
  tend_reviews();
  EXPECT_EQ(code_of(sign(ann, grant)), ErrorCode::kFailedPrecondition) << "it is still open";
  now_ = grant.expires_ms;
  EXPECT_EQ(code_of(sign(ann, grant, Finding::kMisuse)), ErrorCode::kInvalidArgument)
      << "without a word";
  EXPECT_TRUE(sign(ann, grant));
  EXPECT_EQ(code_of(sign(ann, grant, Finding::kMisuse, "second thoughts")),
            ErrorCode::kFailedPrecondition);
}

TEST_P(ReviewDeskTest, PeopleAtWorkReview) {
  const Thing ann = reviewer("ann");
  const GlassGrant grant = used(swift_);
  set_state(ann, "suspended");
  EXPECT_EQ(code_of(sign(ann, grant)), ErrorCode::kPermissionDenied);
  directory::Mandate elsewhere = by(ann);
  elsewhere.tenant = "st-john";
  EXPECT_EQ(code_of(reviews_.sign(elsewhere, grant.id, {}, signature())),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(reviews_.find("st-john", grant.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(must(reviews_.waiting("st-john", {}, 10)).empty());
}

TEST_P(ReviewDeskTest, StatisticsAreByUnitAndTellOfRings) {
  const Thing ann = reviewer("ann");
  const Thing bo = reviewer("bo");
  works_in(ann, emergency_);
  works_in(bo, surgery_);
  EXPECT_TRUE(sign(bo, used(ann)));
  EXPECT_TRUE(must(reviews_.statistics("st-mary", 0)).rings.empty());
  EXPECT_TRUE(sign(ann, used(bo), Finding::kFollowUp, "no words on why"));
  used(ann);
  const ReviewStatistics found = must(reviews_.statistics("st-mary", 0));
  ASSERT_EQ(found.rings.size(), 1U);
  EXPECT_EQ(found.rings.front().size(), 2U);
  std::set<std::string> lines;
  for (const ReviewCount& each : found.counts) {
    lines.insert((each.unit == emergency_.id ? "ED " : "SU ") + each.finding + " " +
                 std::to_string(each.count));
  }
  EXPECT_EQ(lines, (std::set<std::string>{"ED  1", "ED appropriate 1", "SU follow-up 1"}));
  EXPECT_TRUE(must(reviews_.statistics("st-john", 0)).counts.empty());
}

}  // namespace
}  // namespace wardlock::access
