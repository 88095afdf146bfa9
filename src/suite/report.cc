#include "suite/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wardlock::suite {
namespace {

std::string place(const SuiteFile& file, Span span) {
  const Position at = position_at(file.text, span.begin);
  return fmt::format("{}:{}:{}", file.name, at.line, at.column);
}

void append_failure(const SuiteFile& file, const TestResult& result, std::string& out) {
  out += fmt::format("{}: FAILED {}\n", place(file, result.test->span),
                     file.suite.name_of(*result.test));
  for (const Difference& each : result.differences) {
    out += fmt::format("    {}: expected {}, found {}\n", each.what, each.expected, each.found);
  }
  for (const std::string& line : result.why) out += fmt::format("    {}\n", line);
}

}  // namespace

Tally tally(std::span<const SuiteResult> results) {
  Tally out;
  for (const SuiteResult& suite : results) {
    out.passed += suite.count(Status::kPassed);
    out.failed += suite.count(Status::kFailed);
    out.skipped += suite.count(Status::kSkipped);
  }
  return out;
}

std::string text_report(std::span<const SuiteResult> results, bool is_verbose) {
  std::string out;
  for (const SuiteResult& suite : results) {
    for (const TestResult& result : suite.results) {
      if (result.status == Status::kFailed) {
        append_failure(*suite.file, result, out);
      } else if (is_verbose || result.status == Status::kSkipped) {
        out += fmt::format("{}: {} {}{}\n", place(*suite.file, result.test->span),
                           to_string(result.status), suite.file->suite.name_of(*result.test),
                           result.test->skip ? ": " + *result.test->skip : "");
      }
    }
  }
  const Tally all = tally(results);
  out += fmt::format("{} passed, {} failed", all.passed, all.failed);
  if (all.skipped > 0) out += fmt::format(", {} skipped", all.skipped);
  return out + "\n";
}

}  // namespace wardlock::suite
