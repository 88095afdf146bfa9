#pragma once

#include <span>
#include <string>

#include "codec/json.h"
#include "suite/run.h"

namespace wardlock::suite {

/// How many tests passed, failed and were skipped.
struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;

  std::size_t total() const { return passed + failed + skipped; }
};
Tally tally(std::span<const SuiteResult> results);

/// For people: each failure with its place, what was expected and found and why; with
/// `is_verbose` every test. Ends with a line that counts them.
std::string text_report(std::span<const SuiteResult> results, bool is_verbose);

/// Everything: each test with its question (as an AuthZEN request), what was expected and found.
boost::json::object json_report(std::span<const SuiteResult> results);

/// JUnit's XML as Jenkins' schema has it: a `testsuite` for each file.
std::string junit_report(std::span<const SuiteResult> results);

/// The JSON Schema of suites, for editors.
codec::Json editor_schema();

}  // namespace wardlock::suite
