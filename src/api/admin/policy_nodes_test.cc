#include "api/admin/policy_nodes.h"

#include <gtest/gtest.h>

#include "api/admin/policies_for_test.h"

namespace wardlock::admin {
namespace {

class PolicyNodesOverHttp : public PoliciesOverHttp {
 protected:
  /// Says what it runs, as itself.
  Answer say(const directory::Thing& thing, const std::string& body) {
    mandate_.actor_id = thing.id;
    sign_in_ = nullptr;
    return post("policies/nodes", body);
  }
  static std::string runs(const std::string& content) {
    return R"({"content":")" + content + "\"}";
  }

  const directory::Thing pump_ = person("pump-7", R"(,"displayName":"Pump 7")");
};
WARDLOCK_ON_EACH_DATABASE(PolicyNodesOverHttp);

TEST_P(PolicyNodesOverHttp, ShowWhatEachRuns) {
  activated("one");
  const std::string content = in_force();
  const Answer said = say(pump_, R"({"serial":1,"schema":"sha256:s","outcomes":"sha256:o",)"
                                 R"("content":")" +
                                     content + "\"}");
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.at("standing"), "current");
  EXPECT_EQ(said.at("node"), pump_.id) << "it speaks for itself alone";
  EXPECT_EQ(nodes_
                .report({.tenant = "st-mary", .environment = "production"},
                        {.kind = pap::NodeKind::kServer, .node = "a", .content = "sha256:x"})
                ->standing,
            pap::NodeStanding::kForeign);
  as(ann_);
  const Answer all = get("policies/nodes?count=1");
  EXPECT_EQ(all.at("environment"), "production");
  EXPECT_EQ(all.at("inForce.content"), content);
  EXPECT_EQ(all.at("counts.current"), "1");
  EXPECT_EQ(all.at("counts.foreign"), "1");
  const Answer rest = get("policies/nodes?cursor=" + all.at("next"));
  const bool is_first = all.at("items.0.node") == pump_.id;
  const Answer& with = is_first ? all : rest;
  EXPECT_EQ(with.at("items.0.kind"), "reporter");
  EXPECT_EQ(with.at("items.0.label"), "Pump 7");
  EXPECT_EQ(with.at("items.0.serial"), "1");
  EXPECT_EQ(with.at("items.0.schema"), "sha256:s");
  EXPECT_EQ(with.at("items.0.outcomes"), "sha256:o");
  EXPECT_EQ(with.at("items.0.since"), with.at("items.0.seen"));
  const Answer drifting = get("policies/nodes?drifting=true");
  EXPECT_EQ(drifting.at("items.0.node"), "a");
  EXPECT_EQ(drifting.at("items.0.standing"), "foreign");
  EXPECT_EQ(drifting.at("items.1"), "");
}

TEST_P(PolicyNodesOverHttp, TellANodeThatItIsNotCurrent) {
  activated("one");
  const std::string first = in_force();
  activated("two");
  EXPECT_EQ(say(pump_, runs(first)).at("standing"), "following");
  now_ += 121'000;
  EXPECT_EQ(say(pump_, runs(first)).at("standing"), "behind");
  EXPECT_EQ(say(pump_, "{}").at("standing"), "foreign") << "what came in no bundle";
  EXPECT_EQ(say(pump_, R"({"refused":"the key was revoked"})").at("standing"), "refusing");
}

TEST_P(PolicyNodesOverHttp, AreForgotten) {
  say(pump_, "{}");
  as(ann_);
  EXPECT_EQ(post("policies/nodes/none/forget", "{}").status, 404);
  EXPECT_EQ(post("policies/nodes/" + pump_.id + "/forget", "{}").status, 204);
  EXPECT_EQ(get("policies/nodes").at("items.0"), "");
}

TEST_P(PolicyNodesOverHttp, AreRefusedWhereTheyMakeNoSense) {
  EXPECT_EQ(say(pump_, R"({"node":"another"})").status, 400) << "nobody speaks for others";
  EXPECT_EQ(say(pump_, R"({"serial":0})").status, 400);
  EXPECT_EQ(say(pump_, R"({"serial":"1"})").status, 400);
  EXPECT_EQ(say(pump_, R"({"content":7})").status, 400);
  EXPECT_EQ(say(pump_, runs(std::string(301, 'x'))).status, 400);
  EXPECT_EQ(post("policies/nodes?dryRun=true", "{}").status, 400);
  as(ann_);
  EXPECT_EQ(get("policies/nodes?count=0").status, 400);
  EXPECT_EQ(get("policies/nodes?drifting=maybe").status, 400);
  EXPECT_EQ(get("policies/nodes").at("items.0"), "") << "nothing was kept";
}

TEST_P(PolicyNodesOverHttp, AskTheGate) {
  for (const auto& [deed, method, target] :
       {std::tuple("readPolicies production", "GET", "policies/nodes"),
        std::tuple("reportPolicyNode production", "POST", "policies/nodes"),
        std::tuple("forgetPolicyNode production", "POST", "policies/nodes/a/forget")}) {
    gate_.denies = {deed};
    EXPECT_EQ(ask(method, target, std::string_view(method) == "GET" ? "" : "{}").status, 403)
        << deed;
    gate_.denies.clear();
  }
}

TEST_P(PolicyNodesOverHttp, AreOfTheirTenantAlone) {
  say(pump_, "{}");
  as(ann_);
  mandate_.tenant = "st-john";
  EXPECT_EQ(get("policies/nodes").at("items.0"), "");
  EXPECT_NE(post("policies/nodes/" + pump_.id + "/forget", "{}").status, 204);
}

}  // namespace
}  // namespace wardlock::admin
