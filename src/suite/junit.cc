#include <fmt/format.h>

#include "base/line_index.h"
#include "suite/report.h"
#include "suite/xml_text.h"

namespace wardlock::suite {
namespace {

std::string failure_of(const TestResult& result) {
  std::string message, text;
  for (const Difference& each : result.differences) {
    const std::string line =
        fmt::format("{}: expected {}, found {}", each.what, each.expected, each.found);
    if (message.empty()) message = line;
    text += line + "\n";
  }
  for (const std::string& line : result.why) text += line + "\n";
  return fmt::format("      <failure message=\"{}\" type=\"policy\">{}</failure>\n",
                     xml_text(message), xml_text(text));
}

void append_case(const SuiteFile& file, const LineIndex& lines, const TestResult& result,
                 std::string& out) {
  const Test& test = *result.test;
  const Position at = lines.position_at(test.span.begin);
  out += fmt::format("    <testcase name=\"{}\" classname=\"{}\"",
                     xml_text(file.suite.name_of(test)), xml_text(file.name));
  if (result.status == Status::kPassed) {
    out += "/>\n";
    return;
  }
  out += ">\n";
  if (result.status == Status::kFailed) out += failure_of(result);
  if (test.skip) out += fmt::format("      <skipped message=\"{}\"/>\n", xml_text(*test.skip));
  out += fmt::format("      <system-out>{}:{}:{}</system-out>\n    </testcase>\n",
                     xml_text(file.name), at.line, at.column);
}

}  // namespace

std::string junit_report(std::span<const SuiteResult> results) {
  const Tally all = tally(results);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"wardlock run-tests\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
      all.total(), all.failed);
  for (const SuiteResult& suite : results) {
    out += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
        xml_text(suite.file->name), suite.results.size(), suite.count(Status::kFailed),
        suite.count(Status::kSkipped));
    const LineIndex lines(suite.file->text);
    for (const TestResult& result : suite.results) append_case(*suite.file, lines, result, out);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace wardlock::suite
