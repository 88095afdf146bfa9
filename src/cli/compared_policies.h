#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_builder.h"
#include "compare/decisions/decision_diff.h"
#include "compare/report/diff_report.h"
#include "pdp/snapshot.h"
#include "suite/run.h"

namespace wardlock::cli {

/// Two sets of policies on the same entities.
struct ComparedPolicies {
  pdp::Sources before_sources = {};
  pdp::Sources after_sources = {};
  std::shared_ptr<const pdp::Snapshot> before = {};
  std::shared_ptr<const pdp::Snapshot> after = {};
  pdp::Mode mode = pdp::Mode::kStrict;
};

/// Where questions come from.
struct QuestionOptions {
  std::string log;     ///< folder of an audit log
  std::string keys;    ///< of its keys
  std::string tenant;  ///< whose decisions
  std::string since;
  std::string until;
  std::string questions;  ///< file of golden requests
};

void add_question_options(CommandBuilder& command, QuestionOptions& options);

/// A folder of policies with entities: those of the option, or its own `entities.json`.
Result<pdp::Sources> load_policy_folder(const std::string& folder, const std::string& entities);

/// Gives the questions of the log and of the file, those that are asked for, to the taker, and says
/// in `told` where they came from. Shows how far the log is.
Result<void> give_questions(const QuestionOptions& options, compare::QuestionTaker& taker,
                            std::vector<std::string>& told);

/// Asks both sets the questions of a suite, with its own entities where it has any; the snapshots
/// are added to `kept`, which has to outlive the comparison. Error: a set does not go with the
/// entities.
Result<void> ask_suite(const suite::SuiteFile& file, const ComparedPolicies& policies,
                       compare::DecisionDiff& diff,
                       std::vector<std::shared_ptr<const pdp::Snapshot>>& kept);

/// Asks both sets made questions that bring every condition of either about both ways, each on
/// entities of its own. Says in `told` how many there are, and what no question brings about.
/// `kept` as in `ask_suite`. Error: a set has no schema, or does not fit it.
Result<void> ask_generated(const ComparedPolicies& policies, std::uint64_t seed,
                           compare::DecisionDiff& diff,
                           std::vector<std::shared_ptr<const pdp::Snapshot>>& kept,
                           std::vector<std::string>& told);

}  // namespace wardlock::cli
