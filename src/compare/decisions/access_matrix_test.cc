#include "compare/decisions/access_matrix.h"

#include <algorithm>

#include "compare/decisions/two_sets_for_test.h"

namespace wardlock::compare {
namespace {

const MatrixCell* find(const AccessMatrix& matrix, std::string_view role, std::string_view action,
                       std::string_view type) {
  const auto it = std::ranges::find_if(matrix.cells, [&](const MatrixCell& cell) {
    return cell.role == role && cell.action == action && cell.resource_type == type;
  });
  return it == matrix.cells.end() ? nullptr : &*it;
}

/// What a set gives; `never` also where the cell is left out.
std::string standing(const std::string& policies, std::string_view role, std::string_view action,
                     std::string_view type, const char* schema = kWardSchema) {
  const auto set = ward_of(policies, schema), none = ward_of("", schema);
  const AccessMatrix matrix = compare_rights(*none, *set);
  const MatrixCell* cell = find(matrix, role, action, type);
  return std::string(cell == nullptr ? "never" : to_string(cell->after.standing));
}

constexpr char kPhysician[] = "Role::\"Physician\"";

TEST(AccessMatrix, SaysWhatScopesGiveARole) {
  const auto of = [](const std::string& policies) {
    return standing(policies, kPhysician, "view", "LabReport");
  };
  const std::string mention =
      "forbid (principal in Role::\"Physician\", action, resource is Chart);";
  EXPECT_EQ(of(mention), "never");
  EXPECT_EQ(of("permit (principal in Role::\"Physician\", action, resource);"), "always");
  EXPECT_EQ(of(mention + "permit (principal in Role::\"Clinician\", action, resource);"), "always")
      << "physicians are clinicians";
  EXPECT_EQ(of(mention + "permit (principal in Role::\"Nurse\", action, resource);"), "never");
  EXPECT_EQ(of(mention + "permit (principal is User, action, resource);"), "always");
  EXPECT_EQ(of(mention + "permit (principal == User::\"ada\", action, resource);"), "sometimes")
      << "one of them";
  EXPECT_EQ(of(mention + "permit (principal == User::\"cyd\", action, resource);"), "never");
  EXPECT_EQ(of("permit (principal is User in Role::\"Physician\", action, resource);"), "always");
  EXPECT_EQ(of("permit (principal in Role::\"Physician\", action, resource is Chart);"), "never");
  EXPECT_EQ(of("permit (principal in Role::\"Physician\", action, resource == LabReport::\"l\");"),
            "sometimes");
  EXPECT_EQ(of("permit (principal in Role::\"Physician\", action == Action::\"edit\", resource);"),
            "never");
  EXPECT_EQ(of("permit (principal in Role::\"Physician\", action, resource) when { context has "
               "rate };"),
            "sometimes");
}

TEST(AccessMatrix, WhatStandsAgainstAPermitLimitsIt) {
  const std::string permit =
      "@id(\"p\") permit (principal in Role::\"Physician\", action, resource);";
  const auto of = [&](const std::string& more) {
    return standing(permit + more, kPhysician, "view", "LabReport");
  };
  EXPECT_EQ(of("forbid (principal, action, resource);"), "never");
  EXPECT_EQ(of("forbid (principal, action, resource is Chart);"), "always");
  EXPECT_EQ(of("forbid (principal, action, resource) when { context has rate };"), "sometimes");
  EXPECT_EQ(of("@id(\"w\") @waivable(\"break-glass\") forbid (principal, action, resource);"),
            "sometimes");
  EXPECT_EQ(of("@obligation(\"log\") forbid (principal, action, resource);"), "sometimes");
}

TEST(AccessMatrix, AnOverrideAloneIsNoEverydayRight) {
  constexpr char kGlass[] = R"(@id("glass") @override("break-glass")
    permit (principal in Role::"Physician", action, resource) when { context has override };)";
  EXPECT_EQ(standing(kGlass, kPhysician, "view", "Chart"), "override_only");
}

TEST(AccessMatrix, NamesThePoliciesAndShowsBothSides) {
  const std::string permit =
      "@id(\"p\") permit (principal in Role::\"Physician\", action, resource);";
  const auto one = ward_of(permit);
  const auto other = ward_of(permit +
                             "@id(\"f\") forbid (principal, action == Action::\"edit\", "
                             "resource) when { context has rate };");
  const AccessMatrix matrix = compare_rights(*one, *other);
  const MatrixCell* edit = find(matrix, kPhysician, "edit", "Chart");
  ASSERT_NE(edit, nullptr);
  EXPECT_TRUE(edit->differs());
  EXPECT_EQ(edit->before.standing, RoleStanding::kAlways);
  EXPECT_EQ(edit->after.standing, RoleStanding::kSometimes);
  EXPECT_EQ(edit->after.permits, std::vector<std::string>{"p"});
  EXPECT_EQ(edit->after.limits, std::vector<std::string>{"f"});
  const MatrixCell* view = find(matrix, kPhysician, "view", "Chart");
  ASSERT_NE(view, nullptr);
  EXPECT_FALSE(view->differs());
  EXPECT_EQ(find(matrix, "User", "view", "Chart"), nullptr) << "who is in no role gets nothing";
}

TEST(AccessMatrix, WithoutASchemaThePoliciesNameWhatThereIs) {
  constexpr char kPolicies[] = R"(
    permit (principal in Role::"Physician", action == Action::"view", resource is Chart);
    permit (principal is User, action == Action::"edit", resource is LabReport);)";
  EXPECT_EQ(standing(kPolicies, kPhysician, "view", "Chart", nullptr), "always");
  EXPECT_EQ(standing(kPolicies, kPhysician, "view", "LabReport", nullptr), "never");
  EXPECT_EQ(standing(kPolicies, kPhysician, "edit", "LabReport", nullptr), "sometimes")
      << "a member need not be a user";
  EXPECT_EQ(standing(kPolicies, "User", "edit", "LabReport", nullptr), "always");
}

