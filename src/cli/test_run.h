#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/name_pattern.h"
#include "cli/output.h"
#include "pdp/snapshot.h"
#include "suite/coverage.h"
#include "suite/run.h"

namespace wardlock::cli {

/// Where a suite's own entities are at fault, they stand in the suite.
std::optional<Findings> fault_in_entities(const suite::SuiteFile& file, const Error& error);

struct TestRunOptions {
  pdp::Mode mode = pdp::Mode::kStrict;
  bool wants_coverage = false;
};

/// Runs suites against policies. The suites outlive it.
class TestRun {
 public:
  /// `folder`: the policies, their schema, and the entities that suites are asked about. Without a
  /// filter all tests are run.
  TestRun(const TestRunOptions& options, pdp::Sources folder,
          std::optional<NamePattern> filter = std::nullopt)
      : options_(options), folder_(std::move(folder)), filter_(std::move(filter)) {}

  /// Error: the policies or entities cannot be used.
  Result<void> run(const suite::SuiteFile& file);

  /// To be called once for each suite, after the last one was run.
  void excuse(const suite::SuiteFile& file);

  const std::vector<Findings>& findings() const { return findings_; }
  const std::optional<suite::Coverage>& coverage() const { return coverage_; }
  const std::vector<suite::SuiteResult>& results() const { return results_; }

 private:
  Result<std::shared_ptr<const pdp::Snapshot>> snapshot_for(const suite::SuiteFile& file);
  void cover(const pdp::Snapshot& snapshot, const suite::TestResult& result);

  TestRunOptions options_;
  pdp::Sources folder_;
  std::optional<NamePattern> filter_;
  std::shared_ptr<const pdp::Snapshot> shared_;  ///< with the folder's entities
  std::optional<suite::Coverage> coverage_;
  std::vector<Findings> findings_;
  std::vector<suite::SuiteResult> results_;
};

}  // namespace wardlock::cli
