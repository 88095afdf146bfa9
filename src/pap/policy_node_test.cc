#include "pap/policy_node.h"

#include <gtest/gtest.h>

#include <vector>

namespace wardlock::pap {
namespace {

constexpr std::int64_t kNow = 1'000'000'000;

class PolicyNodeTest : public testing::Test {
 protected:
  PolicyNodeTest() {
    in_force_.content = "sha256:new";
    in_force_.starts_ms = kNow - kRules.grace_ms;
    node_.report = {.node = "a", .serial = 2, .content = "sha256:new", .outcomes = "sha256:good"};
    node_.seen_ms = kNow;
    measure_ = {.in_force = &in_force_,
                .was_in_force = true,
                .outcomes = "sha256:good",
                .now_ms = kNow,
                .rules = kRules};
  }
  NodeStanding standing() const { return standing_of(node_, measure_); }

  static constexpr NodeRules kRules = {};
  Activation in_force_;
  PolicyNode node_;
  NodeMeasure measure_;
};

TEST_F(PolicyNodeTest, IsCurrentWithWhatIsInForceUnderAnySerial) {
  EXPECT_EQ(standing(), NodeStanding::kCurrent);
  node_.report.serial = 1;
  EXPECT_EQ(standing(), NodeStanding::kCurrent) << "what was renewed decides the same";
}

TEST_F(PolicyNodeTest, HasTimeToFollowAndIsBehindThen) {
  node_.report.content = "sha256:old";
  EXPECT_EQ(standing(), NodeStanding::kFollowing);
  EXPECT_FALSE(is_drift(standing()));
  ++measure_.now_ms;
  EXPECT_EQ(standing(), NodeStanding::kBehind);
  EXPECT_TRUE(is_drift(standing()));
}

TEST_F(PolicyNodeTest, IsForeignAtOnceWithWhatWasNeverInForce) {
  measure_.was_in_force = false;
  EXPECT_EQ(standing(), NodeStanding::kCurrent);
  node_.report.content = "sha256:mine";
  EXPECT_EQ(standing(), NodeStanding::kForeign);
  node_.report.content.clear();
  EXPECT_EQ(standing(), NodeStanding::kForeign) << "policies of a folder came in no bundle";
}

TEST_F(PolicyNodeTest, DeviatesWhereItsTestsComeOutOtherwise) {
  node_.report.outcomes = "sha256:bad";
  EXPECT_EQ(standing(), NodeStanding::kDeviating);
  node_.report.outcomes.clear();
  EXPECT_EQ(standing(), NodeStanding::kCurrent) << "it has asked none";
  node_.report.outcomes = "sha256:bad";
  measure_.outcomes = "";
  EXPECT_EQ(standing(), NodeStanding::kCurrent) << "no server has said";
}

TEST_F(PolicyNodeTest, RefusesWhateverElseItRuns) {
  node_.report.refused = "it has expired";
  EXPECT_EQ(standing(), NodeStanding::kRefusing);
}

TEST_F(PolicyNodeTest, IsStaleUntilItSpeaksAgain) {
  measure_.now_ms = kNow + kRules.stale_ms;
  in_force_.starts_ms = measure_.now_ms;
  EXPECT_EQ(standing(), NodeStanding::kCurrent);
  ++measure_.now_ms;
  EXPECT_EQ(standing(), NodeStanding::kStale);
  node_.told = NodeStanding::kStale;
  node_.told_ms = measure_.now_ms;
  measure_.now_ms -= 10'000;
  EXPECT_EQ(standing(), NodeStanding::kStale) << "another's clock is behind: it does not end there";
  node_.seen_ms = node_.told_ms + 1;
  EXPECT_EQ(standing(), NodeStanding::kCurrent);
}

TEST_F(PolicyNodeTest, HasTimeWhereNothingIsInForce) {
  measure_.in_force = nullptr;
  EXPECT_EQ(standing(), NodeStanding::kFollowing);
}

TEST(NodeStandings, HaveNamesThatAreFound) {
  for (const NodeStanding each : kAllNodeStandings) {
    EXPECT_EQ(find_node_standing(to_string(each)), each);
  }
  EXPECT_FALSE(find_node_standing("gone"));
}

PolicyNode said(std::string node, std::string outcomes, NodeKind kind = NodeKind::kServer) {
  return {.report = {.kind = kind,
                     .node = std::move(node),
                     .content = "sha256:new",
                     .outcomes = std::move(outcomes)}};
}

TEST(UsualOutcomes, AreThoseOfMostServers) {
  const std::vector<PolicyNode> nodes = {said("a", "y"), said("b", "x"), said("c", "y"),
                                         said("d", "x", NodeKind::kReporter),
                                         said("e", "x", NodeKind::kReporter)};
  EXPECT_EQ(usual_outcomes(nodes, "sha256:new"), "y");
  EXPECT_EQ(usual_outcomes({nodes.data(), 2}, "sha256:new"), "x") << "of two, the same for all";
  EXPECT_EQ(usual_outcomes(nodes, "sha256:old"), "");
  EXPECT_EQ(usual_outcomes({nodes.data() + 3, 2}, "sha256:new"), "") << "no server has said";
}

}  // namespace
}  // namespace wardlock::pap
