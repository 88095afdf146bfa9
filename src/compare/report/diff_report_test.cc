#include "compare/report/diff_report.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "compare/decisions/two_sets_for_test.h"

namespace wardlock::compare {
namespace {

constexpr char kLabs[] = R"(
  @id("labs") permit (principal in Role::"Physician", action == Action::"view", resource is LabReport);
)";

/// Of physicians who lose their lab reports, asked by people with these ids.
DiffReport report_of(std::initializer_list<std::string_view> people,
                     const std::string& before = kLabs, const std::string& after = "") {
  const auto active = ward_of(before), draft = ward_of(after);
  DecisionDiff diff(*active, *draft);
  for (const std::string_view person : people) pose({person}, diff);
  diff.leave_out(LeftOut::kErased, "record 7");
  return {.made_at = 1'800'000'000'000,
          .program = "wardlock 1",
          .before = {"active", active->policy_set(), 1},
          .after = {"draft", draft->policy_set(), 0},
          .questions = {"the decisions of `log`"},
          .from = 1'799'000'000'000,
          .table = std::move(diff).finish(),
          .matrix = compare_rights(*active, *draft)};
}

std::string summary_text(const DiffReport& report) {
  std::string out;
  for (const SummaryLine& line : diff_summary(report)) out += line.text + "\n";
  return out;
}

TEST(DiffSummary, SaysWhoLosesWhatAndWhatWasLeftOut) {
  EXPECT_EQ(summary_text(report_of({"ada", "ada", "bob", "eve"})),
            R"(the decisions of `log`: 4 questions compared, 3 changed
           3  allowed before, denied after
Role::"Physician" loses view on LabReport: 3 times by 2 principals
    allow (permit: labs) -> deny (no_permit)
    e.g. User::"ada" view LabReport::"l1" (a test)
by the policies' scopes, rights of roles differ in 1 place
left out 1: who or what it was about was erased (e.g. record 7)
)");
}

TEST(DiffSummary, NoDifferenceAndNothingComparedAreTwoThings) {
  EXPECT_TRUE(summary_text(report_of({"ada"}, kLabs, kLabs)).contains("no difference\n"));
  const std::string nothing = summary_text(report_of({}, kLabs, kLabs));
  EXPECT_TRUE(nothing.contains("this says nothing of the change")) << nothing;
  EXPECT_FALSE(nothing.contains("no difference")) << nothing;
}

TEST(DiffDocument, HoldsWhatTheFormatNames) {
  const codec::Json json = diff_document(report_of({"ada", "bob"}));
  const auto& document = json.as_object();
  EXPECT_EQ(document.at("format"), "wardlock policy diff");
  EXPECT_EQ(document.at("version"), 1);
  EXPECT_EQ(document.at("made_at"), "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(document.at("summary").at("changes").at("loses"), 2);
  EXPECT_EQ(document.at("summary").at("changes_access"), true);
  const auto& group = document.at("changes").as_array().at(0);
  EXPECT_EQ(group.at("role"), "Role::\"Physician\"");
  EXPECT_EQ(group.at("principals"), 2);
  EXPECT_EQ(group.at("before").at("policies").as_array().at(0), "labs");
  EXPECT_EQ(group.at("after").at("cause"), "no_permit");
  EXPECT_EQ(document.at("left_out").as_array().at(0).at("why"), "erased");
  EXPECT_EQ(document.at("asked").as_array().at(0).at("allowed_after"), 0);
  const auto& cell = document.at("rights").as_array().at(0);
  EXPECT_EQ(cell.at("before").at("standing"), "always");
  EXPECT_EQ(cell.at("after").at("standing"), "never");
  EXPECT_EQ(cell.at("differs"), true);
  EXPECT_EQ(document.if_contains("beyond"), nullptr);
}

TEST(DiffDocument, SaysWhatItDoesNotList) {
  DiffReport report = report_of({"ada"});
  report.table.ungrouped[0] = 5;
  report.matrix.left_out_roles = 2;
  const codec::Json json = diff_document(report);
  EXPECT_EQ(json.at("beyond").at("loses"), 5);
  EXPECT_EQ(json.at("beyond").at("roles"), 2);
}

TEST(DiffCsv, HasALineForEachGroupAndRunsNoFormula) {
  DiffReport report = report_of({"ada"});
  report.table.groups[0].role = "=cmd()";
  const std::string csv = diff_csv(report);
  EXPECT_TRUE(csv.starts_with("change,role,action,resource_type,count,")) << csv;
  EXPECT_TRUE(csv.contains("\r\n\"loses\",\"'=cmd()\",\"view\",\"LabReport\",1,1,\"allow\","))
      << csv;
  EXPECT_EQ(std::ranges::count(csv, '\n'), 2);
}

TEST(DiffPage, RunsNothingLoadsNothingAndShowsTextAsText) {
  DiffReport report = report_of({"ada"});
  report.before.name = "<script>alert(1)</script>";
  report.table.groups[0].examples[0].resource = "<img src=x onerror=alert(1)>\u202e";
  report.table.left_out[0].example = "<b>bold</b>";
  const std::string page = diff_page(report);
  EXPECT_TRUE(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
  for (const char* forbidden : {"<script", "<img", "<b>bold", "http://", "https://", "\u202e"}) {
    EXPECT_FALSE(page.contains(forbidden)) << forbidden;
  }
  EXPECT_TRUE(page.contains("&lt;script&gt;alert(1)"));
  EXPECT_TRUE(page.contains("<html lang=\"en\">"));
  EXPECT_EQ(page, diff_page(report));
}

TEST(DiffPage, SaysWhatMovedAndWhatWasNotCompared) {
  const std::string page = diff_page(report_of({"ada", "bob"}));
  EXPECT_TRUE(page.contains("The change moves who may do what."));
  EXPECT_TRUE(page.contains("1 question not compared: who or what it was about was erased."));
  EXPECT_TRUE(page.contains("2 \u2192 0"));
  EXPECT_TRUE(diff_page(report_of({"ada"}, kLabs, kLabs)).contains("is answered differently"));
  EXPECT_TRUE(diff_page(report_of({}, kLabs, kLabs)).contains("this says nothing of the change"));
}

TEST(AnswerText, SaysWhatElseWouldHelp) {
  AnswerSide side{.is_allowed = false, .cause = "no_permit"};
  EXPECT_EQ(answer_text(side), "deny (no_permit)");
  side.is_override_possible = true;
  side.step_up = "2 otp";
  EXPECT_EQ(answer_text(side),
            "deny (no_permit), breaking the glass helps, signing in with 2 otp helps");
  const AnswerSide allowed{
      .is_allowed = true, .cause = "permit", .policies = {"a", "b"}, .obligations = {"mask"}};
  EXPECT_EQ(answer_text(allowed), "allow (permit: a, b), to mask");
}

}  // namespace
}  // namespace wardlock::compare
