#include "api/admin/policy_drafts.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "api/admin/policies_for_test.h"

namespace wardlock::admin {
namespace {

class PolicyDraftsTest : public PoliciesOverHttp {};
WARDLOCK_ON_EACH_DATABASE(PolicyDraftsTest);

TEST_P(PolicyDraftsTest, AreReadWithAllThatIsKnown) {
  const std::string id = submitted();
  sign(bo_, id);
  const Answer draft = get("policies/drafts/" + id);
  EXPECT_EQ(draft.at("title"), "Doses at night");
  EXPECT_EQ(draft.at("author"), ann_.id);
  EXPECT_EQ(draft.at("state"), "in_review");
  EXPECT_EQ(draft.at("edition"), "2");
  EXPECT_EQ(draft.header("ETag"), "\"2\"");
  EXPECT_EQ(draft.count("checks"), 4U);
  EXPECT_EQ(draft.at("checks.2.name"), "tests");
  EXPECT_EQ(draft.at("checks.2.outcome"), "passed");
  EXPECT_EQ(draft.at("checks.2.required"), "true");
  EXPECT_EQ(draft.at("checks.0.name"), "format");
  EXPECT_EQ(draft.at("checks.0.required"), "false");
  EXPECT_EQ(draft.at("signatures.0.name"), "Dr. Bo Brown");
  EXPECT_EQ(draft.at("signatures.0.comment"), "read it");
  EXPECT_EQ(draft.at("signatures.0.level"), "2");
  EXPECT_EQ(draft.at("approvals.0.given.0"), bo_.id);
  EXPECT_EQ(draft.count("steps"), 2U);
  EXPECT_EQ(get(path(id, "content")).count("files"), 2U);
  EXPECT_EQ(get("policies/drafts").at("items.0.id"), id);
}

TEST_P(PolicyDraftsTest, OfAnotherEnvironmentAreNotThere) {
  const std::string id = begun();
  changes_.environment = "test";
  EXPECT_EQ(get("policies/drafts/" + id).status, 404);
  EXPECT_EQ(get("policies/drafts").count(), 0U);
  EXPECT_EQ(post(path(id, "checks"), "{}").status, 404);
  EXPECT_EQ(post(path(id, "emergency"), R"({"reason":"fire"})").status, 404);
  EXPECT_EQ(get("policies/drafts/none").status, 404);
}

TEST_P(PolicyDraftsTest, WhoseFilesAreMalformedAreRefused) {
  as(ann_);
  const std::string title = R"({"title":"A","reason":"r","files":)";
  EXPECT_EQ(post("policies/drafts", title + "[]}").status, 400);
  EXPECT_EQ(post("policies/drafts", title + "{}}").status, 400);
  EXPECT_EQ(post("policies/drafts", title + R"([{"name":"a.cedar"}]})").at("errors.0.pointer"),
            "#/files/0");
  EXPECT_EQ(post("policies/drafts", title + R"([{"name":"a.cedar","text":1}]})").status, 400);
  EXPECT_EQ(post("policies/drafts", title + R"([{"name":"../a.cedar","text":"x"}]})").status, 400);
  EXPECT_EQ(post("policies/drafts", title + R"([{"name":"a.cedar","text":"x","mode":7}]})").status,
            400);
  EXPECT_EQ(post("policies/drafts", title + files("x") + R"(,"state":"in_review"})").status, 400);
  EXPECT_EQ(post("policies/drafts", R"({"reason":"r","files":)" + files("x") + "}").status, 400);
  EXPECT_EQ(post("policies/drafts", R"({"title":"A","files":)" + files("x") + "}").status, 400)
      << "it says not why";
  EXPECT_EQ(post("policies/drafts", new_draft("x"), {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(post("policies/drafts?dryRun=true", new_draft("x")).status, 400);
  EXPECT_EQ(get("policies/drafts").count(), 0U);
}

TEST_P(PolicyDraftsTest, AreWrittenByWhoSawTheLastEdition) {
  const std::string id = begun();
  const auto write = [&](const char* edition, std::string_view word) {
    return ask("PUT", path(id, "content"),
               R"({"edition":)" + std::string(edition) + R"(,"files":)" + files(word) + "}");
  };
  EXPECT_EQ(write("0", "two").status, 400);
  EXPECT_EQ(write("\"1\"", "two").status, 400);
  EXPECT_EQ(write("1", "two").status, 200);
  EXPECT_EQ(write("1", "three").status, 409);
  EXPECT_EQ(get("policies/drafts/" + id).at("edition"), "2");
}

TEST_P(PolicyDraftsTest, WrittenAnewAreApprovedAnew) {
  const std::string id = submitted();
  EXPECT_EQ(sign(bo_, id).at("approved"), "true");
  as(ann_);
  EXPECT_EQ(
      ask("PUT", path(id, "content"), R"({"edition":2,"files":)" + files("other") + "}").status,
      200);
  EXPECT_EQ(get("policies/drafts/" + id).at("approved"), "false");
  EXPECT_EQ(post(path(id, "activate"), "{}").status, 409);
  EXPECT_EQ(in_force(), "");
}

TEST_P(PolicyDraftsTest, AreNotSubmittedUnchecked) {
  const std::string id = begun();
  const Answer unchecked = post(path(id, "submit"), R"({"edition":1})");
  EXPECT_EQ(unchecked.status, 409);
  EXPECT_NE(unchecked.at("detail").find("validate (not run)"), std::string::npos);
  EXPECT_EQ(post(path(id, "submit"), "{}").status, 400);
}

TEST_P(PolicyDraftsTest, ThatFailACheckStay) {
  as(ann_);
  const Answer begun = post("policies/drafts", R"({"title":"A","reason":"r","files":[
      {"name":"a.cedar","text":"permit (principal, action, resource) when { principal.colour };"},
      {"name":"a.cedarschema","text":"entity User; action view appliesTo { principal: User, resource: User };"}]})");
  ASSERT_EQ(begun.status, 201);
  const std::string id = begun.at("id");
  const Answer checked = post(path(id, "checks"), "{}");
  EXPECT_EQ(checked.at("checks.3.name"), "validate");
  EXPECT_EQ(checked.at("checks.3.outcome"), "failed");
  EXPECT_EQ(post(path(id, "submit"), R"({"edition":1})").status, 409);
  EXPECT_EQ(post(path(id, "emergency"), R"({"reason":"fire"})").status, 409)
      << "not even in an emergency";
}

TEST_P(PolicyDraftsTest, AreNotSignedByTheirAuthor) {
  const std::string id = submitted();
  EXPECT_EQ(sign(ann_, id).status, 403);
  as(ann_);
  EXPECT_EQ(post(path(id, "activate"), "{}").status, 409);
  EXPECT_EQ(post(path(id, "reject"), R"({"edition":2,"reason":"no"})").status, 403);
}

TEST_P(PolicyDraftsTest, AreSignedByWhoHasJustSignedIn) {
  const std::string id = submitted();
  as(bo_);
  const std::string body =
      R"({"meaning":"policy","content":")" + get("policies/drafts/" + id).at("content") + "\"}";
  sign_in_of_.at_ms = now_ - 6 * 60 * 1000;
  EXPECT_EQ(post(path(id, "sign"), body).status, 401);
  sign_in_of_.at_ms = now_ + 60'000;
  EXPECT_EQ(post(path(id, "sign"), body).status, 401) << "no clock is believed that far";
  sign_in_of_ = {.level = 1, .methods = {"pwd"}, .at_ms = now_, .session = "s"};
  EXPECT_EQ(post(path(id, "sign"), body).status, 401);
  sign_in_ = nullptr;
  EXPECT_EQ(post(path(id, "sign"), body).status, 401) << "a token is nobody's signature";
  as(bo_);
  EXPECT_EQ(post(path(id, "sign"), body).status, 200);
  EXPECT_EQ(post(path(id, "sign"), body).status, 409) << "twice";
}

TEST_P(PolicyDraftsTest, SignaturesSayWhatTheyMean) {
  const std::string id = submitted();
  as(bo_);
  const Answer unknown = post(path(id, "sign"), R"({"meaning":"clinical_savety","content":"c"})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.at("detail").find("clinical_safety"), std::string::npos);
  EXPECT_EQ(post(path(id, "sign"), R"({"content":"c"})").status, 400);
  EXPECT_EQ(post(path(id, "sign"), R"({"meaning":"policy"})").status, 400);
  EXPECT_EQ(post(path(id, "sign"), R"({"meaning":"policy","content":"sha256:00"})").status, 409)
      << "another content";
  EXPECT_EQ(sign(bo_, id, "privacy").at("approved"), "false") << "that one is not needed";
}

TEST_P(PolicyDraftsTest, AreRejectedWithAReason) {
  const std::string id = submitted();
  as(bo_);
  EXPECT_EQ(post(path(id, "reject"), R"({"edition":2})").status, 400);
  const Answer rejected = post(path(id, "reject"), R"({"edition":2,"reason":"too wide"})");
  EXPECT_EQ(rejected.at("state"), "rejected");
  EXPECT_EQ(get("policies/drafts/" + id).at("steps.2.reason"), "too wide");
  as(ann_);
  EXPECT_EQ(post(path(id, "withdraw"), R"({"edition":3})").at("state"), "withdrawn");
  EXPECT_EQ(post(path(id, "withdraw"), R"({"edition":4})").status, 409);
}

TEST_P(PolicyDraftsTest, InAnEmergencyComeIntoForceLoudly) {
  const std::string id = begun();
  post(path(id, "checks"), "{}");
  as(cy_);
  EXPECT_EQ(post(path(id, "emergency"), "{}").status, 400) << "what is the emergency?";
  const Answer made = post(path(id, "emergency"), R"({"reason":"no reports on ward 3"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.at("cause"), "emergency");
  EXPECT_NE(made.at("approveBy"), "");
  EXPECT_EQ(get("policies").at("items.0.overdue"), "false");
  now_ += std::int64_t{25} * 3600 * 1000;
  EXPECT_EQ(get("policies").at("items.0.overdue"), "true");
  EXPECT_EQ(sign(bo_, id).at("approved"), "true");
  EXPECT_EQ(get("policies").at("items.0.overdue"), "false");
}

TEST_P(PolicyDraftsTest, SingleHandedAreForWhoIsAlone) {
  const std::string id = submitted();
  EXPECT_EQ(post(path(id, "activate"), R"({"singleHanded":true})").status, 409);
  is_alone_ = true;
  EXPECT_EQ(post(path(id, "activate"), "{}").status, 409) << "that must be said";
  EXPECT_EQ(post(path(id, "activate"), R"({"singleHanded":true})").at("cause"), "single_handed");
}

TEST_P(PolicyDraftsTest, AreCheckedOneAtATime) {
  std::mutex long_work;
  changes_.long_work = &long_work;
  activated("one");
  const std::string id = begun("two");
  {
    const std::scoped_lock somebody_else(long_work);
    std::jthread([&] {
      EXPECT_EQ(post(path(id, "checks"), "{}").status, 503);
      EXPECT_EQ(get(path(id, "decisions?generated=true")).status, 503);
      EXPECT_EQ(get(path(id, "decisions")).status, 200) << "the tests are asked in no time";
    }).join();
  }
  EXPECT_EQ(post(path(id, "checks"), "{}").status, 200);
  EXPECT_EQ(get(path(id, "decisions?generated=true")).status, 200);
}

TEST_P(PolicyDraftsTest, AreComparedOverWhatWasRecordedWhereAnythingIs) {
  EXPECT_EQ(post(path(begun("one"), "comparisons"), "{}").status, 409) << "nothing was in force";
  activated("one");
  const std::string id = begun("two");
  const Answer none = post(path(id, "comparisons"), "{}");
  EXPECT_EQ(none.status, 409);
  EXPECT_TRUE(none.at("detail").contains("nothing is recorded here")) << none.at("detail");
  EXPECT_EQ(get("policies/comparisons/x").status, 409);
  EXPECT_EQ(post(path(id, "comparisons"), R"({"since":"2026-01-01T00:00:00Z"})").status, 400);
}

TEST_P(PolicyDraftsTest, AreComparedWithWhatIsInForce) {
  const std::string first = begun("one");
  const Answer new_one = get(path(first, "diff"));
  EXPECT_EQ(new_one.at("content_before"), "");
  EXPECT_EQ(new_one.at("policies.added"), "1");
  EXPECT_EQ(get(path(first, "decisions")).status, 409) << "there is nothing to compare it with";
  activated("one");
  as(ann_);
  const Answer begun = post("policies/drafts", R"({"title":"Nobody","reason":"r","files":[
      {"name":"ward.cedarschema","text":"entity User; entity Ward;\naction view appliesTo { principal: User, resource: Ward };\n"},
      {"name":"ward.cedar","text":"@id(\"all\")\nforbid (principal, action, resource);\n"}]})");
  ASSERT_EQ(begun.status, 201);
  const Answer diff = get(path(begun.at("id"), "diff"));
  EXPECT_EQ(diff.at("policies.changed"), "1");
  EXPECT_EQ(diff.at("policies.changes.0.id"), "all");
  const Answer decisions = get(path(begun.at("id"), "decisions?generated=true"));
  EXPECT_EQ(decisions.status, 200);
  EXPECT_NE(codec::to_json_text(decisions.body).find("loses"), std::string::npos);
  const Answer text = get(path(begun.at("id"), "decisions?generated=true&as=text"));
  EXPECT_EQ(text.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_TRUE(std::string_view(text.body.as_string()).contains("User loses view on Ward"))
      << text.body;
  post(path(begun.at("id"), "checks"), "{}");
  const Answer checked = get("policies/drafts/" + begun.at("id"));
  EXPECT_EQ(checked.at("checks.0.name"), "comparison");
  EXPECT_EQ(checked.at("checks.0.outcome"), "passed");
  EXPECT_EQ(get(path(begun.at("id"), "decisions?as=pdf")).status, 400);
  EXPECT_EQ(get(path(begun.at("id"), "decisions?generated=maybe")).status, 400);
}

}  // namespace
}  // namespace wardlock::admin
