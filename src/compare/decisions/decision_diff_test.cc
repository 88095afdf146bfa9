#include "compare/decisions/decision_diff.h"

#include <fmt/format.h>

#include "compare/decisions/two_sets_for_test.h"

namespace wardlock::compare {
namespace {

using testing::Test;

constexpr char kLabs[] = R"(
  @id("clinicians") permit (principal in Role::"Clinician", action, resource is Chart);
  @id("labs") permit (principal in Role::"Physician", action == Action::"view", resource is LabReport);
)";
constexpr char kNoLabs[] = R"(
  @id("clinicians") permit (principal in Role::"Clinician", action, resource is Chart);
  @id("labs") permit (principal in Role::"Physician", action == Action::"view", resource is Chart);
)";

DecisionTable compare(const std::string& before, const std::string& after,
                      std::initializer_list<ShortQuestion> questions, DiffLimits limits = {}) {
  const auto one = ward_of(before);
  const auto other = ward_of(after);
  DecisionDiff diff(*one, *other, limits);
  for (const ShortQuestion& question : questions) pose(question, diff);
  return std::move(diff).finish();
}

/// The one kind of change there is.
std::string kind_of(const DecisionTable& table) {
  if (table.groups.size() != 1) return fmt::format("{} groups", table.groups.size());
  return std::string(word_of(table.groups[0].change).name);
}

std::uint64_t left_out(const DecisionTable& table, LeftOut why) {
  return table.left_out[static_cast<std::size_t>(why)].count;
}

TEST(DecisionDiff, NamesNobodyWhereItIsNotTo) {
  const auto find_names = [](DiffLimits limits) {
    const DecisionTable table =
        compare(kLabs, kNoLabs, {{"ada"}, {"bob", "fly"}, {"bob", "view", "Ada"}}, limits);
    std::string all;
    for (const ChangeExample& each : table.groups.at(0).examples) {
      all += each.principal + " " + each.resource + " " + each.refusal;
    }
    for (const LeftOutCount& each : table.left_out) all += " " + each.example;
    return all;
  };
  const std::string named = find_names({});
  EXPECT_TRUE(named.contains("ada") && named.contains("l1")) << named;
  const std::string nameless = find_names({.names_people = false});
  EXPECT_TRUE(nameless.starts_with("User LabReport")) << nameless;
  for (const char* name : {"ada", "bob", "l1"}) EXPECT_FALSE(nameless.contains(name)) << nameless;
}

TEST(DecisionDiff, NamesWhoLosesWhatHowOftenAndWhy) {
  const DecisionTable table = compare(kLabs, kNoLabs,
                                      {{"ada"},
                                       {"ada", "view", "LabReport", "l2"},
                                       {"bob"},
                                       {"cyd"},
                                       {"ada", "view", "Chart"},
                                       {"cyd", "edit", "Chart"},
                                       {"eve"}});
  EXPECT_EQ(table.compared, 7U);
  EXPECT_EQ(table.changed, 4U) << "three lab reports, and who views a chart by another policy";
  EXPECT_EQ(table.count_of(DecisionChange::kLoses), 3U);
  EXPECT_TRUE(table.changes_access());
  ASSERT_EQ(table.groups.size(), 2U);
  const ChangeGroup& lost = table.groups[0];
  EXPECT_EQ(lost.change, DecisionChange::kLoses);
  EXPECT_EQ(lost.role, "Role::\"Physician\"") << "and not the clinician that each is, too";
  EXPECT_EQ(lost.action, "view");
  EXPECT_EQ(lost.resource_type, "LabReport");
  EXPECT_EQ(lost.count, 3U);
  EXPECT_EQ(lost.people, 2U);
  EXPECT_FALSE(lost.are_people_fewest);
  EXPECT_EQ(lost.before.cause, "permit");
  EXPECT_EQ(lost.before.policies, std::vector<std::string>{"labs"});
  EXPECT_EQ(lost.after.cause, "no_permit");
  EXPECT_TRUE(lost.after.policies.empty());
  ASSERT_EQ(lost.examples.size(), 3U);
  EXPECT_EQ(lost.examples[0].principal, "User::\"ada\"");
  EXPECT_EQ(lost.examples[0].resource, "LabReport::\"l1\"");
  EXPECT_EQ(lost.examples[0].name, "a test");
  EXPECT_EQ(table.groups[1].change, DecisionChange::kPolicies);
}

