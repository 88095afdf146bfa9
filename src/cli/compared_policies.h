#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_builder.h"
#include "compare/decisions/decision_diff.h"
#include "compare/report/diff_report.h"
#include "pdp/sources.h"

namespace wardlock::cli {

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

}  // namespace wardlock::cli
