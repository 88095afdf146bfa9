#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "audit/report/html.h"
#include "audit/report/page_style.h"
#include "compare/report/diff_report.h"

namespace wardlock::compare {
namespace {

using audit::counted;
using audit::grouped;
using audit::html;
using audit::html_time;

std::string_view style_of(DecisionChange change) {
  switch (change) {
    case DecisionChange::kLoses:
    case DecisionChange::kCannotBeAsked: return "bad";
    case DecisionChange::kGains:
    case DecisionChange::kCanBeAsked:
    case DecisionChange::kObligations: return "warn";
    case DecisionChange::kRemedy:
    case DecisionChange::kCause:
    case DecisionChange::kPolicies: break;
  }
  return "";
}

std::string list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += fmt::format("{}<code>{}</code>", out.empty() ? "" : ", ", html(text));
  }
  return out;
}

/// Ids of policies and groups need room; numbers do not.
constexpr std::string_view kOwnStyle =
    "tbody th { min-width: 9.5rem; }\ntd { min-width: 8rem; }\n"
    "td.number, td.number:nth-child(-n + 6) { min-width: 4rem; }\n";

std::string head() {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>What a change of policies would "
      "change</title>\n<style>{}{}</style>\n</head>\n<body>\n",
      audit::page_style(), kOwnStyle);
}

std::string set_text(const ComparedSet& set) {
  return fmt::format("{}, {}, <code>{}</code>", html(set.name),
                     set.policies == 1 ? "1 policy" : grouped(set.policies) + " policies",
                     html(set.policy_set));
}

std::string period(const DiffReport& report) {
  if (report.from && report.until) {
    return fmt::format("from {} until before {}", html_time(*report.from),
                       html_time(*report.until));
  }
  if (report.from) return fmt::format("from {} on", html_time(*report.from));
  return fmt::format("until before {}", html_time(*report.until));
}

std::string verdict(const DecisionTable& table) {
  if (table.compared == 0) return "No question could be compared: this says nothing of the change.";
  if (table.changes_access()) return "The change moves who may do what.";
  if (table.changed > 0) return "Nobody gains or loses access; only reasons differ.";
  return "No question that was asked is answered differently.";
}

std::string facts(const DiffReport& report) {
  std::string out = fmt::format(
      "<header>\n<p class=\"over\">Policy comparison</p>\n<h1>What a change of policies would "
      "change</h1>\n<p>{}</p>\n<dl class=\"facts\">\n",
      verdict(report.table));
  const auto add = [&](std::string_view name, std::string_view value) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, value);
  };
  add("Before", set_text(report.before));
  add("After", set_text(report.after));
  for (const std::string& source : report.questions) add("Questions", html(source));
  if (report.from || report.until) add("Period", period(report));
  add("Made", fmt::format("{} with {}", html_time(report.made_at), html(report.program)));
  return out + "</dl>\n<p class=\"faint\">All times are UTC.</p>\n</header>\n<main>\n";
}

void add_note(std::string_view text, std::string& out) {
  out += fmt::format("<p class=\"note\">{}</p>\n", text);
}

void add_left_out(const DecisionTable& table, std::string& out) {
  for (const LeftOutWord& word : all_left_out()) {
    const LeftOutCount& left_out = table.left_out[static_cast<std::size_t>(word.value)];
    if (left_out.count == 0) continue;
    add_note(
        fmt::format("{} not compared: {}. <span class=\"faint\">E.g. {}</span>",
                    counted(left_out.count, "question"), html(word.about), html(left_out.example)),
        out);
  }
}

std::string summary(const DiffReport& report) {
  const DecisionTable& table = report.table;
  std::string out = "<section aria-labelledby=\"summary\">\n<h2 id=\"summary\">Summary</h2>\n";
  out +=
      fmt::format("<ul class=\"counts\">\n<li><b>{}</b> compared</li>\n", grouped(table.compared));
  for (const DecisionChangeWord& word : all_decision_changes()) {
    const std::uint64_t count = table.count_of(word.value);
    if (count == 0) continue;
    out += fmt::format("<li class=\"{}\"><b>{}</b> {}</li>\n", style_of(word.value), grouped(count),
                       html(word.about));
  }
  out += "</ul>\n";
  add_left_out(table, out);
  return out + "</section>\n";
}

std::string table_begin(std::string_view section, std::initializer_list<std::string_view> columns) {
  std::string out = fmt::format(
      "<div class=\"wide\" role=\"region\" aria-labelledby=\"{}\" tabindex=\"0\">\n<table>\n"
      "<thead><tr>",
      section);
  constexpr std::array<std::string_view, 4> kNumbers = {"Times", "Principals", "Asked", "Allowed"};
  for (const std::string_view column : columns) {
    const bool is_number = std::ranges::find(kNumbers, column) != kNumbers.end();
    out += fmt::format("<th scope=\"col\"{}>{}</th>", is_number ? " class=\"number\"" : "", column);
  }
  return out + "</tr></thead>\n<tbody>\n";
}

constexpr std::string_view kTableEnd = "</tbody>\n</table>\n</div>\n";

