#include "pap/canary_stages.h"

#include <gtest/gtest.h>

#include "bundle/verify.h"
#include "pap/policies_for_test.h"

namespace wardlock::pap {
namespace {

class CanaryStagesTest : public PoliciesForTest {
 protected:
  CanaryStagesTest() { active("first"); }

  /// Like `approved`, compared with what is in force.
  CanaryStages::Wish wish() const {
    return {.part = {.locations = {R"(Ward::"3")"}}, .ends_ms = now_ + kHour};
  }
  CanaryStage begun(std::string_view word = "new") {
    return must(stages_.begin(by(bo_), approved(word).id, wish()));
  }
  std::optional<CanaryStage> running() { return must(stages_.running(place_)); }
  CanaryEnd end_of(std::uint64_t number) { return must(stages_.view(place_, number)).stage.end; }
  bool is_on_record(std::string_view step) { return last_event().contains(step); }
  Result<bundle::VerifiedBundle> verified(const CanaryStage& stage, bundle::Expected expected) {
    expected.now = std::chrono::sys_seconds(std::chrono::seconds(now_ / 1000));
    return bundle::verify_bundle(must(stages_.bundle(stage)),
                                 {.keys = {bundle::fixed_key('k').public_key()}}, expected);
  }

  CanaryStages stages_{surroundings_of_policies_, drafts_};
};
WARDLOCK_ON_EACH_DATABASE(CanaryStagesTest);

TEST_P(CanaryStagesTest, SignForWhichPartTheyCount) {
  CanaryStages::Wish wide = wish();
  wide.part = {.actions = {"stop", "dose", "stop"},
               .beside = "sha256:of no account",
               .callers = {"gate"},
               .locations = {R"(Ward::"4")", R"(Ward::"3")"}};
  const std::string in_force = must(activations_.in_force(place_))->content;
  const CanaryStage stage = must(stages_.begin(by(bo_), approved().id, wide));
  EXPECT_EQ(stage.number, 1U);
  EXPECT_EQ(stage.serial, 2U);
  EXPECT_EQ(stage.part.beside, in_force);
  EXPECT_TRUE(is_on_record("canary_begin")) << last_event();
  const auto bundle = verified(stage, {.now = {}, .tenant = "st-mary", .is_canary = true});
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->statement().part, stage.part);
  EXPECT_EQ(bundle->statement().serial, 2U);
  EXPECT_EQ(bundle->content().name(), stage.content);
  EXPECT_EQ(running()->part.actions, (std::vector<std::string>{"dose", "stop"}));
  EXPECT_EQ(running()->part.locations, (std::vector<std::string>{R"(Ward::"3")", R"(Ward::"4")"}));
  EXPECT_EQ(running()->ends_ms, now_ + kHour);
  EXPECT_EQ(must(activations_.in_force(place_))->content, in_force);
  EXPECT_EQ(code_of(verified(stage, {.now = {}})), ErrorCode::kPermissionDenied) << "not for all";
}

TEST_P(CanaryStagesTest, AreOfTheirPlace) {
  begun();
  EXPECT_FALSE(must(stages_.running({.tenant = "st-john", .environment = "production"})));
  EXPECT_FALSE(must(stages_.running({.tenant = "st-mary", .environment = "test"})));
  directory::Mandate elsewhere = by(bo_);
  elsewhere.tenant = "st-john";
  EXPECT_FALSE(stages_.stop(elsewhere, "production", 1));
  EXPECT_EQ(code_of(stages_.stop(by(bo_), "test", 1)), ErrorCode::kNotFound);
  EXPECT_TRUE(running());
}

TEST_P(CanaryStagesTest, TakeWhatAnActivationTakes) {
  EXPECT_EQ(code_of(stages_.begin(by(bo_), "none", wish())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(stages_.begin(by(bo_), begin("open").id, wish())),
            ErrorCode::kFailedPrecondition);
  const PolicyDraft draft = submitted("unsigned");
  EXPECT_EQ(code_of(stages_.begin(by(bo_), draft.id, wish())), ErrorCode::kFailedPrecondition);
  CanaryStages::Wish alone = wish();
  alone.cause = ActivationCause::kSingleHanded;
  EXPECT_EQ(code_of(stages_.begin(by(ann_), draft.id, alone)), ErrorCode::kFailedPrecondition)
      << "somebody else could approve";
  for (const auto cause : {ActivationCause::kEmergency, ActivationCause::kRollback,
                           ActivationCause::kRenewal, ActivationCause::kInitial}) {
    CanaryStages::Wish other = wish();
    other.cause = cause;
    EXPECT_EQ(code_of(stages_.begin(by(bo_), draft.id, other)), ErrorCode::kInvalidArgument);
  }
  must(sign(bo_, draft));
  set_state(cy_, "suspended");
  EXPECT_EQ(code_of(stages_.begin(by(cy_), draft.id, wish())), ErrorCode::kPermissionDenied);
  directory::Mandate elsewhere = by(bo_);
  elsewhere.tenant = "st-john";
  EXPECT_FALSE(stages_.begin(elsewhere, draft.id, wish()));
  EXPECT_FALSE(running());
  must(stages_.begin(by(bo_), draft.id, wish()));
}

TEST_P(CanaryStagesTest, SayThatNobodyElseApproved) {
  is_alone_ = true;
  CanaryStages::Wish alone = wish();
  alone.cause = ActivationCause::kSingleHanded;
  must(stages_.begin(by(ann_), submitted().id, alone));
  EXPECT_EQ(running()->cause, ActivationCause::kSingleHanded);
  EXPECT_TRUE(is_on_record("canary_begin_single_handed")) << last_event();
}

TEST_P(CanaryStagesTest, RefusePartsAndTimesThatAreNone) {
  const PolicyDraft draft = approved();
  const auto refused = [&](void (*change)(CanaryStages::Wish&, std::int64_t)) {
    CanaryStages::Wish wrong = wish();
    change(wrong, now_);
    return code_of(stages_.begin(by(bo_), draft.id, wrong)) == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](auto& w, auto) { w.part.locations.clear(); })) << "no part at all";
  EXPECT_TRUE(refused([](auto& w, auto) { w.part.locations = {"ward 3"}; }));
  EXPECT_TRUE(refused([](auto& w, auto) { w.part.callers = {""}; }));
  EXPECT_TRUE(refused([](auto& w, auto) {
    w.part.callers.resize(33, "x");
    w.part.locations.clear();
    for (int i = 0; i < 33; ++i) w.part.callers[i] += std::string(i, 'x');
  }));
  EXPECT_TRUE(refused([](auto& w, auto) { w.limit.permille = 1001; }));
  EXPECT_TRUE(refused([](auto& w, auto now) { w.ends_ms = now; }));
  EXPECT_TRUE(refused([](auto& w, auto now) { w.ends_ms = now - kHour; }));
  EXPECT_TRUE(refused([](auto& w, auto now) { w.ends_ms = now + kLongestCanary + 1; }));
  EXPECT_FALSE(running());
}

