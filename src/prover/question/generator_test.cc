#include "prover/question/generator.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "codec/json.h"

namespace wardlock::prover {
namespace {

constexpr std::string_view kSchema = R"(
  entity Role;
  entity User in [Role] = { level: Long, boss?: User };
  entity Chart = { owner: User, sealed: Bool };
  action view, edit appliesTo { principal: User, resource: Chart, context: { rate: Long } };
)";

Result<Trial> trial_of(std::string_view policies) {
  return Trial::create({.policies = {{"p.cedar", std::string(policies)}},
                        .schemas = {{"s.cedarschema", std::string(kSchema)}}});
}

/// `policy part outcome why` of what was not reached.
std::vector<std::string> unreached(const GeneratedQuestions& generated) {
  std::vector<std::string> out;
  for (const UnreachedGoal& each : generated.unreached) {
    const bool is_part = each.goal.kind == Goal::Kind::kPart;
    out.push_back(is_part ? fmt::format("{} {} {} {}", each.goal.policy, each.goal.text,
                                        each.goal.outcome, to_string(each.why))
                          : fmt::format("{} {}", each.goal.policy, to_string(each.why)));
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(Questions, ReachEveryConditionBothWays) {
  const auto trial = trial_of(R"(
    @id("a") permit (principal in Role::"x", action == Action::"view", resource)
    when { principal has boss && principal.boss == resource.owner || resource.owner.level > 7 }
    unless { resource.sealed };
    @id("b") @obligation("mask") forbid (principal, action, resource)
    when { if context.rate > 3 then principal.level == 2 else !resource.sealed };
  )");
  ASSERT_TRUE(trial);
  const GeneratedQuestions generated = generate_questions(*trial);
  EXPECT_EQ(unreached(generated), Texts{});
  // Two policies; the scope's two parts and three leaves of one, four of the other.
  EXPECT_EQ(generated.goals, 2 + 2 * (2 + 4 + 3));
  EXPECT_EQ(generated.reached(), generated.goals);
  EXPECT_LT(generated.questions.size(), generated.goals);
}

TEST(Questions, TellWhatNoneCanReach) {
  const auto trial = trial_of(R"(
    @id("a") permit (principal, action, resource) when { context.rate > 3 && context.rate < 3 };
    @id("b") permit (principal, action, resource) when { resource.sealed };
    @id("c") forbid (principal, action, resource) when { resource.sealed };
  )");
  ASSERT_TRUE(trial);
  EXPECT_EQ(unreached(generate_questions(*trial)),
            (Texts{"a impossible", "a context.rate < 3 true impossible", "b impossible"}));
}

TEST(Questions, TellWhatTheyDidNotManage) {
  const auto trial = trial_of(R"(
    @id("a") permit (principal, action, resource) when { context.rate * context.rate == 7 };
  )");
  ASSERT_TRUE(trial);
  EXPECT_EQ(unreached(generate_questions(*trial)),
            (Texts{"a not_made", "a context.rate * context.rate == 7 true not_made"}));
  const GeneratedQuestions hasty = generate_questions(*trial, {.budget = 1});
  EXPECT_EQ(hasty.count(Unreached::kOutOfBudget), hasty.unreached.size());
  EXPECT_FALSE(hasty.unreached.empty());
}

TEST(Questions, AreTheSameForOneSeed) {
  const auto trial = trial_of(R"(
    @id("a") permit (principal, action, resource) when { context.rate > 3 } unless { resource.sealed };
  )");
  ASSERT_TRUE(trial);
  const auto text = [&](std::uint64_t seed) {
    std::string out;
    for (const World& each : generate_questions(*trial, {.seed = seed}).questions) {
      out += codec::to_json_text(question_json(each, {})) + codec::to_json_text(each.entities);
    }
    return out;
  };
  EXPECT_EQ(text(1), text(1));
  EXPECT_FALSE(text(1).empty());
}

pdp::Source hospital_file(const std::string& name) {
  std::ifstream file(fmt::format("{}/policies/hospital/{}", WARDLOCK_SOURCE_DIR, name));
  std::ostringstream text;
  text << file.rdbuf();
  return {name, text.str()};
}

TEST(Questions, CoverTheHospital) {
  pdp::Sources sources{
      .schemas = {hospital_file("hospital.cedarschema"), hospital_file("wardlock.cedarschema")},
      .entities = hospital_file("entities.json")};
  for (const char* name :
       {"administration", "consents", "delegation", "devices", "emergency", "firmware",
        "manufacturers-and-research", "patient-data", "remote-service"}) {
    sources.policies.push_back(hospital_file(fmt::format("{}.cedar", name)));
  }
  const auto trial = Trial::create(sources);
  ASSERT_TRUE(trial) << trial.error().message;
  const GeneratedQuestions generated = generate_questions(*trial);
  for (const UnreachedGoal& each : generated.unreached) {
    if (each.why != Unreached::kImpossible) {
      fmt::print("{} {} {} {}\n", each.goal.policy, each.goal.text, each.goal.outcome,
                 to_string(each.why));
    }
  }
  fmt::print("{} questions reach {} of {} goals; {} are impossible\n", generated.questions.size(),
             generated.reached(), generated.goals, generated.count(Unreached::kImpossible));
  EXPECT_EQ(generated.count(Unreached::kOutOfBudget), 0);
  EXPECT_EQ(generated.count(Unreached::kNotMade), 0);
  EXPECT_GT(generated.reached(), generated.goals * 9 / 10);
}

}  // namespace
}  // namespace wardlock::prover
