#include "server/canary_keeper.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pdp/access.h"
#include "server/policies_for_test.h"
#include "server/policy_follower.h"
#include "server/readiness.h"
#include "server/reloader.h"

namespace wardlock::server {
namespace {

using storage::name_of;  // for WARDLOCK_ON_EACH_DATABASE
using storage::tested_databases;

/// One process that follows what is in force, and canaries.
struct CanaryNode {
  std::vector<std::shared_ptr<PoliciesInForce>> in_force;
  std::unique_ptr<storage::Store> store;
  std::vector<std::unique_ptr<DirectoryView>> views;
  Metrics metrics;
  std::optional<LoadedWorld> loaded;
  std::optional<PublishedWorld> published;
  std::optional<CurrentWorld> world;
  std::optional<CanaryKeeper> canaries;
  std::optional<PolicyFollower> follower;

  ServedTenant served() const { return world->tenant(0); }
  bool has_canary() const { return served().canary != nullptr; }
};

class CanaryKeeperTest : public ManagedTenantForTest {
 protected:
  std::unique_ptr<CanaryNode> node(std::string name = "a") {
    auto made = std::make_unique<CanaryNode>();
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
    made->canaries.emplace(CanaryKeeper::Parts{
        .config = config_,
        .kept = {{.stages = &stages_, .trust = [this] { return Result<bundle::Trust>(trust()); }}},
        .world = *made->world,
        .log = log_,
        .audit = audit_.get(),
        .node = std::move(name),
        .clock = [this] { return now(); }});
    made->follower.emplace(PolicyFollowerParts{.config = config_,
                                               .store = *made->store,
                                               .in_force = made->in_force,
                                               .views = made->views,
                                               .world = *made->world,
                                               .log = log_,
                                               .metrics = made->metrics,
                                               .audit = audit_.get(),
                                               .canaries = &*made->canaries});
    return made;
  }
  bundle::Trust trust() const {
    bundle::Trust out;
    for (const char each : trusted_) out.keys.push_back(bundle::fixed_key(each).public_key());
    if (is_revoked_) out.revoked.push_back(bundle::fixed_key('k').public_key());
    return out;
  }
  static bundle::Content closed() {
    return content("closed", "@id(\"closed\") forbid (principal, action, resource);\n");
  }
  directory::Mandate by() const {
    return {.tenant = "main", .actor_type = "User", .actor_id = author_, .reason = "a test"};
  }
  /// For ward 7.
  pap::CanaryStage begin(const bundle::Content& content,
                         pap::DifferenceLimit limit = {.permille = 1000}) {
    const auto draft = drafts_->begin(by(), "production", "A change", content);
    EXPECT_TRUE(draft) << draft.error().message;
    EXPECT_TRUE(drafts_->submit(by(), draft->id, draft->edition));
    draft_ = draft->id;
    return begin_draft(limit);
  }
  pap::CanaryStage begin_draft(pap::DifferenceLimit limit = {.permille = 1000}) {
    const auto stage = stages_.begin(by(), draft_,
                                     {.cause = pap::ActivationCause::kSingleHanded,
                                      .part = {.locations = {R"(Ward::"7")"}},
                                      .limit = limit,
                                      .ends_ms = now() + kDay});
    EXPECT_TRUE(stage) << stage.error().message;
    return *stage;
  }
  static pdp::AccessRequest request(std::string_view ward) {
    static const pdp::Caller caller = pdp::Caller::unrestricted("gateway");
    return {.principal = {"User", "ann"},
            .action = "view",
            .resource = {"Ward", ward},
            .grant = {},
            .caller = &caller};
  }
  static bool is_allowed(const CanaryNode& node, std::string_view ward) {
    Arena arena;
    const ServedTenant served = node.served();
    const pdp::AccessRequest asked = request(ward);
    const auto decision = pdp::decide(served.deciding(asked, arena), asked, wall_clock_ms(), arena);
    return decision && decision->is_allowed;
  }
  /// The node decides otherwise so often.
  static void differ(const CanaryNode& node, int times) {
    const std::shared_ptr<const ServedCanary> canary = node.served().canary;
    ASSERT_NE(canary, nullptr);
    for (int i = 0; i < times; ++i) {
      Arena arena;
      const pdp::AccessRequest asked = request("7");
      const auto decision = pdp::decide(*canary->policies->tried(), asked, wall_clock_ms(), arena);
      ASSERT_TRUE(decision && !decision->is_allowed);
      canary->compare(asked, *decision, "an-id", wall_clock_ms(), arena);
    }
  }
  pap::CanaryEnd end_of(std::uint64_t number) {
    const auto view = stages_.view(place_, number);
    EXPECT_TRUE(view) << view.error().message;
    return view->stage.end;
  }
  bool refuses(const CanaryNode& node, std::string_view why) {
    return eventually([&] { return node.served().canary_refused.contains(why); });
  }
  std::int64_t count(std::string_view event) { return std::ranges::count(recorded(), event); }

