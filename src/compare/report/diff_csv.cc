#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "audit/inspect/csv.h"
#include "compare/report/diff_report.h"

namespace wardlock::compare {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::array<std::string_view, 17> kColumns = {"change",
                                                       "role",
                                                       "action",
                                                       "resource_type",
                                                       "count",
                                                       "principals",
                                                       "decision_before",
                                                       "cause_before",
                                                       "policies_before",
                                                       "obligations_before",
                                                       "decision_after",
                                                       "cause_after",
                                                       "policies_after",
                                                       "obligations_after",
                                                       "example_principal",
                                                       "example_resource",
                                                       "example_question"};

void append_texts(const std::vector<std::string>& texts, std::string& out) {
  out += ',';
  audit::append_csv_text(fmt::format("{}", fmt::join(texts, " ")), out);
}

void append_text(std::string_view text, std::string& out) {
  out += ',';
  audit::append_csv_text(text, out);
}

void append_side(const AnswerSide& side, std::string& out) {
  append_text(side.decision(), out);
  append_text(side.cause, out);
  append_texts(side.policies, out);
  append_texts(side.obligations, out);
}

void append_group(const ChangeGroup& group, std::string& out) {
  audit::append_csv_text(word_of(group.change).name, out);
  append_text(group.role, out);
  append_text(group.action, out);
  append_text(group.resource_type, out);
  out += fmt::format(",{},{}", group.count, group.people);
  append_side(group.before, out);
  append_side(group.after, out);
  const ChangeExample none;
  const ChangeExample& example = group.examples.empty() ? none : group.examples.front();
  append_text(example.principal, out);
  append_text(example.resource, out);
  append_text(example.name, out);
  out += kLineEnd;
}

}  // namespace

std::string diff_csv(const DiffReport& report) {
  std::string out = fmt::format("{}{}", fmt::join(kColumns, ","), kLineEnd);
  for (const ChangeGroup& group : report.table.groups) append_group(group, out);
  return out;
}

}  // namespace wardlock::compare
