#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "cedar/evaluator/step_budget.h"
#include "compare/decisions/decision_diff.h"
#include "compare/report/diff_report.h"
#include "pap/test_limits.h"
#include "pdp/snapshot.h"
#include "suite/run.h"

namespace wardlock::pap {

/// Two sets of policies on the same entities.
struct ComparedPolicies {
  pdp::Sources before_sources = {};
  pdp::Sources after_sources = {};
  std::shared_ptr<const pdp::Snapshot> before = {};
  std::shared_ptr<const pdp::Snapshot> after = {};
  pdp::Mode mode = pdp::Mode::kStrict;
};

/// Is told how much of the making of questions is done, of how much.
using MakingProgress = std::function<void(std::size_t, std::size_t)>;

/// Asks both sets the questions of a suite, with its own entities where it has any; the snapshots
/// are added to `kept`, which has to outlive the comparison. With a budget, what it takes comes out
/// of that. Errors: a set does not go with the entities; kFailedPrecondition, the budget is used
/// up.
Result<void> ask_suite(const suite::SuiteFile& file, const ComparedPolicies& policies,
                       compare::DecisionDiff& diff,
                       std::vector<std::shared_ptr<const pdp::Snapshot>>& kept,
                       cedar::StepBudget* budget = nullptr);

/// Asks both sets made questions that bring every condition of either about both ways, each on
/// entities of its own. Says in `told` how many there are, and what no question brings about.
/// `kept` as in `ask_suite`. Error: a set has no schema, or does not fit it.
Result<void> ask_generated(const ComparedPolicies& policies, std::uint64_t seed,
                           compare::DecisionDiff& diff,
                           std::vector<std::shared_ptr<const pdp::Snapshot>>& kept,
                           std::vector<std::string>& told,
                           const MakingProgress& progress = nullptr);

/// How two contents are compared.
struct ComparisonOptions {
  bool asks_tests = true;       ///< the questions of both contents' tests
  bool asks_generated = false;  ///< made questions, too; takes seconds
  std::uint64_t seed = 0;
  std::size_t examples = 3;
  std::int64_t made_at = 0;                   ///< milliseconds since the epoch, for the report
  std::size_t most_tests = kMostTests;        ///< of each content
  std::uint64_t most_steps = kMostTestSteps;  ///< that the questions of the tests may take
};

/// What the two decide differently, and which rights each role has by either: on the entities of
/// the tests, which come with the contents. Takes its time. Pure. Errors: one of them cannot be
/// used, or a test cannot be read; kFailedPrecondition, the tests are too many or too much work.
Result<compare::DiffReport> compare_contents(const bundle::Content& before,
                                             const bundle::Content& after,
                                             const ComparisonOptions& options);

}  // namespace wardlock::pap
