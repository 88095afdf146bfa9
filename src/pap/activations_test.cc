#include "pap/activations.h"

#include <gtest/gtest.h>

#include <thread>

#include "pap/policies_for_test.h"

namespace wardlock::pap {
namespace {

class ActivationsTest : public PoliciesForTest {
 protected:
  static KnownInForce known(const Activation& activation) {
    return {.serial = activation.serial, .content = activation.content};
  }
  std::string in_force() {
    const auto found = must(activations_.in_force(place_));
    return found ? found->content : "";
  }
};
WARDLOCK_ON_EACH_DATABASE(ActivationsTest);

TEST_P(ActivationsTest, PutWhatIsApprovedInForce) {
  EXPECT_EQ(in_force(), "");
  const PolicyDraft draft = approved();
  const Activation made = must(activations_.activate(by(cy_), draft.id, {}));
  EXPECT_EQ(made.serial, 1U);
  EXPECT_EQ(made.cause, ActivationCause::kApproved);
  EXPECT_EQ(made.person, cy_.id);
  EXPECT_EQ(in_force(), draft.content);
  EXPECT_EQ(must(drafts_.view("st-mary", draft.id)).draft.state, DraftState::kActivated);
  EXPECT_EQ(code_of(activations_.activate(by(cy_), draft.id, {})), ErrorCode::kFailedPrecondition);
}

TEST_P(ActivationsTest, GiveABundleThatVerifies) {
  const Activation made = active("one");
  const std::string bytes = must(activations_.bundle(made));
  const bundle::Trust trust{.keys = {bundle::fixed_key('k').public_key()}};
  const bundle::Expected here{.now = std::chrono::sys_seconds(std::chrono::seconds(now_ / 1000)),
                              .tenant = "st-mary",
                              .environment = "production",
                              .serial_above = 0};
  const auto verified = bundle::verify_bundle(bytes, trust, here);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->content().name(), made.content);
  EXPECT_EQ(verified->statement().serial, 1U);
}

TEST_P(ActivationsTest, NeedEveryApproval) {
  needs_ = {{.meaning = "policy"}, {.meaning = "clinical_safety"}};
  const PolicyDraft draft = submitted();
  const auto none = activations_.activate(by(bo_), draft.id, {});
  EXPECT_EQ(code_of(none), ErrorCode::kFailedPrecondition);
  EXPECT_NE(none.error().message.find("policy, clinical_safety"), std::string::npos);
  must(sign(bo_, draft));
  EXPECT_EQ(code_of(activations_.activate(by(bo_), draft.id, {})), ErrorCode::kFailedPrecondition);
  must(sign(cy_, draft, "clinical_safety"));
  EXPECT_TRUE(activations_.activate(by(bo_), draft.id, {}));
}

TEST_P(ActivationsTest, NeedTheReview) {
  const PolicyDraft draft = begin();
  pass(draft);
  EXPECT_EQ(code_of(activations_.activate(by(bo_), draft.id, {})), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(
      code_of(activations_.activate(by(bo_), draft.id, {.cause = ActivationCause::kRollback})),
      ErrorCode::kInvalidArgument)
      << "a rollback is of what was in force";
  EXPECT_EQ(in_force(), "");
}

TEST_P(ActivationsTest, AreOfWhatWasComparedWithWhatIsInForce) {
  const PolicyDraft first = approved("one");
  const PolicyDraft second = approved("two");
  must(activations_.activate(by(bo_), first.id, {}));
  EXPECT_EQ(code_of(activations_.activate(by(bo_), second.id, {})), ErrorCode::kAborted)
      << "it would undo what nobody saw";
  const PolicyDraft again =
      must(drafts_.write(by(ann_), second.id, second.edition, content("two")));
  EXPECT_EQ(again.base, first.content);
  EXPECT_EQ(again.state, DraftState::kOpen);
}

TEST_P(ActivationsTest, InAnEmergencyAreApprovedAfterwards) {
  const PolicyDraft draft = begin();
  must(keep(draft, {.name = "validate", .outcome = CheckOutcome::kPassed}));
  const Activations::Wish emergency{.cause = ActivationCause::kEmergency};
  EXPECT_EQ(code_of(activations_.activate(by(ann_, ""), draft.id, emergency)),
            ErrorCode::kInvalidArgument);
  const Activation made =
      must(activations_.activate(by(ann_, "nobody gets at the reports"), draft.id, emergency));
  EXPECT_EQ(made.cause, ActivationCause::kEmergency);
  EXPECT_EQ(made.approve_by_ms, now_ + 24 * kHour);
  EXPECT_FALSE(must(activations_.is_overdue(made)));
  now_ += 25 * kHour;
  EXPECT_TRUE(must(activations_.is_overdue(made)));
  EXPECT_EQ(code_of(sign(ann_, draft)), ErrorCode::kPermissionDenied);
  must(sign(bo_, draft));
  EXPECT_FALSE(must(activations_.is_overdue(made)));
}

TEST_P(ActivationsTest, OfAnEmergencyComeBackOnlyOnceTheyAreApproved) {
  active("one");
  const PolicyDraft draft = begin("hurried");
  pass(draft);
  must(activations_.activate(by(ann_, "no reports"), draft.id,
                             {.cause = ActivationCause::kEmergency}));
  must(activations_.roll_back(by(ann_), "production", 1));
  EXPECT_EQ(code_of(activations_.roll_back(by(ann_), "production", 2)),
            ErrorCode::kFailedPrecondition);
  must(sign(bo_, draft));
  EXPECT_EQ(must(activations_.roll_back(by(ann_), "production", 2)).content, draft.content);
}

TEST_P(ActivationsTest, ThatAreOverdueAreToldOnce) {
  const PolicyDraft draft = begin();
  pass(draft);
  const Activation made = must(activations_.activate(by(ann_, "no reports"), draft.id,
                                                     {.cause = ActivationCause::kEmergency}));
  const directory::Mandate own{
      .tenant = "st-mary", .actor_type = "Wardlock", .actor_id = "wardlock", .reason = "late"};
  EXPECT_FALSE(must(activations_.note_overdue(own, made)));
  now_ += 25 * kHour;
  EXPECT_TRUE(must(activations_.note_overdue(own, made)));
  EXPECT_NE(last_event().find("approval_overdue"), std::string::npos);
  EXPECT_FALSE(must(activations_.note_overdue(own, made)));
  EXPECT_EQ(must(drafts_.view("st-mary", draft.id)).steps.back().step, "overdue");
}

TEST_P(ActivationsTest, InAnEmergencyMustStillBeUsable) {
  const PolicyDraft draft = begin();
  EXPECT_EQ(
      code_of(activations_.activate(by(ann_), draft.id, {.cause = ActivationCause::kEmergency})),
      ErrorCode::kFailedPrecondition);
  must(keep(draft, {.name = "validate", .outcome = CheckOutcome::kFailed}));
  EXPECT_EQ(
      code_of(activations_.activate(by(ann_), draft.id, {.cause = ActivationCause::kEmergency})),
      ErrorCode::kFailedPrecondition);
}

TEST_P(ActivationsTest, SingleHandedAreForWhoIsAlone) {
  const PolicyDraft draft = submitted();
  const Activations::Wish alone{.cause = ActivationCause::kSingleHanded};
  EXPECT_EQ(code_of(activations_.activate(by(ann_), draft.id, alone)),
            ErrorCode::kFailedPrecondition);
  is_alone_ = true;
  EXPECT_EQ(must(activations_.activate(by(ann_), draft.id, alone)).cause,
            ActivationCause::kSingleHanded);
}

TEST_P(ActivationsTest, BeginWhenTheirTimeHasCome) {
  const Activation first = active("one");
  const PolicyDraft draft = approved("two");
  const Activation later =
      must(activations_.activate(by(bo_), draft.id, {.starts_ms = now_ + kHour}));
  EXPECT_EQ(later.starts_ms, now_ + kHour);
  EXPECT_EQ(in_force(), first.content);
  now_ += kHour;
  EXPECT_EQ(in_force(), draft.content);
}

TEST_P(ActivationsTest, WhatWasSaidLaterCounts) {
  active("one");
  const PolicyDraft planned = approved("two");
  must(activations_.activate(by(bo_), planned.id, {.starts_ms = now_ + kHour}));
  const Activation urgent = active("three");
  now_ += 2 * kHour;
  EXPECT_EQ(in_force(), urgent.content) << "a plan from before does not undo it";
}

TEST_P(ActivationsTest, AreRolledBackInOneCall) {
  const Activation first = active("one");
  const Activation second = active("two");
  now_ += kHour;
  const Activation back =
      must(activations_.roll_back(by(cy_, "reports were lost"), "production", first.serial));
  EXPECT_EQ(back.serial, second.serial + 1);
  EXPECT_EQ(back.content, first.content);
  EXPECT_EQ(back.cause, ActivationCause::kRollback);
  EXPECT_EQ(in_force(), first.content);
  const std::string event = last_event();
  for (const std::string& word : {std::string("activate_rollback"), first.content, second.content,
                                  std::string("reports were lost")}) {
    EXPECT_NE(event.find(word), std::string::npos) << word << " in " << event;
  }
}

TEST_P(ActivationsTest, AreRolledBackToWhatWasInForce) {
  const Activation first = active("one");
  EXPECT_EQ(code_of(activations_.roll_back(by(cy_), "production", first.serial)),
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(activations_.roll_back(by(cy_), "production", 9)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(activations_.roll_back(by(cy_), "test", first.serial)), ErrorCode::kNotFound);
  const PolicyDraft draft = approved("two");
  const Activation planned =
      must(activations_.activate(by(bo_), draft.id, {.starts_ms = now_ + kHour}));
  EXPECT_EQ(code_of(activations_.roll_back(by(cy_), "production", planned.serial)),
            ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(activations_.roll_back(by(cy_), "production", first.serial))
      << "what is in force may stay, instead of what is planned";
  now_ += kHour;
  EXPECT_EQ(in_force(), first.content);
}

TEST_P(ActivationsTest, AreRenewed) {
  EXPECT_FALSE(must(activations_.renew(by(cy_), "production", {})));
  const Activation first = active("one");
  now_ += 300 * 24 * kHour;
  const auto renewed = must(activations_.renew(by(cy_), "production", known(first)));
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->serial, 2U);
  EXPECT_EQ(renewed->content, first.content);
  EXPECT_GT(renewed->expires_ms, first.expires_ms);
  const PolicyDraft draft = approved("two");
  must(activations_.activate(by(bo_), draft.id, {.starts_ms = now_ + kHour}));
  EXPECT_FALSE(must(activations_.renew(by(cy_), "production", known(*renewed))))
      << "it would undo the plan";
}

TEST_P(ActivationsTest, AreRenewedWhereTheyAreWhatTheAskerKnows) {
  const Activation first = active("one");
  const Activation second = active("two");
  EXPECT_FALSE(must(activations_.renew(by(cy_), "production", known(first))))
      << "it is in force no more";
  EXPECT_FALSE(must(activations_.renew(by(cy_), "production",
                                       {.serial = second.serial, .content = first.content})))
      << "somebody wrote another content into the row";
  EXPECT_EQ(must(activations_.history(place_)).size(), 2U);
}

TEST_P(ActivationsTest, BeginWithWhatTheServerWasSetUpWith) {
  EXPECT_EQ(code_of(activations_.begin(by(cy_), "Not A Name", content("one"))),
            ErrorCode::kInvalidArgument);
  const auto begun = must(activations_.begin(by(cy_), "production", content("one")));
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->serial, 1U);
  EXPECT_EQ(begun->cause, ActivationCause::kInitial);
  EXPECT_EQ(in_force(), content("one").name());
  EXPECT_NE(last_event().find("activate_initial"), std::string::npos) << last_event();
  EXPECT_FALSE(must(activations_.begin(by(cy_), "production", content("two"))))
      << "what was approved is not undone by another set-up";
  EXPECT_EQ(in_force(), content("one").name());
  EXPECT_TRUE(must(activations_.begin(by(cy_), "test", content("two"))))
      << "each place has its own";
}

TEST_P(ActivationsTest, GiveNoSerialThatANodeHasSeen) {
  const Activation first = active("one");
  std::uint64_t seen = 7;
  surroundings_of_policies_.highest_serial = [&](const PolicyPlace& place) {
    return place == place_ ? seen : 99;
  };
  const Activation second = active("two");
  EXPECT_EQ(second.serial, 8U) << "the database was put back from a backup";
  seen = 3;
  EXPECT_EQ(must(activations_.roll_back(by(cy_), "production", first.serial)).serial, 9U);
}

TEST_P(ActivationsTest, AreWaitedForWhereTheyCountAtOnce) {
  std::vector<std::uint64_t> awaited;
  surroundings_of_policies_.await_effect = [&](const Activation& each) {
    EXPECT_EQ(must(activations_.in_force(each.place))->serial, each.serial) << "it is committed";
    awaited.push_back(each.serial);
  };
  const Activation first = active("one");
  active("two");
  must(activations_.roll_back(by(cy_), "production", first.serial));
  const PolicyDraft draft = approved("three");
  must(activations_.activate(by(bo_), draft.id, {.starts_ms = now_ + kHour}));
  EXPECT_EQ(code_of(activations_.roll_back(by(cy_), "production", 99)), ErrorCode::kNotFound);
  EXPECT_EQ(awaited, (std::vector<std::uint64_t>{1, 2, 3})) << "a plan is waited for by nobody";
}

TEST_P(ActivationsTest, StayInForceWhereAClockIsSetBack) {
  active("one");
  const Activation second = active("two");
  now_ -= 48 * kHour;
  EXPECT_EQ(in_force(), second.content);
  const PolicyDraft draft = approved("three");
  const Activation third = must(activations_.activate(by(bo_), draft.id, {}));
  EXPECT_GE(third.made_ms, second.made_ms);
  EXPECT_EQ(in_force(), third.content);
}

TEST_P(ActivationsTest, OfTwoAtOnceOneIsRefused) {
  const PolicyDraft one = approved("one");
  const PolicyDraft two = approved("two");
  std::array<ErrorCode, 2> codes = {ErrorCode::kUnknown, ErrorCode::kUnknown};
  std::array<bool, 2> is_done = {};
  {
    std::jthread first([&] {
      const auto made = activations_.activate(by(bo_), one.id, {});
      is_done[0] = made.has_value();
      if (!made) codes[0] = made.error().code;
    });
    std::jthread second([&] {
      const auto made = activations_.activate(by(cy_), two.id, {});
      is_done[1] = made.has_value();
      if (!made) codes[1] = made.error().code;
    });
  }
  EXPECT_NE(is_done[0], is_done[1]);
  EXPECT_EQ(codes[is_done[0] ? 1 : 0], ErrorCode::kAborted);
  EXPECT_EQ(must(activations_.history(place_)).size(), 1U);
}

TEST_P(ActivationsTest, AreOfPeopleAtWork) {
  const PolicyDraft draft = approved();
  set_state(cy_, "suspended");
  EXPECT_EQ(code_of(activations_.activate(by(cy_), draft.id, {})), ErrorCode::kPermissionDenied);
  const Activation first = must(activations_.activate(by(bo_), draft.id, {}));
  EXPECT_EQ(code_of(activations_.roll_back(by(cy_), "production", first.serial)),
            ErrorCode::kPermissionDenied);
}

TEST_P(ActivationsTest, StayInTheHistory) {
  const Activation first = active("one");
  const Activation second = active("two");
  const auto all = must(activations_.history(place_));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].serial, second.serial);
  EXPECT_EQ(must(activations_.history(place_, second.serial)).front().content, first.content);
  EXPECT_TRUE(
      must(activations_.history({.tenant = "st-john", .environment = "production"})).empty());
}

TEST_P(ActivationsTest, WithoutASignatureNothingComesIntoForce) {
  const PolicyDraft draft = approved();
  surroundings_of_policies_.signer = [](const PolicyPlace&) -> Result<bundle::Signer> {
    return fail(ErrorCode::kUnavailable, "the token is not there");
  };
  EXPECT_EQ(code_of(activations_.activate(by(bo_), draft.id, {})), ErrorCode::kUnavailable);
  EXPECT_EQ(in_force(), "");
  EXPECT_EQ(must(drafts_.view("st-mary", draft.id)).draft.state, DraftState::kInReview);
}

}  // namespace
}  // namespace wardlock::pap
