// Policy tests: a suite is read and run, or it is said why not, with places in the text.
#include "base/check.h"
#include "suite/coverage.h"
#include "suite/report.h"
#include "suite/run.h"

using namespace wardlock;

namespace {

const pdp::Sources& sources() {
  static const pdp::Sources policies{
      .policies = {{"p.cedar",
                    "@id(\"a\") permit (principal, action == Action::\"view\", resource)"
                    " when { principal == resource.owner };"
                    "@id(\"b\") @obligation(\"mask\") forbid (principal, action, resource)"
                    " when { context has x && context.now < datetime(\"2027-01-01\") };"}}};
  return policies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto read = suite::read_suite(text, {.max_bytes = 1 << 16, .max_tests = 500});
  if (!read) {
    CHECK(!read.error().empty());
    for (const Diagnostic& diagnostic : read.error()) {
      CHECK(!render(diagnostic, text, "fuzz", true).empty());
    }
    return 0;
  }
  const suite::SuiteFile file{"fuzz.test.yaml", text, *std::move(read)};
  const auto snapshot =
      pdp::build_snapshot(suite::sources_for(file, sources()), pdp::Mode::kStrict);
  if (!snapshot || !suite::check_names(file.suite, **snapshot).empty()) return 0;
  suite::Coverage coverage(**snapshot, sources());
  suite::SuiteResult result{.file = &file, .results = {}};
  for (const suite::Test& test : file.suite.tests) {
    result.results.push_back(suite::run_test(test, **snapshot));
    const auto& answer = result.results.back().answer;
    if (answer && *answer) coverage.add(**snapshot, test, **answer);
  }
  coverage.excuse(file.suite);
  const std::span<const suite::SuiteResult> results(&result, 1);
  CHECK(suite::tally(results).total() == file.suite.tests.size());
  CHECK(!suite::text_report(results, true).empty() && !suite::junit_report(results).empty());
  CHECK(!suite::json_report(results).empty() && !suite::text_report(coverage).empty());
  return 0;
}