TEST_P(CanaryStagesTest, EndOnce) {
  const CanaryStage stage = begun();
  const CanaryStage stopped = must(stages_.stop(by(cy_, "nurses complain"), "production", 1));
  EXPECT_EQ(stopped.end, CanaryEnd::kStopped);
  EXPECT_EQ(stopped.ended_by, cy_.id);
  EXPECT_TRUE(is_on_record("canary_stopped")) << last_event();
  EXPECT_FALSE(running());
  EXPECT_EQ(code_of(stages_.stop(by(cy_), "production", 1)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(stages_.stop(by(cy_), "production", 2)), ErrorCode::kNotFound);
  must(stages_.end(by(ann_), stage, CanaryEnd::kExpired));
  EXPECT_EQ(end_of(1), CanaryEnd::kStopped);
  EXPECT_FALSE(is_on_record("canary_expired")) << "it ended before";
  must(stages_.begin(by(bo_), stage.draft, wish()));
  EXPECT_EQ(running()->number, 2U);
  EXPECT_EQ(running()->serial, 3U) << "no serial is given twice";
  must(stages_.end(by(ann_), *running(), CanaryEnd::kExpired));
  EXPECT_TRUE(is_on_record("canary_expired")) << last_event();
}

TEST_P(CanaryStagesTest, GiveWayToAnother) {
  begun("one");
  begun("two");
  EXPECT_EQ(running()->number, 2U);
  EXPECT_EQ(end_of(1), CanaryEnd::kReplaced);
  const auto all = must(stages_.history(place_));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.front().number, 2U);
  EXPECT_EQ(must(stages_.history(place_, 2)).front().number, 1U);
}

