#include "directory/lifecycle/role_rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "directory/lifecycle/review_for_test.h"

namespace wardlock::directory {
namespace {

using Lines = std::vector<std::string>;

class RoleRulesTest : public ReviewForTest {
 protected:
  RoleRulesTest() : old_ward_(ward("W4", hospital_)), new_ward_(ward("W5", hospital_)) {
    role("Nurse");
    role("Guest");
  }

  RoleRule& add_rule(const std::string& name, const std::string& role) {
    rules_of_test_.push_back({.name = name, .tenant = mandate_.tenant, .role = role});
    return rules_of_test_.back();
  }
  RolePlan plan() {
    auto made = plan_roles(*registry_, mandate_.tenant, rules_of_test_, now_);
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  /// Does it; what it did, and what is wrong, in order.
  Lines run() {
    const RolePlan made = plan();
    Lines lines = made.faults;
    for (const RoleStep& each : made.steps) {
      lines.push_back(fmt::format("{} {} {}{}", each.person_name, each.is_given ? "gets" : "loses",
                                  each.rule->role,
                                  each.scope_name.empty() ? "" : " in " + each.scope_name));
    }
    std::ranges::sort(lines);
    const auto done = apply_roles(*registry_, mandate_.tenant, made, [] { return true; });
    EXPECT_TRUE(done) << done.error().message;
    return lines;
  }
  std::size_t roles_of(const Thing& person) {
    return relations(
               {.relation = Relation::kRoleAssignment, .subject = person.id, .not_ended_by = now_})
        .size();
  }
  KeptRelation employ_as(const Thing& person, const std::string& title, const Thing& place) {
    return relate({.relation = Relation::kEmployment,
                   .subject = person.id,
                   .object = hospital_.id,
                   .scope = place.id,
                   .attributes = json(
                       fmt::format(R"({{"employmentType":"employee","title":"{}"}})", title))});
  }

  std::vector<RoleRule> rules_of_test_;
  Thing old_ward_, new_ward_;
};
WARDLOCK_ON_EACH_DATABASE(RoleRulesTest);

TEST_P(RoleRulesTest, WhoJoinsHasTheRoleOfThePosition) {
  add_rule("nurses", "Nurse").title = "nurse";
  const Thing kim = person("kim");
  const Thing lee = person("lee");
  employ_as(kim, "Nurse", old_ward_);
  employ_as(lee, "Physician", old_ward_);
  EXPECT_EQ(run(), (Lines{"kim gets Nurse"}));
  EXPECT_EQ(roles_of(kim), 1);
  EXPECT_EQ(roles_of(lee), 0);
  const std::string event = last_event();
  EXPECT_TRUE(event.contains("rule nurses: comes with the employment")) << event;
  EXPECT_TRUE(event.contains("rule:nurses")) << event;
  EXPECT_EQ(run(), Lines()) << "once";
}

TEST_P(RoleRulesTest, WhoMovesHasTheRoleWhereTheyWorkNow) {
  RoleRule& rule = add_rule("nurses", "Nurse");
  rule.organisation = "st-mary";
  rule.is_in_place = true;
  const Thing kim = person("kim");
  const KeptRelation before = employ_as(kim, "Nurse", old_ward_);
  EXPECT_EQ(run(), (Lines{"kim gets Nurse in W4"}));
  now_ += kDay;
  end(before);
  employ_as(kim, "Nurse", new_ward_);
  EXPECT_EQ(run(), (Lines{"kim gets Nurse in W5", "kim loses Nurse in W4"}));
  EXPECT_EQ(roles_of(kim), 1);
}

TEST_P(RoleRulesTest, ARoleMayGoOnForAWhile) {
  RoleRule& rule = add_rule("nurses", "Nurse");
  rule.location = "W4";
  rule.grace = std::chrono::hours(48);
  const Thing kim = person("kim");
  const KeptRelation before = employ_as(kim, "Nurse", old_ward_);
  run();
  now_ += kDay;
  end(before);
  EXPECT_EQ(run(), Lines());
  now_ += 2 * kDay - 1;
  EXPECT_EQ(run(), Lines());
  ++now_;
  EXPECT_EQ(run(), (Lines{"kim loses Nurse"}));
  EXPECT_TRUE(last_event().contains("the employment that it came with has ended"));
}

TEST_P(RoleRulesTest, WhatPeopleGaveStays) {
  add_rule("nurses", "Nurse").location = "W4";
  const Thing kim = person("kim");
  const KeptRelation before = employ_as(kim, "Nurse", old_ward_);
  assign(kim, *registry_->find_by_identifier(mandate_.tenant, "role.displayName", "Nurse"));
  EXPECT_EQ(run(), Lines()) << "it is there";
  end(before);
  EXPECT_EQ(run(), Lines());
  EXPECT_EQ(roles_of(kim), 1);
}

TEST_P(RoleRulesTest, WhatAnotherRuleGivesIsNotLostInBetween) {
  add_rule("old-ward", "Nurse").location = "W4";
  add_rule("new-ward", "Nurse").location = "W5";
  const Thing kim = person("kim");
  const KeptRelation before = employ_as(kim, "Nurse", old_ward_);
  run();
  now_ += kDay;
  end(before);
  const KeptRelation after = employ_as(kim, "Nurse", new_ward_);
  EXPECT_EQ(run(), Lines());
  EXPECT_EQ(roles_of(kim), 1);
  now_ += kDay;
  end(after);
  EXPECT_EQ(run(), (Lines{"kim loses Nurse"}));
}

TEST_P(RoleRulesTest, WhoLeavesHasNothingAndGetsNothing) {
  add_rule("nurses", "Nurse");
  const Thing kim = person("kim");
  employ_as(kim, "Nurse", old_ward_);
  run();
  go(kim, "left");
  EXPECT_EQ(run(), Lines());
  EXPECT_EQ(roles_of(kim), 0);
}

TEST_P(RoleRulesTest, WhatARuleNamesMustBeThere) {
  add_rule("nurses", "Nurse").location = "W4";
  const Thing kim = person("kim");
  employ_as(kim, "Nurse", old_ward_);
  run();
  rules_of_test_.front().location = "W6";
  EXPECT_EQ(run(), (Lines{"rule `nurses`: there is no location `W6` in force"}));
  EXPECT_EQ(roles_of(kim), 1) << "a rule that is wrong takes nothing";
  rules_of_test_.front().location = "W4";
  rules_of_test_.front().role = "Nobody";
  EXPECT_EQ(run(), (Lines{"rule `nurses`: there is no role `Nobody` in force"}));
}

TEST_P(RoleRulesTest, EmploymentTypesAndOtherTenants) {
  add_rule("guests", "Guest").employment_type = "contractor";
  add_rule("others", "Nurse").tenant = "st-john";
  const Thing kim = person("kim");
  const Thing lee = person("lee");
  employ(kim, "contractor");
  employ(lee, "employee");
  EXPECT_EQ(run(), (Lines{"kim gets Guest"}));
}

TEST_P(RoleRulesTest, APlanChangesNothing) {
  add_rule("nurses", "Nurse");
  const Thing kim = person("kim");
  employ_as(kim, "Nurse", old_ward_);
  const std::uint64_t before = *registry_->revision();
  EXPECT_EQ(to_text(plan()), "kim gets the role Nurse, by the rule nurses");
  EXPECT_EQ(*registry_->revision(), before);
  EXPECT_EQ(roles_of(kim), 0);
}

TEST_P(RoleRulesTest, NotAllIsWellWhereARuleIsFaulty) {
  EXPECT_EQ(to_text(plan()), "all have the roles that rules give them, and no others by rules");
  add_rule("nurses", "Nurse").location = "W6";
  EXPECT_EQ(to_text(plan()),
            "the other rules would change nothing\n"
            "rule `nurses`: there is no location `W6` in force");
}

}  // namespace
}  // namespace wardlock::directory