TEST(DecisionDiff, CountsWhoAskedForWhatAndWhatCameOfIt) {
  const DecisionTable table =
      compare(kLabs, kNoLabs, {{"ada"}, {"bob"}, {"cyd"}, {"eve"}, {"cyd", "edit", "Chart"}});
  ASSERT_EQ(table.asked.size(), 4U);
  EXPECT_EQ(table.asked[0].role, "Role::\"Clinician\"") << "no policy speaks of nurses";
  EXPECT_EQ(table.asked[0].action, "edit");
  EXPECT_EQ(table.asked[0].allowed_before, 1U);
  const AskedCell& physicians = table.asked[2];
  EXPECT_EQ(physicians.role, "Role::\"Physician\"");
  EXPECT_EQ(physicians.asked, 2U);
  EXPECT_EQ(physicians.allowed_before, 2U);
  EXPECT_EQ(physicians.allowed_after, 0U);
  EXPECT_EQ(table.asked[3].role, "User") << "who is in no role";
}

TEST(DecisionDiff, TellsOtherChangesFromThoseOfTheDecision) {
  const std::string permit = "@id(\"p\") permit (principal, action, resource);";
  const std::string other = "@id(\"q\") permit (principal, action, resource);";
  const std::string forbid = "@id(\"f\") forbid (principal, action, resource);";
  const std::string glass = R"(@id("o") @override("break-glass")
    permit (principal, action, resource) when { context has override };)";
  const std::string masked = R"(@id("m") @obligation("mask-name")
    forbid (principal, action, resource);)";
  const auto kind = [](const std::string& before, const std::string& after) {
    return kind_of(compare(before, after, {{"eve"}}));
  };
  EXPECT_EQ(kind("", permit), "gains");
  EXPECT_EQ(kind(permit, ""), "loses");
  EXPECT_EQ(kind(permit, permit + masked), "loses") << "nobody has said that they mask";
  EXPECT_EQ(kind("", glass), "remedy");
  EXPECT_EQ(kind("", permit + forbid), "cause");
  EXPECT_EQ(kind(permit, other), "policies");
  EXPECT_EQ(kind(permit, permit), "0 groups");
}

TEST(DecisionDiff, OtherObligationsOfAnAllowAreAChangeOfAccess) {
  constexpr char kPermit[] = "@id(\"p\") permit (principal, action, resource);";
  const auto one = ward_of(kPermit);
  const auto other = ward_of(std::string(kPermit) + R"(
    @id("m") @obligation("mask-name") forbid (principal, action, resource);)");
  DecisionDiff diff(*one, *other);
  const pdp::Caller caller = comparing_caller("test");
  constexpr std::array<std::string_view, 1> kFulfils = {"mask-name"};
  pdp::AccessRequest access;
  access.principal = {"User", "eve"};
  access.action = "view";
  access.resource = {"Chart", "c1"};
  access.supported_obligations = kFulfils;
  access.caller = &caller;
  diff.take({.access = access});
  const DecisionTable table = std::move(diff).finish();
  EXPECT_EQ(kind_of(table), "obligations");
  EXPECT_TRUE(table.changes_access());
  EXPECT_EQ(table.groups[0].after.obligations, std::vector<std::string>{"mask-name"});
}

TEST(DecisionDiff, SigningInOtherwiseIsARemedyThatDiffers) {
  const auto demand = [](int level) {
    return fmt::format(R"(permit (principal, action, resource)
      when {{ context has authentication && context.authentication.level >= {} }};)",
                       level);
  };
  const DecisionTable table = compare(demand(2), demand(3), {{.principal = "eve", .level = 1}});
  EXPECT_EQ(kind_of(table), "remedy");
  EXPECT_EQ(table.groups[0].before.step_up, "2");
  EXPECT_EQ(table.groups[0].after.step_up, "3");
  EXPECT_FALSE(table.changes_access());
}

TEST(DecisionDiff, WhatOneSetRefusesToDecideIsAChangeAndWhatBothRefuseIsLeftOut) {
  constexpr char kPermit[] = "permit (principal, action, resource);";
  constexpr char kFewer[] = R"(entity Role in [Role]; entity User in [Role]; entity Chart;
    action view appliesTo { principal: User, resource: Chart };)";
  const auto one = ward_of(kPermit);
  const auto other = ward_of(kPermit, kFewer);
  DecisionDiff diff(*one, *other);
  pose({"ada"}, diff);
  pose({"ada", "view", "Nothing"}, diff);
  const DecisionTable table = std::move(diff).finish();
  EXPECT_EQ(kind_of(table), "cannot_be_asked");
  EXPECT_EQ(table.groups[0].after.decision(), "refused");
  EXPECT_FALSE(table.groups[0].examples[0].refusal.empty());
  EXPECT_EQ(table.compared, 1U);
  EXPECT_EQ(left_out(table, LeftOut::kUnanswerable), 1U);
  const auto& example = table.left_out[static_cast<std::size_t>(LeftOut::kUnanswerable)].example;
  EXPECT_TRUE(example.starts_with("a test: ")) << example;
  EXPECT_TRUE(example.contains("Nothing")) << example;
}

