#include "server/policy_beat.h"

#include <gtest/gtest.h>

#include <thread>

#include "server/policies_for_test.h"
#include "server/reloader.h"

namespace wardlock::server {
namespace {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

constexpr std::chrono::hours kNever{1};

/// A node that decides by what was in force when it started, and says so.
class PolicyBeatTest : public ManagedTenantForTest {
 protected:
  PolicyBeatTest() {
    in_force_.push_back(in_force());
    views_.push_back(
        std::make_unique<DirectoryView>(*directory_->store, "main", config_.directory->known_by));
    std::vector<std::optional<VerifiedPolicies>> start;
    start.emplace_back(*in_force_.front()->start(initial()));
    auto loaded = load_world(config_, views_, start);
    EXPECT_TRUE(loaded) << loaded.error().message;
    loaded_ = *std::move(loaded);
    published_.emplace(loaded_->world);
    world_.emplace(*published_, *loaded_->world);
    nodes_.emplace(*surroundings_);
  }
  void begin(std::chrono::milliseconds interval = kNever) {
    beat_.emplace(PolicyBeat::Parts{
        .watched = {{.nodes = &*nodes_, .drafts = drafts_.get(), .counts = &counts_}},
        .places = {place_},
        .world = *world_,
        .log = log_,
        .node = "node-a",
        .interval = interval});
  }
  std::optional<pap::SeenNode> seen() {
    const auto view = nodes_->view(place_, {});
    EXPECT_TRUE(view);
    if (!view || view->nodes.empty()) return std::nullopt;
    return view->nodes.front();
  }
  bool stands(pap::NodeStanding standing) {
    return eventually([&] {
      const auto now = seen();
      return now && now->standing == standing;
    });
  }

  std::vector<std::shared_ptr<PoliciesInForce>> in_force_;
  std::vector<std::unique_ptr<DirectoryView>> views_;
  std::optional<LoadedWorld> loaded_;
  std::optional<PublishedWorld> published_;
  std::optional<CurrentWorld> world_;
  std::optional<pap::PolicyNodes> nodes_;
  NodeCounts counts_;
  std::optional<PolicyBeat> beat_;
};
WARDLOCK_ON_EACH_DATABASE(PolicyBeatTest);

TEST_P(PolicyBeatTest, SaysWhatThisNodeDecidesBy) {
  begin();
  ASSERT_TRUE(stands(pap::NodeStanding::kCurrent));
  const pap::NodeReport report = seen()->node.report;
  EXPECT_EQ(report.kind, pap::NodeKind::kServer);
  EXPECT_EQ(report.node, "node-a");
  EXPECT_EQ(report.serial, 1U);
  EXPECT_EQ(report.content, world_->tenant(0).bundle->content);
  EXPECT_TRUE(report.schema.starts_with("sha256:"));
  EXPECT_TRUE(eventually([&] { return counts_.of(pap::NodeStanding::kCurrent) == 1; }));
}

TEST_P(PolicyBeatTest, SaysAtOnceWhenThatChanges) {
  begin();
  ASSERT_TRUE(stands(pap::NodeStanding::kCurrent));
  const pap::Activation second = activate("two");
  EXPECT_EQ(seen()->standing, pap::NodeStanding::kFollowing) << "nobody has it take that over";
  world_->change([&](World& next) {
    next.tenants.front().bundle->serial = second.serial;
    next.tenants.front().bundle->content = second.content;
  });
  EXPECT_TRUE(stands(pap::NodeStanding::kCurrent));
  EXPECT_EQ(seen()->node.report.serial, second.serial);
}

TEST_P(PolicyBeatTest, SaysThatItRefuses) {
  begin();
  ASSERT_TRUE(stands(pap::NodeStanding::kCurrent));
  world_->change([](World& next) { next.tenants.front().refused = std::string(1000, 'x'); });
  EXPECT_TRUE(stands(pap::NodeStanding::kRefusing));
  EXPECT_TRUE(eventually([&] { return seen()->node.told == pap::NodeStanding::kRefusing; }))
      << "it is on record";
  EXPECT_TRUE(eventually([&] { return counts_.of(pap::NodeStanding::kRefusing) == 1; }));
  world_->change([](World& next) { next.tenants.front().refused.clear(); });
  EXPECT_TRUE(stands(pap::NodeStanding::kCurrent));
}

TEST_P(PolicyBeatTest, SaysNothingMoreBetweenTwoBeats) {
  begin();
  ASSERT_TRUE(stands(pap::NodeStanding::kCurrent));
  const std::int64_t first = seen()->node.seen_ms;
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_EQ(seen()->node.seen_ms, first);
}

TEST_P(PolicyBeatTest, BeatsWhereNothingChanges) {
  begin(std::chrono::milliseconds(1));
  ASSERT_TRUE(stands(pap::NodeStanding::kCurrent));
  const std::int64_t first = seen()->node.seen_ms;
  EXPECT_TRUE(eventually([&] { return seen()->node.seen_ms > first; }));
}

}  // namespace
}  // namespace wardlock::server
