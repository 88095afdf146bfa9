#include "server/shadow.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pdp/snapshot.h"

namespace wardlock::server {
namespace {

constexpr std::string_view kWard =
    "entity User; entity Ward; action view, edit appliesTo { principal: User, resource: Ward };";

class ShadowTest : public testing::Test {
 protected:
  static std::shared_ptr<const pdp::Snapshot> snapshot(const std::string& policies) {
    const auto built = pdp::build_snapshot({.policies = {{"p.cedar", policies}},
                                            .schemas = {{"s.cedarschema", std::string(kWard)}},
                                            .entities = pdp::Source{"e.json", "[]"}},
                                           pdp::Mode::kStrict);
    EXPECT_TRUE(built) << built.error().message;
    return *built;
  }
  Shadow shadow(const std::string& policies, const authn::Quota& most = {1000, 1000},
                pap::ShadowCount before = {}) {
    return {.stage = {},
            .of = in_use_,
            .snapshot = snapshot(policies),
            .tally = std::make_shared<ShadowTally>(std::move(before), most)};
  }
  bool ask(const Shadow& shadow, std::string_view action) { return ask(shadow, action, *in_use_); }
  bool ask(const Shadow& shadow, std::string_view action, const pdp::Snapshot& in_use,
           std::string_view who = "ann") {
    const pdp::AccessRequest request{.principal = {"User", who},
                                     .action = action,
                                     .resource = {"Ward", "7"},
                                     .grant = {},
                                     .caller = &caller_};
    const auto decision = pdp::decide(in_use, request, kNow, arena_);
    EXPECT_TRUE(decision) << decision.error().message;
    const bool is_allowed = decision->is_allowed;
    shadow.compare(in_use, request, *decision, "an-id", kNow, arena_);
    EXPECT_EQ(decision->is_allowed, is_allowed) << "it has no effect";
    return is_allowed;
  }

  static constexpr std::int64_t kNow = 1'700'000'000'000;
  const pdp::Caller caller_ = pdp::Caller::unrestricted("gateway");
  Arena arena_;
  const std::shared_ptr<const pdp::Snapshot> in_use_ =
      snapshot(R"(@id("views") permit (principal, action == Action::"view", resource);)");
};

TEST_F(ShadowTest, CountsWhatWouldBeDecidedOtherwise) {
  const Shadow edits =
      shadow(R"(@id("e") permit (principal, action == Action::"edit", resource);)");
  EXPECT_TRUE(ask(edits, "view"));
  EXPECT_TRUE(ask(edits, "view"));
  EXPECT_FALSE(ask(edits, "edit"));
  const pap::ShadowCount count = edits.tally->count();
  EXPECT_EQ(count.compared, 3U);
  EXPECT_EQ(count.lost, 2U);
  EXPECT_EQ(count.gained, 1U);
  EXPECT_EQ(count.skipped, 0U);
}

TEST_F(ShadowTest, GivesAnExampleOfEachKindThatNamesNobody) {
  const Shadow none = shadow(R"(forbid (principal, action, resource);)");
  ask(none, "view");
  ask(none, "view");
  const pap::ShadowCount count = none.tally->count();
  const std::vector<pap::ShadowDifference> kinds = {{.who = "User",
                                                     .action = "view",
                                                     .resource_type = "Ward",
                                                     .count = 2,
                                                     .decision_id = "an-id",
                                                     .policies = {"views"},
                                                     .cause = "forbid"}};
  EXPECT_EQ(count.kinds, kinds);
}

TEST_F(ShadowTest, SaysWhichGroupsGainAndLose) {
  constexpr std::string_view kPeople = R"([
    {"uid": {"type": "User", "id": "ann"}, "attrs": {}, "parents": [{"type": "Role", "id": "Nurse"}]},
    {"uid": {"type": "User", "id": "bo"}, "attrs": {}, "parents": []},
    {"uid": {"type": "Role", "id": "Nurse"}, "attrs": {}, "parents": []}])";
  constexpr std::string_view kRoles =
      "entity Role; entity User in [Role]; entity Ward; action view, edit appliesTo { principal: "
      "User, resource: Ward };";
  const auto made = [&](const std::string& policies) {
    const auto built =
        pdp::build_snapshot({.policies = {{"p.cedar", policies}},
                             .schemas = {{"s.cedarschema", std::string(kRoles)}},
                             .entities = pdp::Source{"e.json", std::string(kPeople)}},
                            pdp::Mode::kStrict);
    EXPECT_TRUE(built) << built.error().message;
    return *built;
  };
  const auto in_use = made(R"(permit (principal, action == Action::"view", resource);)");
  const Shadow nurses{
      .stage = {},
      .of = in_use,
      .snapshot = made(R"(permit (principal in Role::"Nurse", action, resource);)"),
      .tally = std::make_shared<ShadowTally>(pap::ShadowCount(), authn::Quota{1000, 1000})};
  ask(nurses, "edit", *in_use);
  ask(nurses, "view", *in_use);
  ask(nurses, "view", *in_use, "bo");
  ask(nurses, "view", *in_use, "bo");
  const auto kinds = nurses.tally->count().kinds;
  ASSERT_EQ(kinds.size(), 2U);
  EXPECT_EQ(kinds[0].who, "User") << "the most frequent first";
  EXPECT_EQ(kinds[0].count, 2U);
  EXPECT_FALSE(kinds[0].is_gain);
  EXPECT_EQ(kinds[1].who, "Role::\"Nurse\"");
  EXPECT_EQ(kinds[1].action, "edit");
  EXPECT_TRUE(kinds[1].is_gain);
}

