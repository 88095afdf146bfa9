#include "pap/compared_policies.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "bundle/bundle_for_test.h"

namespace wardlock::pap {
namespace {

constexpr std::string_view kTests = R"(
name: A ward
defaults: {at: "2026-11-23T12:00:00Z"}
entities:
  User::"ann": {}
  Ward::"3": {}
tests:
  - name: Who sees it
    principal: User::"ann"
    action: view
    resource: Ward::"3"
    expect: {decision: allow}
)";

bundle::Content content(std::string_view effect, bool has_tests = true) {
  auto files = bundle::small_files();
  files[1].text = "@id(\"all\")\n" + std::string(effect) + " (principal, action, resource);\n";
  if (has_tests) files.push_back({"ward.test.yaml", std::string(kTests)});
  return bundle::Content::of(std::move(files)).value();
}

compare::DiffReport compared(const bundle::Content& before, const bundle::Content& after,
                             const ComparisonOptions& options = {}) {
  auto report = compare_contents(before, after, options);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *std::move(report) : compare::DiffReport();
}

TEST(ComparedContents, SayWhoLoses) {
  const compare::DiffReport report = compared(content("permit"), content("forbid"));
  EXPECT_EQ(report.table.compared, 1U) << "tests that are the same in both are asked once";
  EXPECT_EQ(report.table.count_of(compare::DecisionChange::kLoses), 1U);
  EXPECT_EQ(report.before.name, content("permit").name());
  ASSERT_FALSE(report.matrix.cells.empty());
  EXPECT_TRUE(report.matrix.cells.front().differs());
}

/// The tests, with this in the place of that.
bundle::Content with_tests(std::string_view effect, const std::string& what,
                           std::string_view instead, std::string file = "ward.test.yaml") {
  auto files = bundle::small_files();
  files[1].text = "@id(\"all\")\n" + std::string(effect) + " (principal, action, resource);\n";
  std::string text(kTests);
  const std::size_t at = text.find(what);
  if (at == std::string::npos) ADD_FAILURE() << what;
  text.replace(at, what.size(), instead);
  files.push_back({std::move(file), std::move(text)});
  return bundle::Content::of(std::move(files)).value();
}

TEST(ComparedContents, AskATestThatTheChangeHasChangedOnce) {
  const bundle::Content before = content("permit");
  for (const bundle::Content& after : {with_tests("forbid", "decision: allow", "decision: deny"),
                                       with_tests("forbid", "Who sees it", "Nobody sees it"),
                                       with_tests("forbid", "A ward", "Another", "other.test.yaml"),
                                       with_tests("forbid", "User::\"ann\": {}\n  Ward::\"3\": {}",
                                                  "Ward::\"3\": {}\n  User::\"ann\": {}")}) {
    const compare::DiffReport report = compared(before, after);
    EXPECT_EQ(report.table.compared, 1U);
    EXPECT_EQ(report.table.count_of(compare::DecisionChange::kLoses), 1U);
    EXPECT_EQ(report.questions, std::vector<std::string>{"the tests of 1 files"});
  }
}

TEST(ComparedContents, AskWhatATestAskedBeforeToo) {
  const bundle::Content before = content("permit");
  const std::string question = "resource: Ward::\"3\"";
  for (const auto& [what, instead] : std::initializer_list<std::pair<std::string, std::string>>{
           {question, "resource: Ward::\"4\""},
           {"principal: User::\"ann\"", "principal: User::\"bo\""},
           {"12:00:00Z", "13:00:00Z"},
           {question, question + "\n    fulfils: [mask]"},
           {question, question + "\n    grant: g1"},
           {question, question + "\n    context: {rate: 7}"},
           {question, question + "\n    authentication: 2 pwd"},
           {"User::\"ann\": {}\n", "User::\"bo\": {}\n"}}) {
    EXPECT_EQ(compared(before, with_tests("forbid", what, instead)).table.compared, 2U) << instead;
  }
}

TEST(ComparedContents, AreTheSameAsThemselves) {
  const compare::DiffReport report = compared(content("permit"), content("permit"));
  EXPECT_EQ(report.table.changed, 0U);
  EXPECT_FALSE(report.matrix.cells.front().differs());
}

TEST(ComparedContents, AreAskedMadeQuestionsWhereWanted) {
  const bundle::Content before = content("permit", false);
  const bundle::Content after = content("forbid", false);
  EXPECT_EQ(compared(before, after).table.compared, 0U);
  const compare::DiffReport report = compared(before, after, {.asks_generated = true});
  EXPECT_GT(report.table.count_of(compare::DecisionChange::kLoses), 0U);
  EXPECT_EQ(report.questions.size(), 1U);
}

TEST(ComparedContents, ThatCannotBeUsedAreRefused) {
  EXPECT_FALSE(compare_contents(content("permit"), content("permits"), {}));
  EXPECT_FALSE(compare_contents(content("permits"), content("permit"), {}));
  auto files = bundle::small_files();
  files.push_back({"broken.test.yaml", "tests: 7\n"});
  const auto broken = bundle::Content::of(std::move(files)).value();
  EXPECT_FALSE(compare_contents(content("permit"), broken, {}));
}

}  // namespace
}  // namespace wardlock::pap
