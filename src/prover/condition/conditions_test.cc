#include "prover/condition/conditions.h"

#include <gtest/gtest.h>

#include <map>

#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"
#include "codec/json.h"
#include "prover/condition/consistency.h"
#include "prover/condition/search.h"
#include "prover/condition/translation.h"

namespace wardlock::prover {
namespace {

constexpr Outcomes kTrue = Outcomes::is_true();
constexpr Outcomes kFalse = Outcomes::is_false();
constexpr Outcomes kError = Outcomes::is_error();

constexpr std::string_view kSchema = R"(
  entity Role in [Role];
  entity User in [Role] = { boss?: User, level: Long, active: Bool } tags Long;
  entity Ward;
  entity Chart in [Ward] = { owner: User, ward: Ward, team: Set<User>, @source("request") note: String };
  action view appliesTo { principal: User, resource: Chart, context: { rate: Long, why?: String } };
)";
constexpr std::string_view kGiven = R"([
  {"uid": {"type": "Role", "id": "a"}, "attrs": {}, "parents": [{"type": "Role", "id": "b"}]},
  {"uid": {"type": "Role", "id": "b"}, "attrs": {}, "parents": []}
])";

class ConditionsTest : public testing::Test {
 protected:
  ConditionsTest()
      : schema_(std::move(*cedar::parse_schema(kSchema))),
        given_(*cedar::entities_from_json(*codec::parse_json(kGiven), &schema_)) {
    use(EntitiesAre::kAny);
  }