TEST_F(ShadowTest, TellsOnlySoManyKindsApart) {
  pap::ShadowCount before;
  for (std::size_t i = 0; i < pap::kMostShadowKinds; ++i) {
    before.kinds.push_back(
        {.who = std::to_string(i), .action = {}, .resource_type = {}, .count = 1});
  }
  const Shadow none = shadow("forbid (principal, action, resource);", {1000, 1000}, before);
  ask(none, "view");
  EXPECT_EQ(none.tally->count().lost, 1U) << "it is counted";
  EXPECT_EQ(none.tally->count().kinds.size(), pap::kMostShadowKinds);
}

TEST_F(ShadowTest, CountsNothingThatIsTheSame) {
  const Shadow same = shadow("permit (principal, action == Action::\"view\", resource);");
  ask(same, "view");
  ask(same, "edit");
  EXPECT_EQ(same.tally->count().compared, 2U);
  EXPECT_EQ(same.tally->count().differing(), 0U);
}

TEST_F(ShadowTest, CostsAtMostSoManyQuestionsASecond) {
  const Shadow dear = shadow("forbid (principal, action, resource);", {1, 2});
  for (int i = 0; i < 10; ++i) ask(dear, "view");
  const pap::ShadowCount count = dear.tally->count();
  EXPECT_EQ(count.compared + count.skipped, 10U);
  EXPECT_GE(count.skipped, 6U);
  EXPECT_EQ(count.lost, count.compared);
}

TEST_F(ShadowTest, ComparesNothingOverOtherData) {
  const Shadow none = shadow("forbid (principal, action, resource);");
  const auto changed = snapshot("permit (principal, action, resource);");
  ask(none, "view", *changed);
  EXPECT_EQ(none.tally->count().skipped, 1U);
  EXPECT_EQ(none.tally->count().compared, 0U);
}

TEST_F(ShadowTest, TakesAQuestionItDoesNotKnowForADenial) {
  const auto built = pdp::build_snapshot(
      {.policies = {{"p.cedar", "permit (principal, action, resource);"}},
       .schemas = {{"s.cedarschema",
                    "entity User; entity Ward; action edit appliesTo { principal: User, "
                    "resource: Ward };"}},
       .entities = pdp::Source{"e.json", "[]"}},
      pdp::Mode::kStrict);
  ASSERT_TRUE(built) << built.error().message;
  Shadow without = shadow("forbid (principal, action, resource);");
  without.snapshot = *built;
  ask(without, "view");
  EXPECT_EQ(without.tally->count().lost, 1U);
  EXPECT_EQ(without.tally->count().kinds.at(0).cause, "refused");
}

TEST_F(ShadowTest, GoesOnFromAnEarlierStart) {
  const Shadow none =
      shadow("forbid (principal, action, resource);", {1000, 1000},
             {.compared = 100,
              .skipped = 1,
              .gained = 2,
              .lost = 3,
              .kinds = {{.who = "User", .action = "view", .resource_type = "Ward", .count = 3}}});
  ask(none, "view");
  const pap::ShadowCount count = none.tally->count();
  EXPECT_EQ(count.compared, 101U);
  EXPECT_EQ(count.lost, 4U);
  EXPECT_EQ(count.gained, 2U);
  ASSERT_EQ(count.kinds.size(), 1U);
  EXPECT_EQ(count.kinds.front().count, 4U);
}

TEST_F(ShadowTest, IsCarriedAlongWithTheData) {
  const Shadow none = shadow("forbid (principal, action, resource);");
  const auto same_row =
      pdp::make_snapshot(none.snapshot->rulebook, none.snapshot->entities, none.snapshot->types, 9);
  ASSERT_TRUE(same_row);
  const auto carried = none.over(*same_row);
  ASSERT_NE(carried, nullptr);
  EXPECT_EQ(carried->of, *same_row);
  EXPECT_EQ(carried->tally, none.tally);
  EXPECT_EQ(none.over(snapshot("permit (principal, action, resource);")), nullptr)
      << "of entities that were read anew";
}

}  // namespace
}  // namespace wardlock::server