  std::atomic<bool> is_revoked_ = false;
  std::string draft_;
  pap::CanaryStages stages_{*surroundings_, *drafts_};
};
WARDLOCK_ON_EACH_DATABASE(CanaryKeeperTest);

TEST_P(CanaryKeeperTest, DecidesItsPartOnEveryNodeUntilItIsStopped) {
  const auto here = node();
  kept_file_ += ".there";
  const auto there = node("b");
  EXPECT_TRUE(is_allowed(*here, "7"));
  const pap::CanaryStage stage = begin(closed());
  for (const CanaryNode* each : {here.get(), there.get()}) {
    ASSERT_TRUE(eventually([&] { return each->has_canary(); }));
    EXPECT_FALSE(is_allowed(*each, "7"));
    EXPECT_TRUE(is_allowed(*each, "8"));
    const auto ready =
        readiness(each->world->now(), config_, nullptr, nullptr, false, wall_clock_ms());
    EXPECT_EQ(ready.report.at("canary").at("content").as_string(), stage.content);
  }
  EXPECT_TRUE(eventually([&] { return stages_.view(place_, 1)->nodes.size() == 2; }))
      << "both say that they decide by it";
  ASSERT_TRUE(stages_.stop(by(), "production", 1));
  for (const CanaryNode* each : {here.get(), there.get()}) {
    EXPECT_TRUE(eventually([&] { return !each->has_canary(); }));
    EXPECT_TRUE(is_allowed(*each, "7"));
  }
}

TEST_P(CanaryKeeperTest, DecidesByItFromTheStartOfANode) {
  {
    const auto before = node();
  }
  begin(closed());
  const auto here = node();
  EXPECT_TRUE(here->has_canary()) << "before anybody asks";
  EXPECT_FALSE(is_allowed(*here, "7"));
}

TEST_P(CanaryKeeperTest, IsWaitedFor) {
  const auto here = node();
  surroundings_->await_look = [&](const pap::PolicyPlace& place) {
    EXPECT_TRUE(here->follower->wait_for_look(place, std::chrono::seconds(30)));
  };
  begin(closed());
  EXPECT_TRUE(here->has_canary());
  ASSERT_TRUE(stages_.stop(by(), "production", 1));
  EXPECT_FALSE(here->has_canary());
  EXPECT_FALSE(here->follower->wait_for_look({.tenant = "other", .environment = "production"},
                                             std::chrono::seconds(30)));
}

TEST_P(CanaryKeeperTest, RefusesAKeyThatDoesNotCount) {
  const auto here = node();
  signer_ = 'x';
  begin(closed());
  EXPECT_TRUE(refuses(*here, "no key that counts"));
  EXPECT_FALSE(here->has_canary());
  EXPECT_TRUE(is_allowed(*here, "7"));
  EXPECT_TRUE(eventually([&] { return count("policy_change refuse_canary") == 1; }));
  const auto ready =
      readiness(here->world->now(), config_, nullptr, nullptr, false, wall_clock_ms());
  EXPECT_TRUE(ready.report.as_object().contains("canary_refused"));
  EXPECT_TRUE(stages_.view(place_, 1)->nodes.empty()) << "it does not say that it decides by it";
  signer_ = 'k';
  begin_draft();
  EXPECT_TRUE(eventually([&] { return here->has_canary(); }));
  EXPECT_TRUE(eventually([&] { return here->served().canary_refused.empty(); }));
}

TEST_P(CanaryKeeperTest, GoesBackWhereItsKeyIsRevoked) {
  const auto here = node();
  begin(closed());
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  is_revoked_ = true;
  EXPECT_TRUE(refuses(*here, "counts no more"));
  EXPECT_FALSE(here->has_canary());
  EXPECT_TRUE(is_allowed(*here, "7"));
}

TEST_P(CanaryKeeperTest, BelievesNoRow) {
  const auto here = node();
  const pap::CanaryStage stage = begin(closed());
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  // Somebody who can write to the database has what was stopped go on.
  ASSERT_TRUE(stages_.stop(by(), "production", stage.number));
  ASSERT_TRUE(eventually([&] { return !here->has_canary(); }));
  statement("UPDATE policy_canary SET ended = 'running'");
  EXPECT_TRUE(refuses(*here, "has ended here"));
  // And gives it the serial that would come next.
  statement("UPDATE policy_canary SET serial = 9");
  kept_file_ += ".there";
  const auto there = node("b");
  EXPECT_TRUE(refuses(*there, "the serial 9"));
  EXPECT_FALSE(there->has_canary());
  // What was signed for a ward is not for all.
  statement(
      "INSERT INTO policy_activation SELECT tenant, environment, 2, content, draft, cause, person, "
      "reason, envelope, made_ms, made_ms, ends_ms, NULL FROM policy_canary");
  EXPECT_TRUE(eventually([&] { return here->served().refused.contains("a canary"); }))
      << here->served().refused;
  EXPECT_TRUE(is_allowed(*here, "7"));
}

TEST_P(CanaryKeeperTest, GoesBackWhereTheRowCannotBeRead) {
  const auto here = node();
  begin(closed());
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  statement("UPDATE policy_canary SET envelope = 'x'");
  EXPECT_TRUE(refuses(*here, "cannot be read"));
  EXPECT_FALSE(here->has_canary());
  EXPECT_TRUE(is_allowed(*here, "7"));
}

TEST_P(CanaryKeeperTest, EndsWhenItsTimeIsOver) {
  const auto here = node();
  begin(closed());
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  ahead_ = kDay + 1000;
  EXPECT_TRUE(eventually([&] { return !here->has_canary(); }));
  EXPECT_TRUE(eventually([&] { return end_of(1) == pap::CanaryEnd::kExpired; }));
  EXPECT_TRUE(is_allowed(*here, "7"));
}

TEST_P(CanaryKeeperTest, StopsByItselfWhereAllNodesTogetherDifferTooMuch) {
  const auto here = node();
  kept_file_ += ".there";
  const auto there = node("b");
  begin(closed(), {.count = 4, .permille = 0});
  ASSERT_TRUE(eventually([&] { return here->has_canary() && there->has_canary(); }));
  differ(*here, 3);
  EXPECT_TRUE(eventually([&] { return stages_.view(place_, 1)->total().lost == 3; }));
  EXPECT_TRUE(here->has_canary());
  differ(*there, 2);
  EXPECT_TRUE(eventually([&] { return !here->has_canary() && !there->has_canary(); }));
  EXPECT_EQ(end_of(1), pap::CanaryEnd::kLimit);
  EXPECT_TRUE(is_allowed(*here, "7"));
  const auto total = stages_.view(place_, 1)->total();
  ASSERT_EQ(total.kinds.size(), 1U);
  EXPECT_EQ(total.kinds.front().decision_id, "an-id");
  EXPECT_EQ(total.kinds.front().policies, std::vector<std::string>{"closed"});
}

TEST_P(CanaryKeeperTest, EndsWithWhatItStandsBeside) {
  const auto here = node();
  begin(closed());
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  const auto made =
      activations_->activate(by(), draft_, {.cause = pap::ActivationCause::kSingleHanded});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(here->follower->wait_for(place_, made->serial, std::chrono::seconds(30)));
  EXPECT_FALSE(here->has_canary()) << "all or a part, and never both";
  EXPECT_FALSE(is_allowed(*here, "8"));
  EXPECT_EQ(end_of(1), pap::CanaryEnd::kInForce);
  begin(content("open again"));
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  EXPECT_TRUE(is_allowed(*here, "7"));
  const std::uint64_t back = roll_back(made->serial).serial;
  EXPECT_TRUE(here->follower->wait_for(place_, back, std::chrono::seconds(30)));
  EXPECT_FALSE(here->has_canary());
  EXPECT_FALSE(is_allowed(*here, "7"));
}

TEST_P(CanaryKeeperTest, EndsWhenWhatWasPlannedBegins) {
  const auto here = node();
  const pap::CanaryStage stage = begin(closed());
  activate(content("planned"), now() + kDay / 2);
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  ahead_ = kDay / 2 + 1000;
  EXPECT_TRUE(eventually([&] { return end_of(stage.number) == pap::CanaryEnd::kSuperseded; }));
  EXPECT_FALSE(here->has_canary());
}

TEST_P(CanaryKeeperTest, EndsWhenWhatWasPlannedBeforeItBegins) {
  const auto here = node();
  activate(content("planned"), now() + kDay / 2);
  const pap::CanaryStage stage = begin(closed());
  EXPECT_GT(stage.serial, 2U) << "above what is to come";
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  ahead_ = kDay / 2 + 1000;
  EXPECT_TRUE(eventually([&] { return end_of(stage.number) == pap::CanaryEnd::kSuperseded; }));
  EXPECT_FALSE(here->has_canary());
  EXPECT_EQ(here->served().canary_refused, "");
}

TEST_P(CanaryKeeperTest, StandsBesideOneSnapshotAndFollowsIt) {
  const auto here = node();
  begin(closed());
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  const ServedTenant served = here->served();
  const auto next = pdp::make_snapshot(served.snapshot->rulebook, served.snapshot->entities,
                                       served.snapshot->types, served.snapshot->revision + 1);
  ASSERT_TRUE(next);
  here->world->change([&](World& world) { world.tenants[0].snapshot = *next; });
  EXPECT_TRUE(eventually(
      [&] { return here->has_canary() && here->served().canary->policies->of() == *next; }));
  EXPECT_FALSE(is_allowed(*here, "7"));
  EXPECT_EQ(here->served().canary->policies->tried()->revision, (*next)->revision);
}

TEST_P(CanaryKeeperTest, RefusesPoliciesThatDoNotFit) {
  const auto here = node();
  begin(content("broken", "@id(\"x\") permit (principal, action == Action::\"fly\", resource);\n"));
  EXPECT_TRUE(refuses(*here, "do not fit"));
  EXPECT_TRUE(is_allowed(*here, "7"));
}

TEST_P(CanaryKeeperTest, CountsWhatItRefusesAsLost) {
  const auto here = node();
  begin(closed());
  ASSERT_TRUE(eventually([&] { return here->has_canary(); }));
  Arena arena;
  here->served().canary->compare_refused(request("7"), wall_clock_ms(), arena);
  const pap::ShadowCount count = here->served().canary->tally->count();
  EXPECT_EQ(count.lost, 1U);
  EXPECT_EQ(count.kinds.front().cause, "refused");
}

}  // namespace
}  // namespace wardlock::server
