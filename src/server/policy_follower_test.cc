#include "server/policy_follower.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "pdp/access.h"
#include "server/policies_for_test.h"
#include "server/readiness.h"
#include "server/reloader.h"

namespace wardlock::server {
namespace {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

constexpr std::chrono::seconds kMoreThanEnough{30};

/// What one process has that follows.
struct FollowingNode {
  std::vector<std::shared_ptr<PoliciesInForce>> in_force;
  std::unique_ptr<storage::Store> store;
  std::vector<std::unique_ptr<DirectoryView>> views;
  Metrics metrics;
  std::optional<LoadedWorld> loaded;
  std::optional<PublishedWorld> published;
  std::optional<CurrentWorld> world;
  std::optional<pap::ShadowStages> stages;
  std::optional<ShadowKeeper> shadows;
  std::optional<PolicyFollower> follower;

  ServedTenant served() const { return world->tenant(0); }
  std::uint64_t serial() const { return served().bundle->serial; }
  bool wait_for(std::uint64_t serial) {
    return follower->wait_for({.tenant = "main", .environment = "production"}, serial,
                              kMoreThanEnough);
  }
};

class PolicyFollowerTest : public ManagedTenantForTest {
 protected:
  std::unique_ptr<FollowingNode> node() {
    auto made = std::make_unique<FollowingNode>();
    made->store = *open_store(*config_.directory);
    made->in_force.push_back(in_force());
    made->views.push_back(
        std::make_unique<DirectoryView>(*made->store, "main", config_.directory->known_by));
    std::vector<std::optional<VerifiedPolicies>> start;
    start.emplace_back(*made->in_force.front()->start(initial()));
    EXPECT_TRUE(made->in_force.front()->accept(*start.front()));
    auto loaded = load_world(config_, made->views, start);
    EXPECT_TRUE(loaded) << loaded.error().message;
    made->loaded = *std::move(loaded);
    made->published.emplace(made->loaded->world);
    made->world.emplace(*made->published, *made->loaded->world);
    made->stages.emplace(*surroundings_);
    made->shadows.emplace(
        ShadowKeeper::Parts{.config = config_,
                            .tried = {{.stages = &*made->stages, .drafts = drafts_.get()}},
                            .world = *made->world,
                            .log = log_,
                            .node = kept_file_});
    made->follower.emplace(PolicyFollowerParts{.config = config_,
                                               .store = *made->store,
                                               .in_force = made->in_force,
                                               .views = made->views,
                                               .world = *made->world,
                                               .log = log_,
                                               .metrics = made->metrics,
                                               .audit = audit_.get(),
                                               .shadows = &*made->shadows});
    return made;
  }
  Readiness ready(const FollowingNode& node) {
    return readiness(node.world->now(), config_, nullptr, nullptr, false, wall_clock_ms());
  }
  std::int64_t count(std::string_view event) { return std::ranges::count(recorded(), event); }
  static bundle::Content closed() {
    return content("closed", "@id(\"closed\") forbid (principal, action, resource);\n");
  }
};
WARDLOCK_ON_EACH_DATABASE(PolicyFollowerTest);

TEST_P(PolicyFollowerTest, TakesOverWhatComesIntoForce) {
  const auto here = node();
  const ServedTenant before = here->served();
  activate(closed());
  EXPECT_TRUE(eventually([&] { return here->serial() == 2; }));
  const ServedTenant after = here->served();
  EXPECT_NE(after.snapshot->policy_set(), before.snapshot->policy_set());
  EXPECT_EQ(after.snapshot->policies().policies().size(), 2U);
  EXPECT_GT(after.snapshot->revision, before.snapshot->revision);
  EXPECT_GE(count("policy_change "), 1) << "what a node decides by is on its record";
}

TEST_P(PolicyFollowerTest, HasEveryNodeFollow) {
  const auto here = node();
  kept_file_ += ".there";
  const auto there = node();
  activate(closed());
  EXPECT_TRUE(eventually([&] { return here->serial() == 2 && there->serial() == 2; }));
  EXPECT_EQ(here->served().snapshot->policy_set(), there->served().snapshot->policy_set());
}

TEST_P(PolicyFollowerTest, LetsWhoActivatesWait) {
  const auto here = node();
  surroundings_->await_effect = [&](const pap::Activation& made) {
    EXPECT_TRUE(here->follower->wait_for(made.place, made.serial, kMoreThanEnough));
  };
  for (int round = 0; round < 5; ++round) {
    const std::uint64_t closed_at = activate(closed()).serial;
    ASSERT_EQ(here->serial(), closed_at) << "when the call returns, it is decided by";
    ASSERT_EQ(here->served().snapshot->policies().policies().size(), 2U);
    const std::uint64_t back_at = roll_back(1).serial;
    ASSERT_EQ(here->serial(), back_at);
    ASSERT_EQ(here->served().snapshot->policies().policies().size(), 1U);
  }
}

TEST_P(PolicyFollowerTest, WaitsForNothingThatIsNotItsOwn) {
  const auto here = node();
  EXPECT_FALSE(here->follower->wait_for({.tenant = "other", .environment = "production"}, 1,
                                        kMoreThanEnough));
  EXPECT_FALSE(here->follower->wait_for(place_, 99, std::chrono::milliseconds(1)));
}

TEST_P(PolicyFollowerTest, RefusesWhatCannotBeBelieved) {
  const auto here = node();
  const std::string set = here->served().snapshot->policy_set();
  signer_ = 'x';
  activate(closed());
  EXPECT_FALSE(here->wait_for(2)) << "nobody waits for what is refused";
  EXPECT_EQ(here->served().snapshot->policy_set(), set);
  EXPECT_NE(here->served().refused, "");
  EXPECT_TRUE(ready(*here).report.as_object().contains("refused"));
  EXPECT_FALSE(here->wait_for(2));
  EXPECT_EQ(here->metrics.activations_failed.get(), 1U) << "told once";
  EXPECT_EQ(count("policy_change refuse_policies"), 1);
  signer_ = 'k';
  roll_back(1);
  EXPECT_TRUE(here->wait_for(3));
  EXPECT_TRUE(eventually([&] { return here->served().refused.empty(); }));
  EXPECT_FALSE(ready(*here).report.as_object().contains("refused"));
  EXPECT_TRUE(eventually([&] { return count("policy_change accept_policies") == 1; }));
}

TEST_P(PolicyFollowerTest, RefusesWhatCannotBeUsed) {
  const auto here = node();
  activate(
      content("broken", "@id(\"x\") permit (principal, action == Action::\"fly\", resource);\n"));
  EXPECT_FALSE(here->wait_for(2));
  EXPECT_EQ(here->serial(), 1U);
  EXPECT_NE(here->served().refused.find("serial 2"), std::string::npos) << here->served().refused;
  roll_back(1);
  EXPECT_TRUE(here->wait_for(3)) << "to go back waits for no pause";
}

TEST_P(PolicyFollowerTest, GoesBackThoughAFileIsBroken) {
  config_.tenants.front().entities = folder() + "/entities.json";
  std::ofstream(config_.tenants.front().entities)
      << R"([{"uid": {"type": "Ward", "id": "7"}, "attrs": {}, "parents": []}])";
  const auto here = node();
  std::ofstream(config_.tenants.front().entities) << "[{";
  activate(closed());
  ASSERT_TRUE(here->wait_for(2));
  EXPECT_EQ(here->served().snapshot->entities.size(),
            here->loaded->world->tenants.front().snapshot->entities.size())
      << "with the entities that were good";
}

/// Of the node's decisions so many would be other ones.
void lose(const FollowingNode& node, int count) {
  const std::shared_ptr<const Shadow> shadow = node.served().shadow;
  ASSERT_NE(shadow, nullptr);
  const pdp::Caller caller = pdp::Caller::unrestricted("gateway");
  const pdp::AccessRequest request{.principal = {"User", "ann"},
                                   .action = "view",
                                   .resource = {"Ward", "7"},
                                   .grant = {},
                                   .caller = &caller};
  for (int i = 0; i < count; ++i) {
    Arena arena;
    const auto decision = pdp::decide(*shadow->of, request, wall_clock_ms(), arena);
    ASSERT_TRUE(decision && decision->is_allowed);
    shadow->compare(*shadow->of, request, *decision, "an-id", wall_clock_ms(), arena);
  }
}

TEST_P(PolicyFollowerTest, TriesADraftUntilItDecidesTooMuchOtherwise) {
  const auto here = node();
  kept_file_ += ".there";
  const auto there = node();
  const directory::Mandate by{
      .tenant = "main", .actor_type = "User", .actor_id = author_, .reason = "a test"};
  const auto draft = drafts_->begin(by, "production", "A change", closed());
  ASSERT_TRUE(draft);
  const auto stage = here->stages->begin(by, draft->id, {.count = 4, .permille = 0});
  ASSERT_TRUE(stage) << stage.error().message;
  const auto both_try = [&](bool is_so) {
    return eventually([&] {
      return (here->served().shadow != nullptr) == is_so &&
             (there->served().shadow != nullptr) == is_so;
    });
  };
  ASSERT_TRUE(both_try(true));
  EXPECT_EQ(here->served().snapshot->policies().policies().size(), 1U) << "it has no effect";
  lose(*here, 3);
  const auto total = [&] { return here->stages->view(place_, 1)->total(); };
  EXPECT_TRUE(eventually([&] { return total().lost == 3; }));
  EXPECT_NE(here->served().shadow, nullptr);
  lose(*there, 2);
  EXPECT_TRUE(both_try(false)) << "both together are beyond it";
  EXPECT_EQ(here->stages->view(place_, 1)->stage.end, pap::ShadowEnd::kLimit);
  EXPECT_EQ(total().lost, 5U);
}

TEST_P(PolicyFollowerTest, EndsATrialWhereItComesIntoForce) {
  const auto here = node();
  const directory::Mandate by{
      .tenant = "main", .actor_type = "User", .actor_id = author_, .reason = "a test"};
  const auto draft = drafts_->begin(by, "production", "A change", closed());
  ASSERT_TRUE(draft);
  ASSERT_TRUE(here->stages->begin(by, draft->id, {.count = 4}));
  ASSERT_TRUE(eventually([&] { return here->served().shadow != nullptr; }));
  activate(closed());
  EXPECT_TRUE(eventually([&] { return here->served().shadow == nullptr; }));
  EXPECT_TRUE(eventually(
      [&] { return here->stages->view(place_, 1)->stage.end == pap::ShadowEnd::kInForce; }));
}

TEST_P(PolicyFollowerTest, LosesNoChangeToAReload) {
  config_.tenants.front().entities = folder() + "/entities.json";
  const auto write_wards = [&](int count) {
    const std::string draft = folder() + "/draft";
    {
      std::ofstream out(draft);
      for (int i = 0; i < count; ++i) {
        out << (i == 0 ? "[" : ",") << R"({"uid": {"type": "Ward", "id": "w)" << i
            << R"("}, "attrs": {}, "parents": []})";
      }
      out << "]";
    }
    ASSERT_EQ(std::rename(draft.c_str(), config_.tenants.front().entities.c_str()), 0);
  };
  write_wards(1);
  config_.reload.interval = std::chrono::milliseconds(1);
  const auto here = node();
  const std::size_t others = here->served().snapshot->entities.size() - 1;
  const ServiceNotice notice;
  {
    const Reloader reloader(config_, here->loaded->watched,
                            {.world = *here->world,
                             .log = log_,
                             .metrics = here->metrics,
                             .audit = audit_.get(),
                             .notice = notice,
                             .reload_tls = nullptr,
                             .each_interval = nullptr,
                             .read_config = nullptr,
                             .views = here->views});
    for (int round = 1; round <= 20; ++round) {
      write_wards(round);
      const std::uint64_t serial = round % 2 == 1 ? activate(closed()).serial : roll_back(1).serial;
      ASSERT_TRUE(here->wait_for(serial));
      ASSERT_EQ(here->served().snapshot->policies().policies().size(), round % 2 == 1 ? 2U : 1U);
    }
    EXPECT_TRUE(
        eventually([&] { return here->served().snapshot->entities.size() == others + 20; }));
  }
  EXPECT_EQ(here->served().snapshot->policies().policies().size(), 1U);
  EXPECT_EQ(here->served().stale, "");
}

}  // namespace
}  // namespace wardlock::server