std::string side_cell(const AnswerSide& side) {
  const std::string_view style = !side.is_answered ? "warn" : side.is_allowed ? "good" : "bad";
  const std::string_view sign = !side.is_answered ? "?" : side.is_allowed ? "\u2713" : "\u2717";
  std::string out = fmt::format("<p class=\"{}\">{} {}</p><p>{}</p>", style, sign, side.decision(),
                                html(side.cause));
  if (!side.policies.empty()) out += fmt::format("<p>{}</p>", list(side.policies));
  if (!side.obligations.empty()) out += fmt::format("<p>to {}</p>", list(side.obligations));
  if (side.is_override_possible) out += "<p>breaking the glass helps</p>";
  if (!side.step_up.empty()) {
    out += fmt::format("<p>signing in with {} helps</p>", html(side.step_up));
  }
  return out;
}

std::string examples_cell(const ChangeGroup& group) {
  std::string out;
  for (const ChangeExample& example : group.examples) {
    out += fmt::format(
        "<p><code>{}</code> {} <code>{}</code><br><span class=\"faint\">{}, {}{}{}"
        "</span></p>",
        html(example.principal), html(example.action), html(example.resource), html(example.name),
        html_time(example.at), example.refusal.empty() ? "" : ": ", html(example.refusal));
  }
  return out;
}

std::string group_row(const ChangeGroup& group) {
  return fmt::format(
      "<tr><th scope=\"row\"><span class=\"{}\">{}</span></th><td>{}</td><td>{} on {}</td>"
      "<td class=\"number\">{}</td><td class=\"number\">{}{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "</tr>\n",
      style_of(group.change), html(word_of(group.change).name), html(group.role),
      html(group.action), html(group.resource_type), grouped(group.count),
      group.are_people_fewest ? "\u2265 " : "", grouped(group.people), side_cell(group.before),
      side_cell(group.after), examples_cell(group));
}

std::string changes(const DecisionTable& table) {
  std::string out =
      "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">Who gains, who loses</h2>\n";
  if (table.groups.empty()) return out + "<p>None of the questions.</p>\n</section>\n";
  out += table_begin(
      "changes", {"Change", "Who", "What", "Times", "Principals", "Before", "After", "Examples"});
  for (const ChangeGroup& group : table.groups) out += group_row(group);
  out += kTableEnd;
  for (const DecisionChangeWord& word : all_decision_changes()) {
    const std::uint64_t count = table.ungrouped[static_cast<std::size_t>(word.value)];
    if (count == 0) continue;
    add_note(fmt::format("{} more: {}, in groups beyond those that are shown.",
                         counted(count, "question"), html(word.about)),
             out);
  }
  return out + "</section>\n";
}

std::string rights_cell(const RoleRights& rights) {
  const std::string_view style = rights.standing == RoleStanding::kAlways  ? "good"
                                 : rights.standing == RoleStanding::kNever ? "bad"
                                                                           : "warn";
  std::string_view word = to_string(rights.standing);
  if (rights.standing == RoleStanding::kOverrideOnly) word = "in an emergency";
  std::string out = fmt::format("<p class=\"{}\">{}</p>", style, word);
  if (!rights.permits.empty()) out += fmt::format("<p>by {}</p>", list(rights.permits));
  if (!rights.limits.empty()) out += fmt::format("<p>unless {}</p>", list(rights.limits));
  return out;
}

std::string asked_cells(const MatrixCell& cell, const DecisionTable& table) {
  const auto it = std::ranges::find_if(table.asked, [&](const AskedCell& asked) {
    return asked.role == cell.role && asked.action == cell.action &&
           asked.resource_type == cell.resource_type;
  });
  if (it == table.asked.end()) return "<td></td><td></td>";
  return fmt::format("<td class=\"number\">{}</td><td class=\"number\">{} \u2192 {}</td>",
                     grouped(it->asked), grouped(it->allowed_before), grouped(it->allowed_after));
}

std::string rights_table(const DiffReport& report, bool differing, std::string_view section) {
  std::string rows;
  for (const MatrixCell& cell : report.matrix.cells) {
    if (cell.differs() != differing) continue;
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n",
        html(cell.role), html(cell.action), html(cell.resource_type), rights_cell(cell.before),
        rights_cell(cell.after), asked_cells(cell, report.table));
  }
  if (rows.empty()) return "<p>None.</p>\n";
  return table_begin(section, {"Role", "Action", "On", "Before", "After", "Asked", "Allowed"}) +
         rows + std::string(kTableEnd);
}

std::string rights(const DiffReport& report) {
  std::string out = fmt::format(
      "<section aria-labelledby=\"rights\">\n<h2 id=\"rights\">What roles may do, by the "
      "policies\u2019 "
      "scopes</h2>\n<p>What each role alone gives, whatever is asked. <em>Sometimes</em>: under "
      "the "
      "conditions of the policies that are named, or for some things of the type.</p>\n{}"
      "</section>\n<section aria-labelledby=\"same-rights\">\n"
      "<h2 id=\"same-rights\">What stays</h2>\n<details>\n<summary>Rights that do not "
      "differ</summary>\n{}</details>\n",
      rights_table(report, true, "rights"), rights_table(report, false, "same-rights"));
  if (report.matrix.left_out_roles > 0) {
    add_note(fmt::format("{} not in these tables: there are too many.",
                         counted(report.matrix.left_out_roles, "role")),
             out);
  }
  return out + "</section>\n</main>\n</body>\n</html>\n";
}

}  // namespace

std::string diff_page(const DiffReport& report) {
  return head() + facts(report) + summary(report) + changes(report.table) + rights(report);
}

}  // namespace wardlock::compare
