#include "api/admin/policies.h"

#include <gtest/gtest.h>

#include "api/admin/policies_for_test.h"
#include "bundle/verify.h"

namespace wardlock::admin {
namespace {

class PoliciesTest : public PoliciesOverHttp {};
WARDLOCK_ON_EACH_DATABASE(PoliciesTest);

TEST_P(PoliciesTest, ComeIntoForceByTwoPeople) {
  EXPECT_EQ(get("policies").at("items.0.environment"), "production");
  EXPECT_EQ(in_force(), "");
  const std::string id = submitted();
  const Answer signature = sign(bo_, id);
  EXPECT_EQ(signature.at("approved"), "true");
  as(ann_);
  const Answer made = post(path(id, "activate"), R"({"reason":"the ward waits for it"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.at("serial"), "1");
  EXPECT_EQ(made.at("cause"), "approved");
  EXPECT_EQ(made.at("reason"), "the ward waits for it");
  EXPECT_EQ(in_force(), get("policies/drafts/" + id).at("content"));
  EXPECT_EQ(get("policies").at("items.0.overdue"), "false");
}

TEST_P(PoliciesTest, AreRolledBackInOneCall) {
  activated("one");
  const std::string first = in_force();
  activated("two");
  EXPECT_NE(in_force(), first);
  as(cy_);
  const Answer back = post("policies/history/1/roll-back", R"({"reason":"nobody gets in"})");
  EXPECT_EQ(back.status, 201);
  EXPECT_EQ(back.at("serial"), "3");
  EXPECT_EQ(back.at("cause"), "rollback");
  EXPECT_EQ(in_force(), first);
  EXPECT_EQ(post("policies/history/3/roll-back", "{}").status, 409) << "it is in force";
  EXPECT_EQ(post("policies/history/9/roll-back", "{}").status, 404);
  EXPECT_EQ(post("policies/history/0/roll-back", "{}").status, 404);
  EXPECT_EQ(post("policies/history/x/roll-back", "{}").status, 404);
  EXPECT_EQ(post("policies/history/1/roll-back?dryRun=true", "{}").status, 400);
}

TEST_P(PoliciesTest, AreHeldForEver) {
  activated("one");
  activated("two");
  const Answer all = get("policies/history");
  ASSERT_EQ(all.count(), 2U);
  EXPECT_EQ(all.at("items.0.serial"), "2");
  const Answer page = get("policies/history?count=1");
  EXPECT_EQ(page.at("next"), "2");
  EXPECT_EQ(get("policies/history?count=1&before=2").at("items.0.serial"), "1");
  EXPECT_EQ(get("policies/history?count=0").status, 400);
  EXPECT_EQ(get("policies/history?before=x").status, 400);
}

TEST_P(PoliciesTest, AreGivenAsABundleThatVerifies) {
  activated("one");
  net::HttpRequest request{.method = "GET", .path = "/admin/v1/policies/history/1/bundle"};
  net::HttpResponse response;
  answer(request,
         {.registry = *registry_,
          .gate = gate_,
          .mandate = mandate_,
          .base_url = "https://host/st-mary",
          .now = now_,
          .policies = policies_},
         response);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/octet-stream");
  const auto verified =
      bundle::verify_bundle(response.body, {.keys = {bundle::fixed_key('k').public_key()}},
                            {.now = std::chrono::sys_seconds(std::chrono::seconds(now_ / 1000)),
                             .tenant = "st-mary",
                             .environment = "production"});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->content().name(), in_force());
  EXPECT_EQ(get("policies/history/2/bundle").status, 404);
}

TEST_P(PoliciesTest, ThatAreToComeShow) {
  activated("one");
  const std::string id = submitted("two");
  sign(bo_, id);
  const std::string before = in_force();
  const Answer made = post(path(id, "activate"), R"({"at":"2099-01-01T00:00:00Z"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(in_force(), before);
  EXPECT_EQ(get("policies").at("items.0.toCome.serial"), "2");
}

TEST_P(PoliciesTest, EachCallAsksTheGate) {
  activated("one");
  const std::string id = submitted("two");
  const auto refused = [&](std::string_view deed, std::string_view method,
                           const std::string& target, std::string_view body) {
    gate_.denies = {std::string(deed) + " production"};
    const Answer answer = ask(method, target, body);
    gate_.denies.clear();
    EXPECT_EQ(answer.status, 403) << target;
  };
  const std::string draft = "policies/drafts/" + id;
  for (const std::string& target :
       {std::string("policies"), std::string("policies/history"),
        std::string("policies/history/1/bundle"), std::string("policies/history/1/content"),
        std::string("policies/drafts"), draft, draft + "/content", draft + "/diff",
        draft + "/decisions", std::string("policies/shadows"), std::string("policies/shadows/1")}) {
    refused("readPolicies", "GET", target, "");
  }
  refused("draftPolicy", "POST", "policies/drafts", new_draft("three"));
  refused("draftPolicy", "PUT", draft + "/content", R"({"edition":2,"files":)" + files("x") + "}");
  refused("draftPolicy", "POST", draft + "/checks", "{}");
  refused("draftPolicy", "POST", draft + "/submit", R"({"edition":2})");
  refused("draftPolicy", "POST", draft + "/withdraw", R"({"edition":2})");
  refused("approvePolicy", "POST", draft + "/reject", R"({"edition":2,"reason":"no"})");
  refused("approvePolicy", "POST", draft + "/sign", R"({"meaning":"policy","content":"c"})");
  refused("activatePolicy", "POST", draft + "/activate", "{}");
  refused("activatePolicyInEmergency", "POST", draft + "/emergency", R"({"reason":"fire"})");
  refused("rollBackPolicy", "POST", "policies/history/1/roll-back", "{}");
  refused("shadowPolicy", "POST", draft + "/shadow", "{}");
  refused("shadowPolicy", "POST", "policies/shadows/1/stop", "{}");
  EXPECT_EQ(get(draft).at("edition"), "2") << "nothing was done";
}

TEST_P(PoliciesTest, ThatAreFilesAreNotChangedHere) {
  policies_ = nullptr;
  EXPECT_EQ(get("policies").status, 409);
  EXPECT_EQ(post("policies/drafts", new_draft("x")).status, 409);
  EXPECT_EQ(post("policies/history/1/roll-back", "{}").status, 409);
}

}  // namespace
}  // namespace wardlock::admin
