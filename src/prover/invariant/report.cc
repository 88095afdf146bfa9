#include "prover/invariant/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/line_index.h"
#include "base/utf8.h"
#include "base/xml_text.h"
#include "codec/json.h"

namespace wardlock::prover {
namespace {

std::string question_text(const Counterexample& example) {
  const auto text = [&](std::string_view key) {
    return std::string(example.question.at(key).as_string());
  };
  return fmt::format("{} {} {} {}", text("principal"), example.is_allowed ? "may" : "may not",
                     text("action"), text("resource"));
}

std::string cause_text(const Counterexample& example) {
  std::string out(pdp::to_string(example.cause));
  if (!example.policies.empty()) out += fmt::format(": {}", fmt::join(example.policies, ", "));
  if (!example.obligations.empty()) {
    out += fmt::format("; it owes {}", fmt::join(example.obligations, ", "));
  }
  return out;
}

/// Why the invariant does not hold, lines of their own.
std::vector<std::string> lines_of(const CheckResult& result) {
  std::vector<std::string> lines;
  if (!result.sentence->reason.empty()) lines.push_back(result.sentence->reason);
  if (!result.counterexample) {
    if (!result.why.empty()) lines.push_back(result.why);
    return lines;
  }
  const Counterexample& example = *result.counterexample;
  lines.push_back(question_text(example));
  lines.push_back(cause_text(example));
  lines.push_back("context: " + codec::to_json_text(example.question.at("context")));
  for (std::size_t i = example.given; i < example.entities.size(); ++i) {
    lines.push_back("entity: " + codec::to_json_text(example.entities[i]));
  }
  return lines;
}

boost::json::object json_of(const InvariantFile& file, const LineIndex& lines,
                            const CheckResult& result) {
  const Position at = lines.position_at(result.sentence->name_span.begin);
  boost::json::object out{{"name", result.sentence->name},
                          {"standing", to_string(result.standing)},
                          {"file", file.name},
                          {"line", at.line},
                          {"column", at.column},
                          {"environments", result.environments},
                          {"steps", result.steps}};
  if (!result.sentence->reason.empty()) out["reason"] = result.sentence->reason;
  if (!result.why.empty()) out["why"] = result.why;
  if (result.unmade > 0) out["unmade_cases"] = result.unmade;
  if (!result.counterexample) return out;
  const Counterexample& example = *result.counterexample;
  out["counterexample"] = {
      {"request", example.question},
      {"entities", example.entities},
      {"decision", example.is_allowed ? "allow" : "deny"},
      {"cause", pdp::to_string(example.cause)},
      {"policies", boost::json::array(example.policies.begin(), example.policies.end())},
      {"obligations", boost::json::array(example.obligations.begin(), example.obligations.end())}};
  return out;
}

void append_case(const InvariantFile& file, const LineIndex& lines, const CheckResult& result,
                 std::string& out) {
  const Position at = lines.position_at(result.sentence->name_span.begin);
  out += fmt::format("    <testcase name=\"{}\" classname=\"{}\"", xml_text(result.sentence->name),
                     xml_text(file.name));
  if (result.standing == Standing::kHolds) {
    out += "/>\n";
    return;
  }
  const std::vector<std::string> why = lines_of(result);
  const std::string message =
      result.counterexample ? question_text(*result.counterexample) : result.why;
  out += fmt::format(
      ">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n"
      "      <system-out>{}:{}:{}</system-out>\n    </testcase>\n",
      xml_text(message), to_string(result.standing), xml_text(fmt::to_string(fmt::join(why, "\n"))),
      xml_text(file.name), at.line, at.column);
}

void count(const InvariantFile& file, StandingCount& counts) {
  for (const CheckResult& result : file.results) {
    switch (result.standing) {
      case Standing::kHolds: ++counts.holding; break;
      case Standing::kFails: ++counts.failing; break;
      case Standing::kUndecided: ++counts.undecided; break;
    }
  }
}

}  // namespace

StandingCount count_standings(std::span<const InvariantFile> files) {
  StandingCount counts;
  for (const InvariantFile& file : files) count(file, counts);
  return counts;
}

std::string text_report(std::span<const InvariantFile> files, std::size_t given, bool is_verbose) {
  std::string out;
  for (const InvariantFile& file : files) {
    const LineIndex lines(file.text);
    for (const CheckResult& result : file.results) {
      const bool holds = result.standing == Standing::kHolds;
      if (holds && !is_verbose) continue;
      const Position at = lines.position_at(result.sentence->name_span.begin);
      out += fmt::format("{}:{}:{}: {} {}\n", file.name, at.line, at.column,
                         holds                                 ? "holds"
                         : result.standing == Standing::kFails ? "FAILS"
                                                               : "UNDECIDED",
                         printable(result.sentence->name));
      if (holds) continue;
      for (const std::string& line : lines_of(result)) {
        out += fmt::format("    {}\n", printable(line));
      }
    }
  }
  const StandingCount counts = count_standings(files);
  out += fmt::format("{} hold, {} fail, {} undecided; {} entit{} taken as given\n", counts.holding,
                     counts.failing, counts.undecided, given, given == 1 ? "y" : "ies");
  return out;
}

boost::json::object json_report(std::span<const InvariantFile> files, std::size_t given) {
  const StandingCount counts = count_standings(files);
  boost::json::array all;
  for (const InvariantFile& file : files) {
    const LineIndex lines(file.text);
    for (const CheckResult& result : file.results) all.push_back(json_of(file, lines, result));
  }
  return {{"holding", counts.holding},
          {"failing", counts.failing},
          {"undecided", counts.undecided},
          {"given_entities", given},
          {"invariants", std::move(all)}};
}

std::string junit_report(std::span<const InvariantFile> files) {
  const StandingCount all = count_standings(files);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"wardlock invariants\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
      all.total(), all.total() - all.holding);
  for (const InvariantFile& file : files) {
    StandingCount counts;
    count(file, counts);
    out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
                       xml_text(file.name), counts.total(), counts.total() - counts.holding);
    const LineIndex lines(file.text);
    for (const CheckResult& result : file.results) append_case(file, lines, result, out);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace wardlock::prover
