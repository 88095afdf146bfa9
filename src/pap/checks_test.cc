#include "pap/checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "bundle/bundle_for_test.h"

namespace wardlock::pap {
namespace {

constexpr std::string_view kTests = R"(name: Wards
defaults:
  at: 2026-11-23T10:00:00Z
entities:
  User::"ann":
  Ward::"seven":
tests:
  - name: a user sees a ward
    principal: User::"ann"
    action: view
    resource: Ward::"seven"
    expect: allow
)";

std::vector<DraftCheck> checked(std::vector<bundle::BundledFile> more,
                                const CheckLimits& limits = {}) {
  auto files = bundle::small_files();
  for (bundle::BundledFile& each : more) {
    const auto there = std::ranges::find(files, each.name, &bundle::BundledFile::name);
    if (there == files.end()) {
      files.push_back(std::move(each));
    } else {
      *there = std::move(each);
    }
  }
  const auto content = bundle::Content::of(std::move(files));
  EXPECT_TRUE(content) << content.error().message;
  return check_content(*content, limits, 1'000);
}

std::string outcomes(const std::vector<DraftCheck>& checks) {
  std::string text;
  for (const DraftCheck& each : checks) {
    EXPECT_EQ(each.at_ms, 1'000);
    if (!text.empty()) text += ", ";
    text += each.name + " " + std::string(to_string(each.outcome));
  }
  return text;
}

TEST(ContentChecks, PassWhatCanBeUsed) {
  EXPECT_EQ(outcomes(checked({})), "validate passed, tests passed, invariants passed");
  const auto all = checked(
      {{"ward.test.yaml", std::string(kTests)},
       {"ward.invariants", "invariant users-see-wards\nalways: any User may view any Ward\n"}});
  EXPECT_EQ(outcomes(all), "validate passed, tests passed, invariants passed")
      << all[1].report << all[2].report;
  EXPECT_NE(all[1].report.find("a user sees a ward"), std::string::npos);
  EXPECT_NE(all[2].report.find("users-see-wards"), std::string::npos);
}

TEST(ContentChecks, FindWhatCannotBeRead) {
  const auto checks = checked({{"ward.cedar", "@id(\"a\")\npermit (principal, action"}});
  EXPECT_EQ(outcomes(checks), "validate failed, tests undecided, invariants undecided");
  EXPECT_NE(checks[0].report.find("ward.cedar"), std::string::npos) << checks[0].report;
}

TEST(ContentChecks, FindWhatDoesNotFitTheSchema) {
  for (const std::string_view policy :
       {R"(@id("a") permit (principal, action == Action::"edit", resource);)",
        R"(@id("a") permit (principal, action, resource) when { principal.age > 3 };)",
        R"(@id("a") @overide("break-glass") permit (principal, action, resource);)"}) {
    EXPECT_EQ(checked({{"ward.cedar", std::string(policy)}})[0].outcome, CheckOutcome::kFailed)
        << policy;
  }
}

TEST(ContentChecks, FindTooMany) {
  const auto checks = checked({}, {.policies = 0});
  EXPECT_EQ(checks[0].outcome, CheckOutcome::kFailed);
  EXPECT_NE(checks[0].report.find("the most"), std::string::npos);
}

TEST(ContentChecks, FindTestsThatFail) {
  const std::string denied = "@id(\"all\")\nforbid (principal, action, resource);\n";
  const auto checks = checked({{"ward.cedar", denied}, {"ward.test.yaml", std::string(kTests)}});
  EXPECT_EQ(outcomes(checks), "validate passed, tests failed, invariants passed");
  EXPECT_NE(checks[1].report.find("a user sees a ward"), std::string::npos);
}

TEST(ContentChecks, FindTestsThatCannotBeRead) {
  const auto checks = checked({{"ward.test.yaml", "name: x\ntests:\n  - nam: x\n"}});
  EXPECT_EQ(checks[1].outcome, CheckOutcome::kFailed);
  EXPECT_NE(checks[1].report.find("ward.test.yaml:3"), std::string::npos) << checks[1].report;
}

TEST(ContentChecks, FindTestsOfWhatIsNotThere) {
  std::string text(kTests);
  text.replace(text.find("action: view"), 12, "action: edit");
  EXPECT_EQ(checked({{"ward.test.yaml", text}})[1].outcome, CheckOutcome::kFailed);
}

TEST(ContentChecks, FindInvariantsThatAreBroken) {
  const auto checks =
      checked({{"ward.invariants", "invariant nobody-sees\nnever: any User may view any Ward\n"}});
  EXPECT_EQ(outcomes(checks), "validate passed, tests passed, invariants failed");
  EXPECT_NE(checks[2].report.find("nobody-sees"), std::string::npos);
}

TEST(ContentChecks, FindInvariantsThatCannotBeRead) {
  for (const std::string_view text : {"invariant x\nperhaps: any User may view any Ward\n",
                                      "invariant x\nnever: any Usr may view any Ward\n"}) {
    const auto checks = checked({{"ward.invariants", std::string(text)}});
    EXPECT_EQ(checks[2].outcome, CheckOutcome::kFailed) << text;
    EXPECT_NE(checks[2].report.find("ward.invariants:2"), std::string::npos) << checks[2].report;
  }
}

TEST(ContentChecks, WhatIsUndecidedHasNotPassed) {
  const auto checks =
      checked({{"ward.cedarschema",
                "entity User = { age: Long }; entity Ward = { age: Long };\n"
                "action view appliesTo { principal: User, resource: Ward };\n"},
               {"ward.cedar",
                "@id(\"all\")\npermit (principal, action, resource) when { principal.age > 3 && "
                "resource.age < 9 };\n"},
               {"ward.invariants", "invariant x\nnever: any User may view any Ward\n"}},
              {.invariant_steps = 1});
  EXPECT_EQ(checks[2].outcome, CheckOutcome::kUndecided) << checks[2].report;
}

}  // namespace
}  // namespace wardlock::pap