TEST(DecisionDiff, WhatTheActiveSetDoesNotReproduceIsCountedAndNotCompared) {
  const auto active = ward_of(kLabs);
  const std::string set = active->policy_set();
  const RecordedAnswer allowed{.is_allowed = true, .policy_set = set};
  const RecordedAnswer denied{.is_allowed = false, .policy_set = set};
  const RecordedAnswer long_ago{.is_allowed = false, .policy_set = "sha256:0"};
  const DecisionTable table =
      compare(kLabs, kNoLabs,
              {{.principal = "ada", .recorded = allowed},
               {.principal = "ada", .recorded = denied},
               {.principal = "ada", .recorded = long_ago},
               {.principal = "ada", .type = "Nothing", .recorded = allowed}});
  EXPECT_EQ(table.compared, 1U);
  EXPECT_EQ(table.count_of(DecisionChange::kLoses), 1U);
  EXPECT_EQ(left_out(table, LeftOut::kNotReproduced), 1U);
  EXPECT_EQ(left_out(table, LeftOut::kOtherPolicies), 1U);
  EXPECT_EQ(left_out(table, LeftOut::kUnanswerable), 1U);
  EXPECT_EQ(table.all_left_out(), 3U);
}

TEST(DecisionDiff, WhatWasDecidedByOtherPoliciesIsComparedWhereThoseInForceAgree) {
  const DecisionTable table = compare(
      kLabs, kNoLabs,
      {{.principal = "ada", .recorded = RecordedAnswer{.is_allowed = true, .policy_set = "old"}}});
  EXPECT_EQ(table.count_of(DecisionChange::kLoses), 1U);
  EXPECT_EQ(table.all_left_out(), 0U);
}

TEST(DecisionDiff, KeepsNoMoreThanItsLimitsAndSaysWhatItDoesNotShow) {
  const DecisionTable table =
      compare(kLabs, kNoLabs, {{"ada"}, {"ada"}, {"bob"}, {"ada", "view", "Chart"}, {"cyd"}},
              {.max_groups = 1,
               .max_cells = 2,
               .max_examples = 1,
               .max_example_bytes = 8,
               .max_people = 1});
  EXPECT_EQ(table.changed, 4U);
  ASSERT_EQ(table.groups.size(), 1U);
  EXPECT_EQ(table.ungrouped[static_cast<std::size_t>(DecisionChange::kPolicies)], 1U);
  EXPECT_EQ(table.groups[0].count, 3U);
  EXPECT_EQ(table.groups[0].people, 1U);
  EXPECT_TRUE(table.groups[0].are_people_fewest);
  ASSERT_EQ(table.groups[0].examples.size(), 1U);
  EXPECT_EQ(table.groups[0].examples[0].principal, "User::\"a…");
  EXPECT_EQ(table.asked.size(), 2U);
  EXPECT_EQ(table.asked_elsewhere, 1U);
}

TEST(DecisionDiff, AGroupOfManyPoliciesIsCountedAndNotKept) {
  const DecisionTable table = compare(kLabs, kNoLabs, {{"ada"}}, {.max_group_bytes = 10});
  EXPECT_TRUE(table.groups.empty());
  EXPECT_EQ(table.ungrouped[static_cast<std::size_t>(DecisionChange::kLoses)], 1U);
  EXPECT_TRUE(table.changes_access());
}

TEST(DecisionDiff, GoesOnWithOtherEntities) {
  const auto one = ward_of(kLabs), other = ward_of(kNoLabs);
  constexpr char kOthers[] = R"([{"uid": {"type": "User", "id": "eve"}, "attrs": {},
    "parents": [{"type": "Role", "id": "Physician"}]}])";
  const auto next_one = ward_of(kLabs, kWardSchema, kOthers);
  const auto next_other = ward_of(kNoLabs, kWardSchema, kOthers);
  DecisionDiff diff(*one, *other);
  pose({"eve"}, diff);
  diff.ask_of(*next_one, *next_other);
  pose({"eve"}, diff);
  pose({"ada"}, diff);
  const DecisionTable table = std::move(diff).finish();
  EXPECT_EQ(table.compared, 3U);
  EXPECT_EQ(table.changed, 1U) << "eve has become a physician, and ada is none any more";
  EXPECT_EQ(table.groups[0].role, "Role::\"Physician\"");
}

}  // namespace
}  // namespace wardlock::compare
