#include "pap/policy_nodes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pap/policies_for_test.h"

namespace wardlock::pap {
namespace {

class PolicyNodesTest : public PoliciesForTest {
 protected:
  static NodeReport server(std::string node, const std::string& content) {
    return {.kind = NodeKind::kServer, .node = std::move(node), .serial = 1, .content = content};
  }
  static NodeReport pump(const std::string& content) {
    return {.kind = NodeKind::kReporter, .node = "pump-1", .label = "Pump 1", .content = content};
  }
  NodeStanding standing_after(const NodeReport& report) {
    return must(nodes_.report(place_, report)).standing;
  }
  NodesView look() { return must(nodes_.look(by(bo_), place_)); }
  std::size_t told(std::string_view action) {
    std::size_t count = 0;
    for (const std::string& each : events()) {
      if (each.contains("\"" + std::string(action) + "\"")) ++count;
    }
    return count;
  }

  PolicyNodes nodes_{surroundings_of_policies_};
};
WARDLOCK_ON_EACH_DATABASE(PolicyNodesTest);

TEST_P(PolicyNodesTest, ShowWhatEachRunsAndSinceWhen) {
  const Activation first = active("one");
  EXPECT_EQ(standing_after(server("node-b", first.content)), NodeStanding::kCurrent);
  EXPECT_EQ(standing_after(server("node-a", first.content)), NodeStanding::kCurrent);
  const std::int64_t began = now_;
  now_ += 60'000;
  nodes_.report(place_, server("node-b", first.content)).value();
  const NodesView view = must(nodes_.view(place_, {}));
  ASSERT_EQ(view.nodes.size(), 2U);
  EXPECT_EQ(view.in_force->serial, first.serial);
  EXPECT_EQ(view.nodes[0].node.report, server("node-a", first.content));
  EXPECT_EQ(view.nodes[1].node.since_ms, began) << "it runs that as before";
  EXPECT_EQ(view.nodes[1].node.seen_ms, now_);
  EXPECT_EQ(view.count(NodeStanding::kCurrent), 2U);
  EXPECT_EQ(must(nodes_.view(place_, {.after = "node-a"})).nodes.size(), 1U);
  EXPECT_EQ(must(nodes_.view(place_, {.most = 1})).nodes.size(), 1U);
  const Activation second = active("two");
  now_ += 1000;
  nodes_.report(place_, server("node-b", second.content)).value();
  EXPECT_EQ(must(nodes_.view(place_, {})).nodes[1].node.since_ms, now_);
}

TEST_P(PolicyNodesTest, AreToldOnceToDriftAndOnceToHaveCaughtUp) {
  const Activation first = active("one");
  nodes_.report(place_, server("node-a", first.content)).value();
  const Activation second = active("two");
  EXPECT_EQ(look().nodes.front().standing, NodeStanding::kFollowing);
  EXPECT_EQ(told("drift_behind"), 0U) << "it still has time";
  now_ += surroundings_of_policies_.rules.nodes.grace_ms + 1;
  EXPECT_EQ(must(nodes_.view(place_, {.is_drift_alone = true})).nodes.size(), 1U);
  EXPECT_EQ(look().count(NodeStanding::kBehind), 1U);
  look();
  EXPECT_EQ(told("drift_behind"), 1U);
  EXPECT_NE(last_event().find(second.content), std::string::npos) << last_event();
  EXPECT_NE(last_event().find(first.content), std::string::npos) << last_event();
  active("three");
  look();
  EXPECT_EQ(told("drift_behind"), 1U) << "with the next it has time again, and that ends nothing";
  EXPECT_EQ(told("drift_end"), 0U);
  const std::string newest = must(activations_.in_force(place_))->content;
  nodes_.report(place_, server("node-a", newest)).value();
  look();
  look();
  EXPECT_EQ(told("drift_end"), 1U);
  EXPECT_TRUE(must(nodes_.view(place_, {.is_drift_alone = true})).nodes.empty());
}

TEST_P(PolicyNodesTest, AreForeignWithWhatNobodyPutInForceHere) {
  active("one");
  EXPECT_EQ(standing_after(pump("sha256:mine")), NodeStanding::kForeign);
  look();
  EXPECT_EQ(told("drift_foreign"), 1U);
  EXPECT_EQ(standing_after(pump("")), NodeStanding::kForeign);
  look();
  EXPECT_EQ(told("drift_foreign"), 1U) << "it goes on";
}

TEST_P(PolicyNodesTest, AreStaleWhereTheySayNothing) {
  const Activation first = active("one");
  nodes_.report(place_, pump(first.content)).value();
  now_ += surroundings_of_policies_.rules.nodes.stale_ms + 1;
  EXPECT_EQ(look().nodes.front().standing, NodeStanding::kStale);
  EXPECT_EQ(told("drift_stale"), 1U);
  now_ += 1;
  EXPECT_EQ(standing_after(pump(first.content)), NodeStanding::kCurrent);
  look();
  EXPECT_EQ(told("drift_end"), 1U);
}

TEST_P(PolicyNodesTest, TellOfARefusalAndOfTestsThatComeOutOtherwise) {
  const Activation first = active("one");
  NodeReport good = server("node-a", first.content);
  good.outcomes = "sha256:good";
  nodes_.report(place_, good).value();
  NodeReport bad = pump(first.content);
  bad.outcomes = "sha256:bad";
  EXPECT_EQ(standing_after(bad), NodeStanding::kDeviating);
  look();
  EXPECT_EQ(told("drift_deviating"), 1U);
  bad.refused = "it has expired";
  EXPECT_EQ(standing_after(bad), NodeStanding::kRefusing);
  look();
  EXPECT_EQ(told("drift_refusing"), 1U) << "another fault is told, too";
  EXPECT_EQ(told("drift_end"), 0U);
}

TEST_P(PolicyNodesTest, PutNothingOnRecordByTheirReports) {
  const Activation first = active("one");
  const std::size_t before = events().size();
  for (int i = 0; i < 10; ++i) nodes_.report(place_, server("node-a", first.content)).value();
  nodes_.report(place_, pump("sha256:mine")).value();
  EXPECT_EQ(events().size(), before);
}

TEST_P(PolicyNodesTest, AreOfTheirTenantAndEnvironmentAlone) {
  nodes_.report(place_, server("node-a", "sha256:x")).value();
  for (const PolicyPlace& other : {PolicyPlace{.tenant = "st-john", .environment = "production"},
                                   PolicyPlace{.tenant = "st-mary", .environment = "test"}}) {
    EXPECT_TRUE(must(nodes_.view(other, {})).nodes.empty());
    EXPECT_EQ(code_of(nodes_.forget(by(bo_), other, "node-a")), ErrorCode::kNotFound);
  }
  EXPECT_EQ(must(nodes_.view(place_, {})).nodes.size(), 1U);
}

TEST_P(PolicyNodesTest, AreForgottenByHand) {
  nodes_.report(place_, server("node-a", "sha256:x")).value();
  EXPECT_EQ(code_of(nodes_.forget(by(bo_), place_, "node-b")), ErrorCode::kNotFound);
  set_state(cy_, "suspended");
  EXPECT_EQ(code_of(nodes_.forget(by(cy_), place_, "node-a")), ErrorCode::kPermissionDenied);
  must(nodes_.forget(by(bo_), place_, "node-a"));
  EXPECT_EQ(told("forget_node"), 1U);
  EXPECT_TRUE(must(nodes_.view(place_, {})).nodes.empty());
}

TEST_P(PolicyNodesTest, SayNoMoreThanTheyMay) {
  EXPECT_EQ(code_of(nodes_.report(place_, server("", "sha256:x"))), ErrorCode::kInvalidArgument);
  NodeReport long_one = server("node-a", "sha256:x");
  long_one.refused = std::string(301, 'x');
  EXPECT_EQ(code_of(nodes_.report(place_, long_one)), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(must(nodes_.view(place_, {})).nodes.empty());
}

}  // namespace
}  // namespace wardlock::pap
