#include "pap/compared_policies.h"

#include <gtest/gtest.h>

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
