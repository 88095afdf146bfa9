#include "cedar/compiled/compiled_policies.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cedar/compiled/compiled_evaluator.h"
#include "cedar/parser/parser.h"

namespace wardlock::cedar {
namespace {

/// `User::"u"` is in `Group::"g0"` … `Group::"g9"`; `Doc::"d"` is in nothing.
EntityStore small_store() {
  EntityStore::Builder builder;
  std::vector<const EntityUid*> groups;
  for (int i = 0; i < 10; ++i) groups.push_back(builder.intern("Group", fmt::format("g{}", i)));
  const std::vector<Field> fields = {{"level", Value::integer(3)}, {"name", Value::string("ann")}};
  EXPECT_TRUE(builder.add({.uid = builder.intern("User", "u"),
                           .attributes = fields,
                           .parents = builder.arena().copy(groups)}));
  EXPECT_TRUE(builder.add({.uid = builder.intern("Doc", "d")}));
  auto store = std::move(builder).build();
  EXPECT_TRUE(store);
  return std::move(*store);
}

PolicySet parse(const std::string& text) {
  auto policies = parse_policies(text);
  EXPECT_TRUE(policies) << text;
  return std::move(*policies);
}

class CompiledPoliciesTest : public testing::Test {
 protected:
  Arena arena_;
  EntityStore store_ = small_store();
  Request request_{make_uid(arena_, "User", "u"), make_uid(arena_, "Action", "view"),
                   make_uid(arena_, "Doc", "d")};

  std::vector<std::uint32_t> candidates(const CompiledPolicies& compiled, StepBudget& budget) {
    RequestEntities entities(request_, store_);
    const auto found = compiled.candidates(entities, arena_, budget);
    return {found.begin(), found.end()};
  }

