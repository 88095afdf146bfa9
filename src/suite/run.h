#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/error.h"
#include "cedar/evaluator/step_budget.h"
#include "pdp/access.h"
#include "pdp/snapshot.h"
#include "suite/suite.h"

namespace wardlock::suite {

/// A suite and the text it was read from.
struct SuiteFile {
  std::string name;
  std::string text;
  Suite suite;
};

enum class Status : std::uint8_t { kPassed, kFailed, kSkipped };

std::string_view to_string(Status status);

/// What of an answer is not as it must be.
struct Difference {
  std::string_view what;  ///< as the suite calls it: `decision`, `policies`, …
  std::string expected;
  std::string found;
};

/// What `pdp::decide` says, in texts of its own.
struct Answer {
  bool is_allowed = false;
  pdp::Cause cause = pdp::Cause::kNoPermit;
  std::vector<std::string> policies = {};
  std::vector<std::string> obligations = {};
  std::vector<std::string> errors = {};
  std::vector<std::string> notes = {};
  std::optional<std::string> grant = {};
  std::optional<Authentication> step_up = {};
  bool is_override_possible = false;
  bool is_withheld = false;
};

/// What came of a test. Borrows the test.
struct TestResult {
  const Test* test = nullptr;
  Status status = Status::kPassed;
  std::optional<Result<Answer>> answer = {};  ///< none: skipped; an error: refused
  std::vector<Difference> differences = {};
  std::vector<std::string> why = {};  ///< of a failure: sentences on how the answer came about
};

/// What came of a file of tests. Borrows the file.
struct SuiteResult {
  const SuiteFile* file = nullptr;
  std::vector<TestResult> results;

  std::size_t count(Status status) const;
};

/// The question for `pdp::decide`. Borrows everything, and from the arena.
pdp::AccessRequest to_request(const Asked& asked, const pdp::Caller& caller, Arena& arena);

/// What the suite names that is not in the snapshot: policies, obligations, actions and types.
Diagnostics check_names(const Suite& suite, const pdp::Snapshot& snapshot);

/// The sources with the suite's own entities where it has any.
pdp::Sources sources_for(const SuiteFile& file, const pdp::Sources& folder);

/// Asks the test's question and compares the answer. With a budget, what it takes comes out of
/// that; where it is used up by then, what the test came to counts for nothing. Pure; thread-safe.
TestResult run_test(const Test& test, const pdp::Snapshot& snapshot,
                    cedar::StepBudget* budget = nullptr);

/// What it takes to make a snapshot of the sources, in steps of a budget: all their text is read.
std::uint64_t building_steps(const pdp::Sources& sources);

/// How a cell or key would say it, for messages: `2 pwd otp`, `none`.
std::string to_text(const std::optional<Authentication>& authentication);

}  // namespace wardlock::suite
