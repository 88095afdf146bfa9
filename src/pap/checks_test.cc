#include "pap/checks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "bundle/bundle_for_test.h"
#include "codec/json.h"

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
  return check_change(nullptr, *content, limits, 1'000);
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

/// A member of the check's report.
std::string said(const DraftCheck& check, std::string_view member) {
  const auto report = codec::parse_json(check.report);
  const codec::Json* const found = report->as_object().if_contains(member);
  if (found == nullptr) return "";
  return found->is_string() ? std::string(found->get_string()) : codec::to_json_text(*found);
}
std::string summary(const DraftCheck& check) { return said(check, "summary"); }

TEST(ContentChecks, PassWhatCanBeUsed) {
  EXPECT_EQ(outcomes(checked({})),
            "validate passed, format passed, tests passed, invariants passed");
  const auto all = checked(
      {{"ward.test.yaml", std::string(kTests)},
       {"ward.invariants", "invariant users-see-wards\nalways: any User may view any Ward\n"}});
  EXPECT_EQ(outcomes(all), "validate passed, format passed, tests passed, invariants passed")
      << all[2].report << all[3].report;
  EXPECT_EQ(summary(all[2]),
            "1 passed, 0 failed; they cover 100 % of policies, 100 % of conditions");
  EXPECT_EQ(summary(all[3]), "1 hold");
}

TEST(ContentChecks, FindWhatCannotBeRead) {
  const auto checks = checked({{"ward.cedar", "@id(\"a\")\npermit (principal, action"}});
  EXPECT_EQ(outcomes(checks),
            "validate failed, format undecided, tests undecided, invariants undecided");
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

TEST(ContentChecks, FindTooManyTestsAndInvariants) {
  const std::vector<bundle::BundledFile> more = {
      {"ward.test.yaml", std::string(kTests)},
      {"ward.invariants", "invariant users-see-wards\nalways: any User may view any Ward\n"}};
  EXPECT_EQ(outcomes(checked(more, {.tests = 1, .invariants = 1})),
            "validate passed, format passed, tests passed, invariants passed");
  const auto tests = checked(more, {.tests = 0});
  EXPECT_EQ(tests[2].outcome, CheckOutcome::kFailed);
  EXPECT_EQ(summary(tests[2]), "there are 1 tests, where 0 are the most");
  const auto invariants = checked(more, {.invariants = 0});
  EXPECT_EQ(invariants[3].outcome, CheckOutcome::kFailed);
  EXPECT_EQ(summary(invariants[3]), "there are 1 invariants, where 0 are the most");
}

TEST(ContentChecks, StopTestsThatAreTooMuchWork) {
  std::string text(kTests);
  for (const std::string_view name : {"second", "third"}) {
    text += "  - name: " + std::string(name) +
            "\n    principal: User::\"ann\"\n    action: view\n    resource: Ward::\"seven\"\n"
            "    expect: allow\n";
  }
  const std::vector<bundle::BundledFile> more = {{"ward.test.yaml", text}};
  EXPECT_EQ(outcomes(checked(more)),
            "validate passed, format passed, tests passed, invariants passed");
  std::set<std::string> seen;
  std::uint64_t enough = 0;
  for (std::uint64_t steps = 1; enough == 0; steps += 10) {
    ASSERT_LT(steps, 10'000U);
    const DraftCheck tests = checked(more, {.test_steps = steps})[2];
    seen.insert(summary(tests));
    if (tests.outcome == CheckOutcome::kPassed) {
      enough = steps;
    } else {
      ASSERT_EQ(tests.outcome, CheckOutcome::kUndecided) << tests.report;
      EXPECT_NE(said(tests, "message").find(" steps together; make"), std::string::npos);
      EXPECT_EQ(said(tests, "coverage"), "") << "it would be of some of the tests";
    }
  }
  EXPECT_EQ(seen, (std::set<std::string>{
                      "0 passed, 0 failed; the others are too much work",
                      "1 passed, 0 failed; the others are too much work",
                      "2 passed, 0 failed; the others are too much work",
                      "3 passed, 0 failed; they cover 100 % of policies, 100 % of conditions"}));
  EXPECT_EQ(checked(more, {.test_steps = enough})[2].outcome, CheckOutcome::kPassed)
      << "the same each time";
}

TEST(ContentChecks, SayWhereTestsWereStopped) {
  const std::vector<bundle::BundledFile> more = {{"ward.test.yaml", std::string(kTests)}};
  EXPECT_EQ(said(checked(more, {.test_steps = 0})[2], "message"),
            "they were stopped before the first test of `ward.test.yaml`: all tests of a draft may "
            "take 0 steps together; make conditions cheaper, or ask fewer tests of smaller "
            "entities");
  std::string entities(kTests);
  const std::string line = "  Ward::\"seven\":\n";
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += fmt::format("  User::\"u{}\":\n", i);
  entities.insert(entities.find(line), many);
  const auto large = checked({{"ward.test.yaml", entities}}, {.test_steps = 100'000});
  EXPECT_EQ(large[2].outcome, CheckOutcome::kUndecided) << "to read what they are asked of counts";
}

TEST(ContentChecks, OneConditionThatTakesLongIsStopped) {
  std::string list;
  for (int i = 0; i < 2'000; ++i) list += fmt::format("{}{}", i == 0 ? "" : ", ", i);
  std::string costly = "context.seen.containsAll([" + list + "])";
  for (int i = 0; i < 20; ++i) costly += " && context.seen.containsAll([" + list + "])";
  std::string text(kTests);
  text.replace(text.find("resource: Ward"), 0, "context: {seen: [" + list + "]}\n    ");
  const std::vector<bundle::BundledFile> more = {
      {"ward.cedarschema",
       "entity User; entity Ward;\naction view appliesTo { principal: User, resource: Ward, "
       "context: { seen: Set<Long> } };\n"},
      {"ward.cedar",
       "@id(\"all\")\npermit (principal, action, resource) when { " + costly + " };\n"},
      {"ward.test.yaml", text}};
  EXPECT_EQ(checked(more)[2].outcome, CheckOutcome::kPassed) << checked(more)[2].report;
  EXPECT_EQ(checked(more, {.test_steps = 1'250'000})[2].outcome, CheckOutcome::kUndecided);
}

TEST(ContentChecks, WhatFailedBeforeTheyWereStoppedIsTold) {
  const std::string denied = "@id(\"all\")\nforbid (principal, action, resource);\n";
  std::string text(kTests);
  text +=
      "  - name: second\n    principal: User::\"ann\"\n    action: view\n"
      "    resource: Ward::\"seven\"\n    expect: allow\n";
  bool was_seen = false;
  for (std::uint64_t steps = 500; steps < 5'000; steps += 50) {
    const DraftCheck tests =
        checked({{"ward.cedar", denied}, {"ward.test.yaml", text}}, {.test_steps = steps})[2];
    if (summary(tests) != "0 passed, 1 failed; the others are too much work") continue;
    was_seen = true;
    EXPECT_EQ(tests.outcome, CheckOutcome::kFailed);
    EXPECT_NE(said(tests, "message").find("a user sees a ward"), std::string::npos);
  }
  EXPECT_TRUE(was_seen);
}

TEST(ContentChecks, FindTestsThatFail) {
  const std::string denied = "@id(\"all\")\nforbid (principal, action, resource);\n";
  const auto checks = checked({{"ward.cedar", denied}, {"ward.test.yaml", std::string(kTests)}});
  EXPECT_EQ(outcomes(checks), "validate passed, format passed, tests failed, invariants passed");
  EXPECT_NE(checks[2].report.find("a user sees a ward"), std::string::npos);
}

TEST(ContentChecks, FindTestsThatCannotBeRead) {
  const auto checks = checked({{"ward.test.yaml", "name: x\ntests:\n  - nam: x\n"}});
  EXPECT_EQ(checks[2].outcome, CheckOutcome::kFailed);
  EXPECT_NE(checks[2].report.find("ward.test.yaml:3"), std::string::npos) << checks[2].report;
}

TEST(ContentChecks, FindTestsOfWhatIsNotThere) {
  std::string text(kTests);
  text.replace(text.find("action: view"), 12, "action: edit");
  EXPECT_EQ(checked({{"ward.test.yaml", text}})[2].outcome, CheckOutcome::kFailed);
}

TEST(ContentChecks, FindInvariantsThatAreBroken) {
  const auto checks =
      checked({{"ward.invariants", "invariant nobody-sees\nnever: any User may view any Ward\n"}});
  EXPECT_EQ(outcomes(checks), "validate passed, format passed, tests passed, invariants failed");
  EXPECT_NE(checks[3].report.find("nobody-sees"), std::string::npos);
}

TEST(ContentChecks, FindInvariantsThatCannotBeRead) {
  for (const std::string_view text : {"invariant x\nperhaps: any User may view any Ward\n",
                                      "invariant x\nnever: any Usr may view any Ward\n"}) {
    const auto checks = checked({{"ward.invariants", std::string(text)}});
    EXPECT_EQ(checks[3].outcome, CheckOutcome::kFailed) << text;
    EXPECT_NE(checks[3].report.find("ward.invariants:2"), std::string::npos) << checks[3].report;
  }
}

TEST(ContentChecks, WhatIsUndecidedHasNotPassed) {
  for (const CheckLimits& limits :
       {CheckLimits{.invariant_steps = 1}, CheckLimits{.all_invariant_steps = 1}}) {
    const auto checks =
        checked({{"ward.cedarschema",
                  "entity User = { age: Long }; entity Ward = { age: Long };\n"
                  "action view appliesTo { principal: User, resource: Ward };\n"},
                 {"ward.cedar",
                  "@id(\"all\")\npermit (principal, action, resource) when { principal.age > 3 && "
                  "resource.age < 9 };\n"},
                 {"ward.invariants", "invariant x\nnever: any User may view any Ward\n"}},
                limits);
    EXPECT_EQ(checks[3].outcome, CheckOutcome::kUndecided) << checks[3].report;
  }
}

TEST(ContentChecks, FindWhatIsNotLaidOut) {
  const auto checks = checked({{"ward.cedar", "@id(\"all\") permit(principal,action,resource);"}});
  EXPECT_EQ(outcomes(checks), "validate passed, format failed, tests passed, invariants passed");
  EXPECT_EQ(summary(checks[1]), "not laid out as `wardlock format` does it: 1 file");
  EXPECT_EQ(said(checks[1], "files"), R"(["ward.cedar"])");
}

TEST(ContentChecks, SayWhatTestsDoNotCover) {
  const auto checks =
      checked({{"ward.cedar",
                "@id(\"all\")\npermit (principal, action, resource);\n\n@id(\"none\")\n"
                "forbid (\n  principal == User::\"bo\",\n  action,\n  resource\n);\n"},
               {"ward.test.yaml", std::string(kTests)}});
  EXPECT_EQ(checks[2].outcome, CheckOutcome::kPassed) << checks[2].report;
  EXPECT_EQ(summary(checks[2]),
            "1 passed, 0 failed; they cover 50 % of policies, 50 % of conditions");
  EXPECT_NE(said(checks[2], "coverage").find(R"({"policy":"none"})"), std::string::npos)
      << checks[2].report;
}

TEST(ContentChecks, ReportsHaveAnEnd) {
  std::string policies;
  for (int i = 0; i < 3000; ++i) {
    policies += "@id(\"all\")\npermit (principal, action, resource);\n\n";
  }
  const auto checks = checked({{"ward.cedar", policies}});
  EXPECT_EQ(checks[0].outcome, CheckOutcome::kFailed) << "an id that is there twice";
  for (const DraftCheck& each : checks) EXPECT_LT(each.report.size(), 40'000U) << each.name;
}

class ComparisonCheck : public testing::Test {
 protected:
  static bundle::Content content(std::string_view policies) {
    auto files = bundle::small_files();
    std::erase_if(files, [](const auto& file) { return file.name.ends_with(".cedar"); });
    files.push_back({"ward.cedar", std::string(policies)});
    files.push_back({"ward.test.yaml", std::string(kTests)});
    return bundle::Content::of(std::move(files)).value();
  }
  static DraftCheck compared(std::string_view before, std::string_view after) {
    const bundle::Content base = content(before);
    return check_change(&base, content(after), {}, 1'000).back();
  }
  static constexpr std::string_view kAll = "@id(\"all\")\npermit (principal, action, resource);\n";
  static constexpr std::string_view kNone = "@id(\"all\")\nforbid (principal, action, resource);\n";
};

TEST_F(ComparisonCheck, SaysWhoLoses) {
  const DraftCheck check = compared(kAll, kNone);
  EXPECT_EQ(check.name, "comparison");
  EXPECT_EQ(check.outcome, CheckOutcome::kPassed) << "whether they may is for people to say";
  EXPECT_EQ(summary(check), "1 questions of the tests: 1 decided differently, 1 lost, 0 gained");
  EXPECT_NE(said(check, "message").find("User loses view on Ward: 1 time by 1 principal"),
            std::string::npos)
      << check.report;
}

TEST_F(ComparisonCheck, SaysThatNobodyDoes) {
  const DraftCheck check = compared(kAll, kAll);
  EXPECT_EQ(summary(check), "1 questions of the tests: 0 decided differently, 0 lost, 0 gained");
  EXPECT_EQ(said(check, "message"), "");
}

TEST_F(ComparisonCheck, IsUndecidedWhereItIsTooMuchWork) {
  const bundle::Content base = content(kAll);
  const auto check = [&](const CheckLimits& limits) {
    return check_change(&base, content(kNone), limits, 1'000).back();
  };
  std::uint64_t steps = 0;
  for (; check({.test_steps = steps}).outcome != CheckOutcome::kPassed; steps += 100) {
    ASSERT_LT(steps, 100'000U);
    const DraftCheck stopped = check({.test_steps = steps});
    EXPECT_EQ(stopped.outcome, CheckOutcome::kUndecided);
    EXPECT_NE(said(stopped, "message").find("too much work: it was stopped at `ward.test.yaml`"),
              std::string::npos)
        << stopped.report;
  }
  EXPECT_GT(steps, 1'000U) << "reading and asking count";
  EXPECT_EQ(check({.tests = 0}).outcome, CheckOutcome::kUndecided);
}

TEST_F(ComparisonCheck, IsUndecidedWhereTheyCannotBeCompared) {
  EXPECT_EQ(compared("permit (", kAll).outcome, CheckOutcome::kUndecided);
  const DraftCheck check = compared(kAll, "permit (");
  EXPECT_EQ(check.name, "comparison");
  EXPECT_EQ(check.outcome, CheckOutcome::kUndecided);
}

}  // namespace
}  // namespace wardlock::pap