TEST(AccessMatrix, IsBoundedAndSaysSo) {
  std::string policies;
  for (const char* role : {"A", "B", "C"}) {
    policies += std::string("permit (principal in Role::\"") + role + "\", action, resource);";
  }
  const auto set = ward_of(policies);
  EXPECT_EQ(compare_rights(*set, *set, {.max_roles = 2}).left_out_roles, 2U)
      << "a role, and the type";
  EXPECT_EQ(compare_rights(*set, *set, {.max_work = 0}).left_out_roles, 4U);
  EXPECT_EQ(compare_rights(*set, *set).left_out_roles, 0U);
}

/// What the matrix calls never or always is so, whoever of the role asks.
TEST(AccessMatrix, AgreesWithDecisions) {
  constexpr char kPolicies[] = R"(
    permit (principal in Role::"Clinician", action == Action::"view", resource is Chart);
    permit (principal in Role::"Physician", action, resource is LabReport);
    forbid (principal in Role::"Nurse", action == Action::"edit", resource);
    permit (principal in Role::"Nurse", action, resource is LabReport) when { context has rate };)";
  const auto set = ward_of(kPolicies);
  const AccessMatrix matrix = compare_rights(*set, *set);
  int sure = 0;
  for (const auto& [person, role] :
       {std::pair{"ada", kPhysician}, std::pair{"cyd", "Role::\"Nurse\""}}) {
    for (const char* action : {"view", "edit"}) {
      for (const char* type : {"Chart", "LabReport"}) {
        DecisionDiff diff(*set, *set);
        pose({person, action, type, "x"}, diff);
        const bool is_allowed = std::move(diff).finish().asked.at(0).allowed_after == 1;
        const MatrixCell* cell = find(matrix, role, action, type);
        const RoleStanding standing = cell == nullptr ? RoleStanding::kNever : cell->after.standing;
        if (standing == RoleStanding::kSometimes) continue;
        EXPECT_EQ(is_allowed, standing == RoleStanding::kAlways) << person << action << type;
        ++sure;
      }
    }
  }
  EXPECT_EQ(sure, 7);
}

}  // namespace
}  // namespace wardlock::compare