  void use(EntitiesAre entities_are) {
    conditions_.emplace(schema_, cedar::environments_of(schema_).front(), entities_are);
  }
  const Formula* formula(std::string_view text) {
    const auto expr = cedar::parse_expression(text, arena_);
    EXPECT_TRUE(expr) << text;
    return translate(**expr, *conditions_);
  }
  Outcomes possible(std::string_view text) {
    const Formula* made = formula(text);
    return outcomes_of(*made, conditions_->start());
  }
  /// Whether some case is left in which each has the outcome.
  bool may_be(const std::vector<std::pair<std::string_view, Outcomes>>& wanted) {
    std::vector<Requirement> requirements;
    for (const auto& [text, outcome] : wanted) requirements.push_back({formula(text), outcome});
    SearchBudget budget{10'000};
    const SearchEnd end = search(*conditions_, requirements, given_, budget,
                                 [](const Assumptions&, const Consistency&) { return true; });
    EXPECT_NE(end, SearchEnd::kOutOfBudget);
    return end == SearchEnd::kStopped;
  }

  Arena arena_;
  cedar::Schema schema_;
  cedar::EntityStore given_;
  std::optional<Conditions> conditions_;
};

TEST_F(ConditionsTest, AreTakenApartOnce) {
  formula("principal.level > 2 && !(principal.level <= 2)");
  EXPECT_EQ(conditions_->atom_count(), 1);
  formula("principal has boss.level");
  EXPECT_EQ(conditions_->atom_count(), 3);
  formula("principal in [Role::\"a\", Role::\"b\"]");
  EXPECT_EQ(conditions_->atom_count(), 5);
  formula("resource.team.containsAny([principal, principal])");
  EXPECT_EQ(conditions_->atom_count(), 6);
}

TEST_F(ConditionsTest, HaveTheOutcomesThatTypesLeave) {
  EXPECT_EQ(possible("true"), kTrue);
  EXPECT_EQ(possible("principal == resource"), kFalse);
  EXPECT_EQ(possible("principal is User"), kTrue);
  EXPECT_EQ(possible("resource is User"), kFalse);
  EXPECT_EQ(possible("principal == principal"), kTrue);
  EXPECT_EQ(possible("context.rate > 2"), kTrue | kFalse);
  EXPECT_EQ(possible("context has rate"), kTrue);
  EXPECT_EQ(possible("context has why"), kTrue | kFalse);
  EXPECT_EQ(possible("context has nothing"), kFalse);
  EXPECT_EQ(possible("context.why == \"\""), Outcomes::all());
  EXPECT_EQ(possible("principal.active"), Outcomes::all());
  EXPECT_EQ(possible("principal has active"), kTrue | kFalse);
  EXPECT_EQ(possible("context.rate + 1 > 2"), Outcomes::all());
  EXPECT_EQ(possible("decimal(\"1.0\") == decimal(\"1.00\")"), kTrue);
  use(EntitiesAre::kKnown);
  EXPECT_EQ(possible("principal.active"), kTrue | kFalse);
  EXPECT_EQ(possible("principal has active"), kTrue);
  EXPECT_EQ(possible("principal.boss.active"), Outcomes::all());
  // The application may not say it.
  EXPECT_EQ(possible("resource.note == \"\""), Outcomes::all());
}

TEST_F(ConditionsTest, KeepCedarsOrderAndErrors) {
  const auto both = [&](Outcomes left, Outcomes right, std::string_view text) {
    const Formula* made = formula(text);
    Assumptions assumptions = conditions_->start();
    assumptions[0] = left;
    assumptions[1] = right;
    return outcomes_of(*made, assumptions);
  };
  formula("context.why == \"a\"");
  formula("context.why == \"b\"");
  constexpr std::string_view kAnd = "context.why == \"a\" && context.why == \"b\"";
  EXPECT_EQ(both(kFalse, kError, kAnd), kFalse);
  EXPECT_EQ(both(kError, kFalse, kAnd), kError);
  EXPECT_EQ(both(kTrue, kError, kAnd), kError);
  constexpr std::string_view kOr = "context.why == \"a\" || context.why == \"b\"";
  EXPECT_EQ(both(kTrue, kError, kOr), kTrue);
  EXPECT_EQ(both(kError, kTrue, kOr), kError);
  EXPECT_EQ(both(kFalse, Outcomes::all(), kOr), Outcomes::all());
  EXPECT_EQ(both(kError, kTrue, "!(context.why == \"a\")"), kError);
  EXPECT_EQ(both(kFalse, kTrue, "if context.why == \"a\" then false else context.why == \"b\""),
            kTrue);
  EXPECT_EQ(both(kError, kTrue, "if context.why == \"a\" then true else true"), kError);
}

TEST_F(ConditionsTest, RuleOutWhatContradictsItself) {
  EXPECT_FALSE(may_be({{"context.why == \"a\"", kTrue}, {"context.why == \"b\"", kTrue}}));
  EXPECT_FALSE(may_be({{"context has why", kFalse}, {"context.why == \"b\"", kFalse}}));
  EXPECT_FALSE(may_be({{"context has why", kTrue}, {"context.why == \"b\"", kError}}));
  EXPECT_FALSE(may_be({{"context.rate < 3", kTrue}, {"context.rate == 3", kTrue}}));
  EXPECT_FALSE(may_be({{"principal in Role::\"a\"", kTrue}, {"principal in Role::\"b\"", kFalse}}));
  EXPECT_FALSE(may_be({{"Role::\"b\" in Role::\"a\"", kTrue}}));
  EXPECT_FALSE(may_be({{"resource in resource.ward", kFalse},
                       {"resource in Ward::\"w\"", kTrue},
                       {"resource.ward == Ward::\"w\"", kTrue}}));
  EXPECT_FALSE(may_be({{"resource.owner == principal", kTrue},
                       {"resource.owner.level > 2", kTrue},
                       {"principal.level > 2", kFalse}}));
  EXPECT_FALSE(
      may_be({{"resource.team.contains(principal)", kTrue}, {"resource.team.isEmpty()", kTrue}}));
  EXPECT_FALSE(may_be({{"principal.active", kTrue}, {"principal.active == true", kFalse}}));
  EXPECT_FALSE(
      may_be({{"principal.hasTag(\"x\")", kFalse}, {"principal.getTag(\"x\") > 1", kTrue}}));
  // What has one thing that the directory knows, has all that it must.
  EXPECT_FALSE(may_be({{"principal.active", kFalse}, {"principal.level > 2", kError}}));
}

TEST_F(ConditionsTest, RuleOutNothingElse) {
  EXPECT_TRUE(may_be({{"principal in Role::\"b\"", kTrue}, {"principal in Role::\"a\"", kFalse}}));
  EXPECT_TRUE(may_be({{"principal in Role::\"c\"", kTrue}, {"Role::\"c\" in Role::\"a\"", kTrue}}));
  EXPECT_TRUE(may_be({{"principal.active", kError}, {"principal.level > 2", kError}}));
  EXPECT_TRUE(may_be({{"context.rate * 2 == 7", kTrue}}));
  EXPECT_TRUE(may_be({{"context.rate + 1 > 2", kError}}));
  EXPECT_TRUE(may_be({{"resource.note == \"a\"", kError}, {"resource.owner.active", kTrue}}));
  EXPECT_TRUE(may_be({{"context.why like \"a*\"", kFalse}, {"context.why like \"ab*\"", kTrue}}));
  EXPECT_TRUE(
      may_be({{"resource.owner.boss == principal", kError}, {"resource.owner has boss", kFalse}}));
}

TEST_F(ConditionsTest, AreSearchedWithinABudget) {
  const std::vector<Requirement> wanted = {{formula("context.rate > 1"), kTrue},
                                           {formula("context.rate > 2"), kTrue}};
  SearchBudget budget{2};
  const auto go_on = [](const Assumptions&, const Consistency&) { return false; };
  EXPECT_EQ(search(*conditions_, wanted, given_, budget, go_on), SearchEnd::kOutOfBudget);
  EXPECT_EQ(budget.steps_left, 0);
  budget.steps_left = 100;
  EXPECT_EQ(search(*conditions_, wanted, given_, budget, go_on), SearchEnd::kExhausted);
}

}  // namespace
}  // namespace wardlock::prover
