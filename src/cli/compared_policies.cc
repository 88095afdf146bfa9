#include "cli/compared_policies.h"

#include <fmt/format.h>

#include <filesystem>

#include "audit/files/posix_files.h"
#include "cli/audit_inputs.h"
#include "cli/inputs.h"
#include "cli/progress_bar.h"
#include "compare/golden/golden_file.h"
#include "compare/replay/log_questions.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

namespace fs = std::filesystem;

Result<void> give_log(const QuestionOptions& options, compare::QuestionTaker& taker,
                      std::vector<std::string>& told) {
  const compare::ReplayedPeriod period{.tenant = options.tenant,
                                       .from = TRY(read_time_option(options.since, "since")),
                                       .until = TRY(read_time_option(options.until, "until"))};
  const auto keys = TRY(open_audit_keys(options.log, options.keys));
  audit::PosixFiles files;
  audit::EventReader events(files, options.log, *keys);
  ProgressBar bar("asking again");
  compare::LogQuestions questions(
      events, period, [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); });
  TRY_VOID(questions.give(taker));
  told.push_back(fmt::format("the decisions in `{}`", options.log));
  return {};
}

Result<void> give_file(const std::string& path, compare::QuestionTaker& taker,
                       std::vector<std::string>& told) {
  const pdp::Source source = TRY(server::read_source(path));
  const auto requests = compare::read_golden_file(source.text);
  if (!requests) return std::unexpected(requests.error().in(path));
  told.push_back(fmt::format("the requests of `{}`", path));
  return compare::GoldenQuestions(*requests).give(taker);
}

}  // namespace

void add_question_options(CommandBuilder& command, QuestionOptions& options) {
  command.option("--log", options.log, "DIR", "the decisions that an audit log has recorded")
      .option("--since", options.since, "TIME", "of those, the ones from then on, e.g. 2026-11-01")
      .option("--until", options.until, "TIME", "the ones before then")
      .option("--tenant", options.tenant, "NAME", "the organization, where there are several")
      .option("--keys", options.keys, "DIR",
              "folder of the log's keys (default: its own `keys`, where it is there)")
      .option("--questions", options.questions, "FILE",
              "requests of a file, as `wardlock drift record` writes them");
}

Result<pdp::Sources> load_policy_folder(const std::string& folder, const std::string& entities) {
  std::string path = entities;
  const fs::path beside = fs::path(folder) / "entities.json";
  if (path.empty() && fs::exists(beside)) path = beside.string();
  return load_sources({.policies = folder, .links = {}}, "", path);
}

Result<void> give_questions(const QuestionOptions& options, compare::QuestionTaker& taker,
                            std::vector<std::string>& told) {
  if (!options.log.empty()) TRY_VOID(give_log(options, taker, told));
  if (!options.questions.empty()) TRY_VOID(give_file(options.questions, taker, told));
  return {};
}

}  // namespace wardlock::cli