  Evaluated<bool> holds(const std::string& condition, StepBudget budget = StepBudget()) {
    const PolicySet policies =
        parse(fmt::format("permit (principal, action, resource) when {{ {} }};", condition));
    const auto compiled = CompiledPolicies::compile(policies.policies(), {.entities = &store_});
    RequestEntities entities(request_, store_);
    CompiledEvaluator evaluator(compiled, request_, entities, arena_, budget);
    auto answer = evaluator.conditions_hold(0);
    if (!answer) message_ = answer.error().message();  // it borrows from the policies
    return answer;
  }
  std::string message_;
};

/// `count` policies for groups, of which the user is in the first ten, and one for all.
PolicySet policies_of_groups(int count) {
  std::string text = "permit (principal, action, resource);";
  for (int i = 0; i < count; ++i) {
    text += fmt::format("permit (principal in Group::\"g{}\", action, resource is Doc);", i);
  }
  return parse(text);
}

std::uint64_t steps_taken(StepBudget budget, std::uint64_t of) {
  std::uint64_t left = 0;
  while (budget.take()) ++left;
  return of - left;
}

TEST_F(CompiledPoliciesTest, CandidatesAreFoundAmongAnyNumber) {
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i <= 10; ++i) expected.push_back(i);
  for (const int count : {10, 63, 64, 65, 1000}) {
    const PolicySet policies = policies_of_groups(count);
    const auto compiled = CompiledPolicies::compile(policies.policies(), {.entities = &store_});
    StepBudget budget;
    EXPECT_EQ(candidates(compiled, budget), expected) << count;
  }
}

TEST_F(CompiledPoliciesTest, CandidatesCostWhatMatchesNotWhatThereIs) {
  constexpr std::uint64_t kSteps = 10'000;
  std::vector<std::uint64_t> taken;
  for (const int count : {100, 20'000}) {
    const PolicySet policies = policies_of_groups(count);
    const auto compiled = CompiledPolicies::compile(policies.policies(), {.entities = &store_});
    StepBudget budget(kSteps);
    EXPECT_EQ(candidates(compiled, budget).size(), 11U);
    taken.push_back(steps_taken(budget, kSteps));
  }
  EXPECT_EQ(taken[0], taken[1]);
}

TEST_F(CompiledPoliciesTest, PoliciesAreKeptWhereFewestAre) {
  // All share the action and the resource's type; each has a principal of its own.
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += fmt::format(
        "permit (principal == User::\"{}\", action == Action::\"view\", resource is Doc);",
        i == 500 ? "u" : fmt::format("u{}", i));
  }
  const PolicySet policies = parse(text);
  const auto compiled = CompiledPolicies::compile(policies.policies());
  StepBudget budget(10);
  EXPECT_EQ(candidates(compiled, budget), std::vector<std::uint32_t>{500});
  EXPECT_FALSE(budget.is_used_up());
}

TEST_F(CompiledPoliciesTest, APolicyThatListsActionsIsFoundOnce) {
  std::string text =
      "permit (principal, action in [Action::\"view\", Action::\"view\", Action::\"x\"], "
      "resource);";
  for (int i = 0; i < 100; ++i) {
    text += fmt::format("permit (principal, action == Action::\"a{}\", resource);", i);
  }
  const PolicySet policies = parse(text);
  const auto compiled = CompiledPolicies::compile(policies.policies());
  StepBudget budget;
  EXPECT_EQ(candidates(compiled, budget), std::vector<std::uint32_t>{0});
}

TEST_F(CompiledPoliciesTest, ALookupThatUsesUpTheBudgetSaysSo) {
  for (const int count : {10, 1000}) {
    const PolicySet policies = policies_of_groups(count);
    const auto compiled = CompiledPolicies::compile(policies.policies());
    StepBudget budget(3);
    candidates(compiled, budget);
    EXPECT_TRUE(budget.is_used_up()) << count;
  }
}

TEST_F(CompiledPoliciesTest, ConditionsHoldOrDoNot) {
  EXPECT_TRUE(*holds("principal.level == 3 && principal.name like \"a*\""));
  EXPECT_TRUE(*holds("principal has level && !(principal has absent)"));
  EXPECT_TRUE(*holds("if principal.level > 2 then principal in Group::\"g3\" else 1"));
  EXPECT_TRUE(*holds("[principal.level, 7].containsAny([3])"));
  EXPECT_TRUE(*holds("{a: principal.level}.a * 2 - 1 == 5"));
  EXPECT_FALSE(*holds("principal is Doc || resource in principal"));
  EXPECT_FALSE(*holds("principal is User in Group::\"g10\""));
}

TEST_F(CompiledPoliciesTest, ConstantsErrOnlyWhereTheyAreReached) {
  EXPECT_FALSE(*holds("false && ip(\"nonsense\").isIpv4()"));
  EXPECT_TRUE(*holds("true || 9223372036854775807 + 1 == 0"));
  EXPECT_TRUE(*holds("if true then true else decimal(\"x\").lessThan(decimal(\"1.0\"))"));
  EXPECT_FALSE(holds("ip(\"nonsense\").isIpv4() && false"));
  EXPECT_FALSE(holds("9223372036854775807 + 1 == 0 || true"));
  EXPECT_FALSE(holds("[1, -9223372036854775808 - 1].contains(1)"));
}

TEST_F(CompiledPoliciesTest, ErrorsSayWhatTheEvaluatorSays) {
  ASSERT_FALSE(holds("principal.absent == 1"));
  EXPECT_EQ(message_, "`User::\"u\"` has no attribute `absent`; test it with `has` first");
  ASSERT_FALSE(holds("1 < principal.name"));
  EXPECT_EQ(message_, "expected long, found string");
  ASSERT_FALSE(holds("principal.level && true"));
  EXPECT_EQ(message_, "expected bool, found long");
  ASSERT_FALSE(holds("principal in [resource, 1]"));
  ASSERT_FALSE(holds("context.absent"));
  ASSERT_FALSE(holds("Doc::\"gone\".x == 1"));
  ASSERT_FALSE(holds("1.contains(1)"));
  ASSERT_FALSE(holds("[1].containsAll(1)"));
  ASSERT_FALSE(holds("1 has a"));
  ASSERT_FALSE(holds("1 is User"));
  ASSERT_FALSE(holds("principal.hasTag(1)"));
  ASSERT_FALSE(holds("principal.getTag(\"t\") == 1"));
  ASSERT_FALSE(holds("decimal(\"1.0\", \"2.0\") == 1"));
}

TEST_F(CompiledPoliciesTest, ConditionsTakeStepsForWhatIsEvaluatedOnly) {
  std::string guarded = "principal.level == 4", evaluated = "principal.level == 3";
  for (int i = 0; i < 100; ++i) {
    guarded += " && principal.level == 4";
    evaluated += " && principal.level == 3";
  }
  StepBudget few(10);
  EXPECT_FALSE(*holds(guarded, few));
  // Whatever it answers counts for nothing; this error is the Evaluator's for a used-up budget.
  EXPECT_FALSE(holds(evaluated, few));
  EXPECT_TRUE(*holds(evaluated, StepBudget(200)));
}

TEST_F(CompiledPoliciesTest, EntitiesOfTheCompilationNeedNotBeThoseOfTheDecision) {
  const PolicySet policies = parse(
      "permit (principal in Group::\"g1\", action, resource) when { principal in Group::\"g9\" };");
  const EntityStore other = small_store();
  const auto compiled = CompiledPolicies::compile(policies.policies(), {.entities = &other});
  StepBudget budget;
  ASSERT_EQ(candidates(compiled, budget).size(), 1U);
  RequestEntities entities(request_, store_);
  CompiledEvaluator evaluator(compiled, request_, entities, arena_, budget);
  EXPECT_TRUE(*evaluator.conditions_hold(0));
}

TEST_F(CompiledPoliciesTest, EqualConditionsHaveOneProgram) {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += fmt::format(
        "permit (principal == User::\"{}\", action, resource)"
        " when {{ principal.level > 1 && principal.name like \"a*\" }} unless {{ context.x }};",
        i);
  }
  const PolicySet many = parse(text), one = parse(text.substr(0, text.find(';') + 1));
  const auto of_many = CompiledPolicies::compile(many.policies());
  const auto of_one = CompiledPolicies::compile(one.policies());
  EXPECT_EQ(of_many.program().code.size(), of_one.program().code.size());
  EXPECT_EQ(of_many.program().constants.size(), of_one.program().constants.size());
  const PolicySet other = parse(
      "permit (principal, action, resource) when { principal.level > 1 };"
      "permit (principal, action, resource) when { principal.level > 2 };"
      "permit (principal, action, resource) unless { principal.level > 1 };");
  const auto compiled = CompiledPolicies::compile(other.policies());
  EXPECT_NE(compiled.entry(0), compiled.entry(1));
  EXPECT_NE(compiled.entry(0), compiled.entry(2));
}

TEST_F(CompiledPoliciesTest, NoPoliciesHaveNoCandidates) {
  const auto compiled = CompiledPolicies::compile({});
  StepBudget budget;
  EXPECT_EQ(compiled.size(), 0U);
  EXPECT_TRUE(candidates(compiled, budget).empty());
}

}  // namespace
}  // namespace wardlock::cedar