TEST_P(CanaryStagesTest, EndWithTheirBase) {
  const CanaryStage first = begun("one");
  must(activations_.activate(by(bo_), first.draft, {}));
  EXPECT_EQ(end_of(1), CanaryEnd::kInForce);
  EXPECT_EQ(must(activations_.in_force(place_))->serial, 3U) << "above the canary's";
  begun("two");
  must(activations_.activate(by(bo_), approved("three").id, {}));
  EXPECT_EQ(end_of(2), CanaryEnd::kSuperseded);
  begun("four");
  must(activations_.roll_back(by(bo_), "production", 1));
  EXPECT_EQ(end_of(3), CanaryEnd::kSuperseded);
  begun("five");
  const Activation in_force = *must(activations_.in_force(place_));
  must(activations_.renew(by(ann_), "production",
                          {.serial = in_force.serial, .content = in_force.content}));
  EXPECT_EQ(end_of(4), CanaryEnd::kSuperseded);
}

TEST_P(CanaryStagesTest, EndByGoingBackToWhatIsInForce) {
  EXPECT_EQ(code_of(activations_.roll_back(by(bo_), "production", 1)),
            ErrorCode::kFailedPrecondition)
      << "it is in force";
  begun();
  must(activations_.roll_back(by(bo_), "production", 1));
  EXPECT_FALSE(running());
}

TEST_P(CanaryStagesTest, KeepNothingFromComingIntoForceWhereTheyCannotBeRead) {
  const auto damaged = [&](std::string_view word) {
    CanaryStage stage = begun(word);
    storage::write(*store_, "UPDATE policy_canary SET envelope = 'x'");
    return stage;
  };
  const CanaryStage first = damaged("one");
  EXPECT_EQ(must(stages_.due_end(*running())), CanaryEnd::kNot) << "that is for somebody to do";
  must(activations_.activate(by(bo_), first.draft, {}));
  EXPECT_EQ(end_of(1), CanaryEnd::kInForce);
  damaged("two");
  must(activations_.roll_back(by(bo_), "production", 1));
  EXPECT_EQ(end_of(2), CanaryEnd::kSuperseded);
  damaged("three");
  must(stages_.stop(by(cy_), "production", 3));
  EXPECT_EQ(end_of(3), CanaryEnd::kStopped);
  damaged("four");
  begun("five");
  EXPECT_EQ(end_of(4), CanaryEnd::kReplaced);
}

TEST_P(CanaryStagesTest, OutliveWhatIsPlanned) {
  const CanaryStage stage = begun("one");
  must(activations_.activate(by(bo_), approved("two").id, {.starts_ms = now_ + kHour / 2}));
  EXPECT_EQ(running()->number, stage.number);
  EXPECT_EQ(must(stages_.due_end(stage)), CanaryEnd::kNot);
  now_ += kHour / 2;
  EXPECT_EQ(must(stages_.due_end(stage)), CanaryEnd::kSuperseded);
  EXPECT_EQ(running()->number, stage.number) << "that is for the server to do";
}

