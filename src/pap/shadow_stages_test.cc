#include "pap/shadow_stages.h"

#include <gtest/gtest.h>

#include "pap/policies_for_test.h"

namespace wardlock::pap {
namespace {

class ShadowStagesTest : public PoliciesForTest {
 protected:
  static ShadowCount count(std::uint64_t compared, std::uint64_t lost) {
    return {.compared = compared,
            .lost = lost,
            .kinds = {{.who = "Role::\"Nurse\"",
                       .action = "view",
                       .resource_type = "Ward",
                       .count = lost,
                       .decision_id = "an-id",
                       .policies = {"views"},
                       .cause = "no_permit"}}};
  }
  std::optional<ShadowStage> running() { return must(stages_.running(place_)); }

  const DifferenceLimit limit_{.count = 3, .permille = 10};
  ShadowStages stages_{surroundings_of_policies_};
};
WARDLOCK_ON_EACH_DATABASE(ShadowStagesTest);

TEST_P(ShadowStagesTest, TryADraftThatNobodyHasSigned) {
  const PolicyDraft draft = submitted();
  const ShadowStage begun = must(stages_.begin(by(bo_), draft.id, limit_));
  EXPECT_EQ(begun.number, 1U);
  EXPECT_EQ(begun.content, draft.content);
  EXPECT_EQ(running()->limit, limit_);
  EXPECT_NE(last_event().find("shadow_begin"), std::string::npos) << last_event();
  EXPECT_FALSE(must(activations_.in_force(place_))) << "it has no effect";
  EXPECT_FALSE(must(stages_.running({.tenant = "st-john", .environment = "production"})));
  EXPECT_FALSE(must(stages_.running({.tenant = "st-mary", .environment = "test"})));
}

TEST_P(ShadowStagesTest, TryNothingThatIsNotSound) {
  const PolicyDraft unchecked = begin();
  EXPECT_EQ(code_of(stages_.begin(by(bo_), unchecked.id, limit_)), ErrorCode::kFailedPrecondition);
  const PolicyDraft draft = submitted("two");
  EXPECT_EQ(code_of(stages_.begin(by(bo_), "none", limit_)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(stages_.begin(by(bo_), draft.id, {.permille = 1001})),
            ErrorCode::kInvalidArgument);
  directory::Mandate elsewhere = by(bo_);
  elsewhere.tenant = "st-john";
  EXPECT_FALSE(stages_.begin(elsewhere, draft.id, limit_)) << "a draft is its tenant's own";
  set_state(cy_, "suspended");
  EXPECT_EQ(code_of(stages_.begin(by(cy_), draft.id, limit_)), ErrorCode::kPermissionDenied);
  must(drafts_.withdraw(by(ann_), draft.id, draft.edition));
  EXPECT_EQ(code_of(stages_.begin(by(bo_), draft.id, limit_)), ErrorCode::kFailedPrecondition);
  EXPECT_FALSE(running());
}

TEST_P(ShadowStagesTest, TryNothingThatIsInForce) {
  const PolicyDraft draft = approved();
  must(activations_.activate(by(cy_), draft.id, {}));
  EXPECT_EQ(code_of(stages_.begin(by(bo_), draft.id, limit_)), ErrorCode::kFailedPrecondition);
}

TEST_P(ShadowStagesTest, AreStoppedByHand) {
  EXPECT_EQ(code_of(stages_.stop(by(bo_), "production", 1)), ErrorCode::kNotFound);
  must(stages_.begin(by(bo_), submitted().id, limit_));
  EXPECT_EQ(code_of(stages_.stop(by(bo_), "test", 1)), ErrorCode::kNotFound);
  set_state(cy_, "suspended");
  EXPECT_EQ(code_of(stages_.stop(by(cy_), "production", 1)), ErrorCode::kPermissionDenied);
  const ShadowStage stopped = must(stages_.stop(by(ann_), "production", 1));
  EXPECT_EQ(stopped.end, ShadowEnd::kStopped);
  EXPECT_EQ(stopped.ended_by, ann_.id);
  EXPECT_NE(last_event().find("shadow_stopped"), std::string::npos) << last_event();
  EXPECT_FALSE(running());
  EXPECT_EQ(code_of(stages_.stop(by(bo_), "production", 1)), ErrorCode::kFailedPrecondition);
}

TEST_P(ShadowStagesTest, EndWhereAnotherBegins) {
  must(stages_.begin(by(bo_), submitted("one").id, limit_));
  const ShadowStage second = must(stages_.begin(by(bo_), submitted("two").id, limit_));
  EXPECT_EQ(code_of(stages_.stop(by(bo_), "production", 1)), ErrorCode::kFailedPrecondition)
      << "who means the first does not stop the second";
  EXPECT_EQ(running()->number, second.number);
  const auto all = must(stages_.history(place_));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].end, ShadowEnd::kReplaced);
  EXPECT_EQ(must(stages_.history(place_, second.number)).size(), 1U);
}

TEST_P(ShadowStagesTest, StopByThemselvesWhereAllNodesTogetherAreBeyondTheLimit) {
  const ShadowStage stage = must(stages_.begin(by(bo_), submitted().id, limit_));
  EXPECT_TRUE(must(stages_.report(by(bo_), stage, "a", count(50, 2))));
  EXPECT_TRUE(must(stages_.report(by(bo_), stage, "a", count(100, 3)))) << "in place of the first";
  EXPECT_FALSE(must(stages_.report(by(bo_), stage, "b", count(10, 1))));
  EXPECT_FALSE(running());
  const ShadowView view = must(stages_.view(place_, stage.number));
  EXPECT_EQ(view.stage.end, ShadowEnd::kLimit);
  ASSERT_EQ(view.nodes.size(), 2U);
  EXPECT_EQ(view.total().compared, 110U);
  EXPECT_EQ(view.total().lost, 4U);
  ASSERT_EQ(view.total().kinds.size(), 1U);
  EXPECT_EQ(view.total().kinds.front(), count(0, 4).kinds.front());
  EXPECT_NE(last_event().find("shadow_limit"), std::string::npos) << last_event();
}

TEST_P(ShadowStagesTest, TakeWhatIsFoundAfterTheEnd) {
  const ShadowStage stage = must(stages_.begin(by(bo_), submitted().id, limit_));
  must(stages_.stop(by(bo_), "production", 1));
  EXPECT_FALSE(must(stages_.report(by(bo_), stage, "a", count(9, 9))));
  EXPECT_EQ(must(stages_.view(place_, stage.number)).stage.end, ShadowEnd::kStopped)
      << "it ends once";
  EXPECT_EQ(must(stages_.view(place_, stage.number)).total().lost, 9U);
  EXPECT_EQ(code_of(stages_.view(place_, 9)), ErrorCode::kNotFound);
}

TEST_P(ShadowStagesTest, EndWithTheirContentInForce) {
  const ShadowStage stage = must(stages_.begin(by(bo_), submitted().id, limit_));
  must(stages_.end_in_force(by(bo_), stage));
  EXPECT_EQ(must(stages_.view(place_, stage.number)).stage.end, ShadowEnd::kInForce);
  const auto events = last_event();
  must(stages_.end_in_force(by(bo_), stage));
  EXPECT_EQ(last_event(), events) << "said once";
}

}  // namespace
}  // namespace wardlock::pap
