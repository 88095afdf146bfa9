#include "prover/world/trial.h"

#include <gtest/gtest.h>

#include "codec/json.h"
#include "prover/world/values.h"

namespace wardlock::prover {
namespace {

constexpr std::string_view kSchema = R"(
  entity Role in [Role];
  entity User in [Role] = { level: Long };
  entity Chart = { owner: User, @source("request") status?: String };
  action view appliesTo { principal: User, resource: Chart, context: { now: datetime, rate: Long } };
)";
constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Role", "id": "named"}, "attrs": {}, "parents": [{"type": "Role", "id": "above"}]},
  {"uid": {"type": "Role", "id": "above"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Role", "id": "other"}, "attrs": {}, "parents": []},
  {"uid": {"type": "User", "id": "somebody"}, "attrs": {"level": 3}, "parents": []}
])";
constexpr std::string_view kPolicies = R"(
  permit (principal in Role::"named", action, resource)
  when { resource.owner == principal && resource has status && resource.status == "final" };
)";

Result<Trial> make_trial(const std::vector<const cedar::EntityUid*>& named = {}) {
  return Trial::create({.policies = {{"p.cedar", std::string(kPolicies)}},
                        .schemas = {{"s.cedarschema", std::string(kSchema)}},
                        .entities = pdp::Source{"entities.json", std::string(kEntities)}},
                       named);
}

boost::json::object entity(std::string_view type, boost::json::object attributes,
                           boost::json::array parents = {}) {
  return {{"uid", {{"type", type}, {"id", "x"}}},
          {"attrs", std::move(attributes)},
          {"parents", std::move(parents)}};
}

World world() {
  World out{.principal = {.type = "User", .id = "x"},
            .action = "Action::\"view\"",
            .resource = {.type = "Chart", .id = "x"}};
  out.context["rate"] = 1;
  out.resource.properties["status"] = "final";
  out.entities.push_back(entity("User", {{"level", 1}}, {{{"type", "Role"}, {"id", "named"}}}));
  out.entities.push_back(entity("Chart", {{"owner", entity_value("User", "x")}}));
  return out;
}

TEST(Trials, GiveWhatIsNamedWithItsGroups) {
  const auto trial = make_trial();
  ASSERT_TRUE(trial);
  EXPECT_EQ(trial->given_count(), 2);
  Arena arena;
  EXPECT_TRUE(trial->knows(*cedar::make_uid(arena, "Role", "other")));
  EXPECT_FALSE(trial->knows(*cedar::make_uid(arena, "Role", "nobody")));
  EXPECT_EQ(make_trial({cedar::make_uid(arena, "Role", "other")})->given_count(), 3);
}

TEST(Trials, DecideAsAnEnforcementPointWouldHaveIt) {
  const auto trial = make_trial();
  ASSERT_TRUE(trial);
  const World whole = world();
  const auto tried = trial->ask(whole);
  ASSERT_TRUE(tried) << tried.error().message;
  EXPECT_TRUE(tried->decision.is_allowed);
  // Where the application speaks of what is its own, the directory's word does not count.
  World draft = world();
  draft.resource.properties["status"] = "draft";
  draft.entities[1].as_object()["attrs"].as_object()["status"] = "final";
  EXPECT_FALSE(trial->ask(draft)->decision.is_allowed);
  World elsewhere = world();
  elsewhere.entities[0].as_object()["parents"].as_array().clear();
  EXPECT_FALSE(trial->ask(elsewhere)->decision.is_allowed);
}

TEST(Trials, RefuseWorldsThatDoNotFit) {
  const auto trial = make_trial();
  ASSERT_TRUE(trial);
  World incomplete = world();
  incomplete.entities[0].as_object()["attrs"].as_object().clear();
  EXPECT_FALSE(trial->ask(incomplete));
  World other_given = world();
  other_given.entities.push_back({{"uid", {{"type", "Role"}, {"id", "named"}}},
                                  {"attrs", boost::json::object()},
                                  {"parents", boost::json::array()}});
  EXPECT_FALSE(trial->ask(other_given));
  World no_context = world();
  no_context.context.clear();
  EXPECT_FALSE(trial->ask(no_context));
  World stranger = world();
  stranger.principal.type = "Role";
  EXPECT_FALSE(trial->ask(stranger));
}

TEST(Trials, TellTheQuestionAsTheCommandLineTakesIt) {
  const auto trial = make_trial();
  ASSERT_TRUE(trial);
  const World asked = world();
  EXPECT_EQ(trial->filled_keys(asked), (std::vector<std::string>{"now"}));
  EXPECT_EQ(codec::to_json_text(question_json(asked, trial->filled_keys(asked))),
            R"({"principal":"User::\"x\"","action":"Action::\"view\"","resource":"Chart::\"x\"",)"
            R"("context":{"rate":1,"now":{"__extn":{"fn":"datetime","arg":)"
            R"("1970-01-01T00:00:00.000Z"}}}})");
}

}  // namespace
}  // namespace wardlock::prover
