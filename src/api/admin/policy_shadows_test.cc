#include "api/admin/policy_shadows.h"

#include <gtest/gtest.h>

#include "api/admin/policies_for_test.h"

namespace wardlock::admin {
namespace {

class PolicyShadowsTest : public PoliciesOverHttp {
 protected:
  Answer begin(const std::string& id, std::string_view body = "{}") {
    return post(path(id, "shadow"), body);
  }
  /// What a node would tell.
  void found(std::uint64_t number, std::string_view node, std::uint64_t lost) {
    const pap::PolicyPlace place{.tenant = "st-mary", .environment = "production"};
    const auto view = shadows_.view(place, number);
    ASSERT_TRUE(view);
    const pap::ShadowCount count{.compared = 10,
                                 .lost = lost,
                                 .kinds = {{.who = "Role::\"Nurse\"",
                                            .action = "view",
                                            .resource_type = "LabReport",
                                            .count = lost,
                                            .decision_id = "decision-1",
                                            .policies = {"nurses-view"},
                                            .cause = "no_permit"}}};
    EXPECT_TRUE(shadows_.report(mandate_, view->stage, node, count));
  }
};
WARDLOCK_ON_EACH_DATABASE(PolicyShadowsTest);

TEST_P(PolicyShadowsTest, SayWhoLosesWhatOnAllNodes) {
  const std::string id = submitted();
  const Answer begun = begin(id, R"({"mostDifferences":100,"mostPermille":5,"reason":"to see"})");
  EXPECT_EQ(begun.status, 201);
  EXPECT_EQ(begun.at("number"), "1");
  EXPECT_EQ(begun.at("draft"), id);
  EXPECT_EQ(begun.at("end"), "running");
  EXPECT_EQ(begun.at("mostDifferences"), "100");
  EXPECT_EQ(begun.at("mostPermille"), "5");
  EXPECT_EQ(begun.at("reason"), "to see");
  EXPECT_EQ(get("policies").at("items.0.shadow.number"), "1");
  found(1, "a", 2);
  found(1, "b", 1);
  const Answer seen = get("policies/shadows/1");
  EXPECT_EQ(seen.at("total.compared"), "20");
  EXPECT_EQ(seen.at("total.lost"), "3");
  EXPECT_EQ(seen.at("total.differences.0.who"), "Role::\"Nurse\"");
  EXPECT_EQ(seen.at("total.differences.0.count"), "3");
  EXPECT_EQ(seen.at("total.differences.0.gains"), "false");
  EXPECT_EQ(seen.at("total.differences.0.policies.0"), "nurses-view");
  EXPECT_EQ(seen.at("total.differences.0.decisionId"), "decision-1");
  EXPECT_EQ(seen.at("nodes.1.node"), "b");
  EXPECT_EQ(seen.at("nodes.1.lost"), "1");
}

TEST_P(PolicyShadowsTest, EndAndStayInTheHistory) {
  const std::string id = submitted();
  EXPECT_EQ(begin(id).status, 201);
  EXPECT_EQ(begin(id).status, 201) << "in the place of the first";
  const Answer stopped = post("policies/shadows/2/stop", R"({"reason":"seen enough"})");
  EXPECT_EQ(stopped.status, 200);
  EXPECT_EQ(stopped.at("end"), "stopped");
  EXPECT_EQ(stopped.at("endedBy"), ann_.id);
  EXPECT_EQ(post("policies/shadows/2/stop", "{}").status, 409);
  EXPECT_EQ(get("policies").at("items.0.shadow"), "");
  const Answer all = get("policies/shadows");
  EXPECT_EQ(all.at("items.0.number"), "2");
  EXPECT_EQ(all.at("items.1.end"), "replaced");
  EXPECT_EQ(get("policies/shadows?count=1").at("next"), "2");
  EXPECT_EQ(get("policies/shadows?count=1&before=2").at("items.0.number"), "1");
}

TEST_P(PolicyShadowsTest, StopByThemselvesBeyondTheLimit) {
  const std::string id = submitted();
  EXPECT_EQ(begin(id, R"({"mostDifferences":2})").at("mostPermille"), "0") << "that alone counts";
  found(1, "a", 2);
  EXPECT_EQ(get("policies/shadows/1").at("end"), "running");
  found(1, "a", 3);
  EXPECT_EQ(get("policies/shadows/1").at("end"), "limit");
  EXPECT_EQ(begin(id).at("mostPermille"), "1000") << "without a limit it goes on";
  found(2, "a", 10);
  EXPECT_EQ(get("policies/shadows/2").at("end"), "running");
}

TEST_P(PolicyShadowsTest, RefuseWhatCannotBeTried) {
  const std::string open = begun("unchecked");
  EXPECT_EQ(begin(open).status, 409) << "its checks have not passed";
  EXPECT_EQ(begin("none").status, 404);
  const std::string id = submitted("two");
  EXPECT_EQ(begin(id, R"({"mostPermille":1001})").status, 400);
  EXPECT_EQ(begin(id, R"({"mostPermille":-1})").status, 400);
  EXPECT_EQ(begin(id, R"({"mostDifferences":1.5})").status, 400);
  EXPECT_EQ(begin(id, R"({"mostDifferences":"many"})").status, 400);
  EXPECT_EQ(begin(id, R"({"limit":5})").status, 400);
  EXPECT_EQ(begin(id, R"({"reason":7})").status, 400);
  EXPECT_EQ(post(path(id, "shadow?dryRun=true"), "{}").status, 400);
  EXPECT_EQ(get("policies/shadows").at("items.0"), "") << "nothing was begun";
  for (const char* wrong : {"0", "2", "-1", "x", "18446744073709551616"}) {
    EXPECT_EQ(get("policies/shadows/" + std::string(wrong)).status, 404) << wrong;
    EXPECT_EQ(post("policies/shadows/" + std::string(wrong) + "/stop", "{}").status, 404) << wrong;
  }
  EXPECT_EQ(get("policies/shadows?count=0").status, 400);
}

TEST_P(PolicyShadowsTest, AreOfTheirTenantAlone) {
  EXPECT_EQ(begin(submitted()).status, 201);
  mandate_.tenant = "st-john";
  EXPECT_EQ(get("policies/shadows/1").status, 404);
  EXPECT_EQ(get("policies/shadows").at("items.0"), "");
  EXPECT_NE(post("policies/shadows/1/stop", "{}").status, 200);
  mandate_.tenant = "st-mary";
  EXPECT_EQ(get("policies/shadows/1").at("end"), "running");
}

}  // namespace
}  // namespace wardlock::admin
