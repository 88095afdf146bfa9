#include "pap/drafts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "pap/policies_for_test.h"

namespace wardlock::pap {
namespace {

class DraftsTest : public PoliciesForTest {};
WARDLOCK_ON_EACH_DATABASE(DraftsTest);

TEST_P(DraftsTest, AreKeptWithTheirContentAndHistory) {
  const PolicyDraft draft = begin("one");
  EXPECT_EQ(draft.author, ann_.id);
  EXPECT_EQ(draft.state, DraftState::kOpen);
  EXPECT_EQ(draft.base, "");
  now_ += kHour;
  const PolicyDraft second =
      must(drafts_.write(by(bo_, "a word was missing"), draft.id, draft.edition, content("two")));
  EXPECT_EQ(second.edition, 2U);
  const DraftView view = must(drafts_.view("st-mary", draft.id));
  EXPECT_EQ(view.draft.content, content("two").name());
  EXPECT_EQ(view.draft.changed_ms, now_);
  EXPECT_EQ(view.writers.size(), 2U);
  ASSERT_EQ(view.steps.size(), 2U);
  EXPECT_EQ(view.steps[0].step, "begin");
  EXPECT_EQ(view.steps[0].content, content("one").name());
  EXPECT_EQ(view.steps[1].person, bo_.id);
  EXPECT_EQ(view.steps[1].reason, "a word was missing");
  EXPECT_EQ(must(drafts_.content("st-mary", content("one").name())).files(),
            content("one").files());
}

TEST_P(DraftsTest, AreOfATenant) {
  const PolicyDraft draft = begin();
  EXPECT_EQ(code_of(drafts_.view("st-john", draft.id)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(drafts_.content("st-john", draft.content)), ErrorCode::kNotFound);
  EXPECT_TRUE(must(drafts_.list({.tenant = "st-john", .environment = "production"})).empty());
  EXPECT_TRUE(must(drafts_.list({.tenant = "st-mary", .environment = "test"})).empty());
  directory::Mandate elsewhere = by(bo_);
  elsewhere.tenant = "st-john";
  EXPECT_EQ(code_of(drafts_.write(elsewhere, draft.id, 1, content("x"))),
            ErrorCode::kPermissionDenied);
}

TEST_P(DraftsTest, AreListedTheLatestFirst) {
  const PolicyDraft first = begin("one");
  now_ += 1;
  const PolicyDraft second = begin("two");
  const auto all = must(drafts_.list(place_));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, second.id);
  EXPECT_EQ(must(drafts_.list(place_, {}, 1)).size(), 1U);
  EXPECT_EQ(must(drafts_.list(place_, second.id)).front().id, first.id);
}

TEST_P(DraftsTest, AreWrittenByPeopleAtWork) {
  const Thing service =
      create(directory::Kind::kService,
             R"({"clientId": "ci", "displayName": "Builds", "purpose": "tests policies"})");
  EXPECT_EQ(code_of(drafts_.begin(by(service), "production", "A", content("x"))),
            ErrorCode::kPermissionDenied);
  set_state(cy_, "suspended");
  EXPECT_EQ(code_of(drafts_.begin(by(cy_), "production", "A", content("x"))),
            ErrorCode::kPermissionDenied);
  Thing nobody = ann_;
  nobody.id = "nobody";
  EXPECT_EQ(code_of(drafts_.begin(by(nobody), "production", "A", content("x"))),
            ErrorCode::kPermissionDenied);
}

TEST_P(DraftsTest, AreWrittenByServicesThatSomebodyAnswersForAndReviewedByPeople) {
  const Thing service =
      create(directory::Kind::kService,
             R"({"clientId": "ci", "displayName": "Builds", "purpose": "tests policies"})");
  const auto owned = registry_->write(mandate_, [&](directory::Edit& edit) -> Result<void> {
    TRY(edit.relate(
        {.relation = directory::Relation::kOwner, .subject = service.id, .object = ann_.id}));
    return {};
  });
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_EQ(code_of(drafts_.begin(by(service), "production", "Too early", content("x"))),
            ErrorCode::kPermissionDenied);
  set_state(service, "active");
  const PolicyDraft draft =
      must(drafts_.begin(by(service), "production", "From the pipeline", content("x")));
  pass(draft);
  const PolicyDraft shown = must(drafts_.submit(by(service), draft.id, draft.edition));
  EXPECT_EQ(code_of(sign(service, shown)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(drafts_.reject(by(service), shown.id, shown.edition)),
            ErrorCode::kPermissionDenied);
  must(sign(bo_, shown));
  EXPECT_EQ(code_of(activations_.activate(by(service), shown.id, {})),
            ErrorCode::kPermissionDenied);
  EXPECT_TRUE(activations_.activate(by(bo_), shown.id, {}));
  EXPECT_EQ(code_of(activations_.roll_back(by(service), "production", 1)),
            ErrorCode::kPermissionDenied);
}

TEST_P(DraftsTest, SayWhatTheyAreForAndWhy) {
  EXPECT_EQ(code_of(drafts_.begin(by(ann_, ""), "production", "A", content("x"))),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      code_of(drafts_.begin(by(ann_, std::string(5000, 'x')), "production", "A", content("x"))),
      ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(drafts_.begin(by(ann_), "production", "", content("x"))),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(drafts_.begin(by(ann_), "production", "two\nlines", content("x"))),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(drafts_.begin(by(ann_), "Production!", "A", content("x"))),
            ErrorCode::kInvalidArgument);
}

TEST_P(DraftsTest, OfAnotherEditionAreNotOverwritten) {
  const PolicyDraft draft = begin();
  must(drafts_.write(by(ann_), draft.id, 1, content("two")));
  EXPECT_EQ(code_of(drafts_.write(by(bo_), draft.id, 1, content("three"))), ErrorCode::kAborted);
  pass(must(drafts_.view("st-mary", draft.id)).draft);
  EXPECT_EQ(code_of(drafts_.submit(by(ann_), draft.id, 1)), ErrorCode::kAborted);
}

TEST_P(DraftsTest, AreReviewedWhenTheirChecksHavePassed) {
  const PolicyDraft draft = begin();
  const auto early = drafts_.submit(by(ann_), draft.id, draft.edition);
  EXPECT_EQ(code_of(early), ErrorCode::kFailedPrecondition);
  EXPECT_NE(early.error().message.find("tests (not run)"), std::string::npos)
      << early.error().message;
  pass(draft);
  must(keep(draft, {.name = "invariants", .outcome = CheckOutcome::kUndecided}));
  const auto undecided = drafts_.submit(by(ann_), draft.id, draft.edition);
  EXPECT_NE(undecided.error().message.find("invariants (undecided)"), std::string::npos);
  must(keep(draft, {.name = "invariants", .outcome = CheckOutcome::kPassed}));
  EXPECT_EQ(must(drafts_.submit(by(ann_), draft.id, draft.edition)).state, DraftState::kInReview);
}

TEST_P(DraftsTest, WhatChecksFoundIsOnRecord) {
  const PolicyDraft draft = begin();
  const auto told = [&](std::vector<DraftCheck> checks) {
    must(drafts_.keep_checks(by(ann_, "before the round"), draft, checks));
    return last_event();
  };
  const auto good = told({{.name = "validate", .outcome = CheckOutcome::kPassed},
                          {.name = "format",
                           .outcome = CheckOutcome::kFailed,
                           .report = R"({"summary":"one file"})"}});
  EXPECT_TRUE(good.contains(R"("action":"check_draft")")) << good;
  EXPECT_TRUE(good.contains(R"("outcome":"success")")) << "nobody needs the format: " << good;
  EXPECT_TRUE(good.contains(R"("notes":["validate passed","format failed: one file"])")) << good;
  EXPECT_TRUE(good.contains("before the round")) << good;
  const auto bad = told({{.name = "invariants", .outcome = CheckOutcome::kUndecided}});
  EXPECT_TRUE(bad.contains(R"("outcome":"failure")")) << bad;
  const DraftView view = must(drafts_.view("st-mary", draft.id));
  for (const DraftCheck& each : view.checks) EXPECT_EQ(each.is_required, each.name != "format");
}

TEST_P(DraftsTest, ChecksAreOfTheContentThatWasChecked) {
  const PolicyDraft draft = begin();
  pass(draft);
  const PolicyDraft second = must(drafts_.write(by(ann_), draft.id, 1, content("two")));
  EXPECT_EQ(code_of(keep(draft, {.name = "tests"})), ErrorCode::kAborted);
  EXPECT_EQ(code_of(drafts_.submit(by(ann_), draft.id, second.edition)),
            ErrorCode::kFailedPrecondition);
}

TEST_P(DraftsTest, AreSubmittedByWhoWroteThem) {
  const PolicyDraft draft = begin();
  pass(draft);
  EXPECT_EQ(code_of(drafts_.submit(by(bo_), draft.id, 1)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(drafts_.withdraw(by(bo_), draft.id, 1)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(must(drafts_.withdraw(by(ann_), draft.id, 1)).state, DraftState::kWithdrawn);
  EXPECT_EQ(code_of(drafts_.write(by(ann_), draft.id, 2, content("two"))),
            ErrorCode::kFailedPrecondition);
}

TEST_P(DraftsTest, AreRejectedByOthersWithAReason) {
  const PolicyDraft draft = submitted();
  EXPECT_EQ(code_of(drafts_.reject(by(ann_), draft.id, draft.edition)),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(drafts_.reject(by(bo_, ""), draft.id, draft.edition)),
            ErrorCode::kInvalidArgument);
  must(drafts_.reject(by(bo_, "children need more"), draft.id, draft.edition));
  EXPECT_EQ(code_of(sign(cy_, draft)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(must(drafts_.view("st-mary", draft.id)).steps.back().reason, "children need more");
  EXPECT_EQ(must(drafts_.write(by(ann_), draft.id, draft.edition + 1, content("more"))).state,
            DraftState::kOpen);
}

TEST_P(DraftsTest, AreSignedByOthersOnce) {
  const PolicyDraft draft = submitted();
  EXPECT_EQ(code_of(sign(ann_, draft)), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(must(sign(bo_, draft)).is_complete());
  EXPECT_EQ(code_of(sign(bo_, draft)), ErrorCode::kAlreadyExists);
  const auto signatures = must(drafts_.view("st-mary", draft.id)).signatures;
  ASSERT_EQ(signatures.size(), 1U);
  EXPECT_EQ(signatures[0].person, bo_.id);
  EXPECT_EQ(signatures[0].printed_name, "Dr. Bo Brown");
  EXPECT_EQ(signatures[0].signed_ms, now_);
  EXPECT_EQ(signatures[0].methods, (std::vector<std::string>{"pwd", "otp"}));
  EXPECT_EQ(signatures[0].content, draft.content);
}

/// Two approvers at once: neither's signature is lost. One of them twice at once: it counts once.
TEST_P(DraftsTest, AreSignedByTwoAtOnceAndByEachOnce) {
  needs_ = {{.meaning = "policy", .people = 2}};
  const PolicyDraft draft = submitted();
  std::atomic<int> signed_by_bo = 0;
  std::atomic<int> signed_by_cy = 0;
  {
    std::vector<std::jthread> hands;
    for (int i = 0; i < 4; ++i) {
      hands.emplace_back([&] { signed_by_bo += sign(bo_, draft) ? 1 : 0; });
      hands.emplace_back([&] { signed_by_cy += sign(cy_, draft) ? 1 : 0; });
    }
  }
  EXPECT_EQ(signed_by_bo, 1);
  EXPECT_EQ(signed_by_cy, 1);
  const DraftView view = must(drafts_.view("st-mary", draft.id));
  EXPECT_EQ(view.signatures.size(), 2U);
  EXPECT_TRUE(must(drafts_.standing(view)).is_complete());
}

TEST_P(DraftsTest, AreNotSignedWithASecondAccountOfTheirWriter) {
  const PolicyDraft draft = submitted();
  relate({.relation = directory::Relation::kAccountOf, .subject = bo_.id, .object = ann_.id});
  EXPECT_EQ(code_of(sign(bo_, draft)), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(must(sign(cy_, draft)).is_complete());
}

TEST_P(DraftsTest, AreSignedAsTheyWereSeen) {
  const PolicyDraft draft = submitted();
  Signature old = signature(draft);
  old.content = content("another").name();
  EXPECT_EQ(code_of(drafts_.sign(by(bo_), draft.id, old)), ErrorCode::kAborted);
  must(sign(bo_, draft));
  PolicyDraft second = must(drafts_.write(by(ann_), draft.id, draft.edition, content("second")));
  EXPECT_FALSE(must(drafts_.standing(must(drafts_.view("st-mary", draft.id)))).is_complete());
  EXPECT_EQ(code_of(sign(bo_, second)), ErrorCode::kFailedPrecondition) << "it is open again";
}

TEST_P(DraftsTest, AreSignedByWhoHasJustShownWhoTheyAre) {
  const PolicyDraft draft = submitted();
  Signature stale = signature(draft);
  stale.authenticated_ms = now_ - kHour;
  EXPECT_EQ(code_of(drafts_.sign(by(bo_), draft.id, stale)), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(must(drafts_.view("st-mary", draft.id)).signatures.empty());
}

TEST_P(DraftsTest, TellEachStep) {
  const PolicyDraft draft = submitted();
  const std::size_t before = events().size();
  must(sign(bo_, draft));
  const auto told = events();
  ASSERT_EQ(told.size(), before + 1);
  const std::string event = last_event();
  for (const std::string& word : {std::string("policy_change"), std::string("sign_policy"),
                                  draft.content, draft.id, std::string("production")}) {
    EXPECT_NE(event.find(word), std::string::npos) << word << " in " << event;
  }
}

}  // namespace
}  // namespace wardlock::pap
