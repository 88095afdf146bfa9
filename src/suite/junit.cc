#include <fmt/format.h>

#include "base/line_index.h"
#include "base/utf8.h"
#include "suite/report.h"

namespace wardlock::suite {
namespace {

/// Text for XML 1.0, as content or between double quotes. What XML cannot hold at all is shown as
/// `printable` does.
std::string escaped(std::string_view text) {
  std::string out;
  const std::string shown = printable(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string_view rest = std::string_view(shown).substr(i);
    switch (shown[i]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // A parser would make blanks of them in an attribute.
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default:
        if (rest.starts_with("\uFFFE") || rest.starts_with("\uFFFF")) {
          out += rest.starts_with("\uFFFE") ? "\\u{fffe}" : "\\u{ffff}";
          i += 2;
        } else {
          out += shown[i];
        }
    }
  }
  return out;
}

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
                     escaped(message), escaped(text));
}

void append_case(const SuiteFile& file, const LineIndex& lines, const TestResult& result,
                 std::string& out) {
  const Test& test = *result.test;
  const Position at = lines.position_at(test.span.begin);
  out += fmt::format("    <testcase name=\"{}\" classname=\"{}\"",
                     escaped(file.suite.name_of(test)), escaped(file.name));
  if (result.status == Status::kPassed) {
    out += "/>\n";
    return;
  }
  out += ">\n";
  if (result.status == Status::kFailed) out += failure_of(result);
  if (test.skip) out += fmt::format("      <skipped message=\"{}\"/>\n", escaped(*test.skip));
  out += fmt::format("      <system-out>{}:{}:{}</system-out>\n    </testcase>\n",
                     escaped(file.name), at.line, at.column);
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
        escaped(suite.file->name), suite.results.size(), suite.count(Status::kFailed),
        suite.count(Status::kSkipped));
    const LineIndex lines(suite.file->text);
    for (const TestResult& result : suite.results) append_case(*suite.file, lines, result, out);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace wardlock::suite