TEST_P(CanaryStagesTest, EndWhenTheirOwnContentIsPlanned) {
  const CanaryStage stage = begun("one");
  must(activations_.activate(by(bo_), stage.draft, {.starts_ms = now_ + kHour / 2}));
  EXPECT_EQ(must(stages_.due_end(stage)), CanaryEnd::kNot);
  now_ += kHour / 2;
  EXPECT_EQ(must(stages_.due_end(stage)), CanaryEnd::kInForce);
}

TEST_P(CanaryStagesTest, EndWhenTheirDraftIsGivenUp) {
  const CanaryStage withdrawn = begun("one");
  const auto edition = [&](const CanaryStage& stage) {
    return must(drafts_.view("st-mary", stage.draft)).draft.edition;
  };
  must(drafts_.withdraw(by(ann_), withdrawn.draft, edition(withdrawn)));
  EXPECT_EQ(end_of(1), CanaryEnd::kStopped);
  const CanaryStage rejected = begun("two");
  must(drafts_.reject(by(cy_, "not like this"), rejected.draft, edition(rejected)));
  EXPECT_EQ(end_of(2), CanaryEnd::kStopped);
  begun("three");
  const PolicyDraft other = submitted("other");
  must(drafts_.withdraw(by(ann_), other.id, other.edition));
  EXPECT_TRUE(running()) << "that was another draft";
}

TEST_P(CanaryStagesTest, StopBeyondTheLimitOfAllNodes) {
  CanaryStages::Wish limited = wish();
  limited.limit = {.count = 3, .permille = 10};
  const CanaryStage stage = must(stages_.begin(by(bo_), approved().id, limited));
  EXPECT_TRUE(must(stages_.report(by(ann_), stage, "a", {.compared = 10, .lost = 2})));
  EXPECT_TRUE(must(stages_.report(by(ann_), stage, "b", {.compared = 10, .gained = 1})));
  EXPECT_TRUE(running());
  EXPECT_FALSE(must(stages_.report(by(ann_), stage, "b", {.compared = 11, .gained = 2})));
  EXPECT_FALSE(running());
  EXPECT_EQ(end_of(1), CanaryEnd::kLimit);
  EXPECT_TRUE(is_on_record("canary_limit")) << last_event();
  EXPECT_FALSE(must(stages_.report(by(ann_), stage, "a", {.compared = 12, .lost = 2})));
  const CanaryView view = must(stages_.view(place_, 1));
  EXPECT_EQ(view.total().compared, 23U);
  EXPECT_EQ(view.total().differing(), 4U);
  EXPECT_EQ(view.nodes.size(), 2U);
}

TEST_P(CanaryStagesTest, CountApartFromShadows) {
  ShadowStages shadows(surroundings_of_policies_);
  const CanaryStage canary = begun();
  const ShadowStage shadow = must(shadows.begin(by(bo_), canary.draft, {.permille = 1000}));
  must(stages_.report(by(ann_), canary, "a", {.compared = 5}));
  must(shadows.report(by(ann_), shadow, "a", {.compared = 7}));
  EXPECT_EQ(must(stages_.view(place_, 1)).total().compared, 5U);
  EXPECT_EQ(must(shadows.view(place_, 1)).total().compared, 7U);
}

TEST_P(CanaryStagesTest, AreWaitedFor) {
  int looks = 0;
  surroundings_of_policies_.await_look = [&](const PolicyPlace& place) {
    EXPECT_EQ(place, place_);
    ++looks;
  };
  begun();
  EXPECT_EQ(looks, 1);
  must(stages_.stop(by(bo_), "production", 1));
  EXPECT_EQ(looks, 2);
  EXPECT_FALSE(stages_.stop(by(bo_), "production", 1));
  EXPECT_EQ(looks, 2);
}

}  // namespace
}  // namespace wardlock::pap
