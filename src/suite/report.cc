#include "suite/report.h"

#include <fmt/format.h>

#include "base/line_index.h"

namespace wardlock::suite {
namespace {

/// Says where tests of a file are.
class Places {
 public:
  explicit Places(const SuiteFile& file) : file_(file), lines_(file.text) {}

  std::string of(const Test& test) const {
    const Position at = lines_.position_at(test.span.begin);
    return fmt::format("{}:{}:{}", file_.name, at.line, at.column);
  }

 private:
  const SuiteFile& file_;
  LineIndex lines_;
};

void append_failure(const std::string& place, std::string_view name, const TestResult& result,
                    std::string& out) {
  out += fmt::format("{}: FAILED {}\n", place, name);
  for (const Difference& each : result.differences) {
    out += fmt::format("    {}: expected {}, found {}\n", each.what, each.expected, each.found);
  }
  for (const std::string& line : result.why) out += fmt::format("    {}\n", line);
}

void append_result(const Suite& suite, const Places& places, const TestResult& result,
                   std::string& out) {
  const Test& test = *result.test;
  const std::string place = places.of(test);
  const std::string name = suite.name_of(test);
  if (result.status == Status::kFailed) return append_failure(place, name, result, out);
  out += fmt::format("{}: {} {}{}\n", place, to_string(result.status), name,
                     test.skip ? ": " + *test.skip : "");
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
    const Places places(*suite.file);
    for (const TestResult& result : suite.results) {
      if (result.status == Status::kPassed && !is_verbose) continue;
      append_result(suite.file->suite, places, result, out);
    }
  }
  const Tally all = tally(results);
  out += fmt::format("{} passed, {} failed", all.passed, all.failed);
  if (all.skipped > 0) out += fmt::format(", {} skipped", all.skipped);
  return out + "\n";
}

}  // namespace wardlock::suite
