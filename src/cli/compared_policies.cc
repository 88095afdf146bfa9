#include "cli/compared_policies.h"

#include <fmt/format.h>

#include <filesystem>

#include "audit/files/posix_files.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "cli/audit_inputs.h"
#include "cli/inputs.h"
#include "cli/progress_bar.h"
#include "compare/decisions/suite_questions.h"
#include "compare/golden/golden_file.h"
#include "compare/replay/log_questions.h"
#include "prover/question/generator.h"
#include "prover/world/trial.h"
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

/// What applications call an action: its id, where there is one alone of that.
std::string action_name(const std::string& uid, const cedar::Schema& schema) {
  const cedar::EntityUid* found = nullptr;
  std::size_t same = 0;
  for (const cedar::ActionType& action : schema.actions()) {
    if (cedar::to_text(*action.uid) == uid) found = action.uid;
  }
  for (const cedar::ActionType& action : schema.actions()) {
    if (found != nullptr && action.uid->id == found->id) ++same;
  }
  return same == 1 ? std::string(found->id) : uid;
}

/// The question without its entities.
suite::Asked asked_of(const prover::World& world, const cedar::Schema& schema) {
  return {.principal = {.type = world.principal.type,
                        .id = world.principal.id,
                        .properties = world.principal.properties},
          .action = action_name(world.action, schema),
          .resource = {.type = world.resource.type,
                       .id = world.resource.id,
                       .properties = world.resource.properties},
          .context = world.context,
          .authentication = suite::Authentication{.level = world.level, .methods = world.methods},
          .fulfils = world.fulfils,
          .grant = world.grant,
          .at = world.at};
}

/// The policies with these entities, and no others.
Result<std::shared_ptr<const pdp::Snapshot>> with_entities(pdp::Sources sources,
                                                           const boost::json::array& entities,
                                                           const ComparedPolicies& policies,
                                                           const pdp::Snapshot& like) {
  sources.entities = pdp::Source{"made entities", codec::to_json_text(codec::Json(entities))};
  return pdp::build_snapshot(sources, {.mode = policies.mode}, &like);
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

Result<void> ask_suite(const suite::SuiteFile& file, const ComparedPolicies& policies,
                       compare::DecisionDiff& diff,
                       std::vector<std::shared_ptr<const pdp::Snapshot>>& kept) {
  auto before = policies.before;
  auto after = policies.after;
  if (file.suite.entities) {
    before =
        TRY(pdp::build_snapshot(suite::sources_for(file, policies.before_sources), policies.mode));
    after =
        TRY(pdp::build_snapshot(suite::sources_for(file, policies.after_sources), policies.mode));
  }
  diff.ask_of(*before, *after);
  kept.push_back(before);
  kept.push_back(after);
  return compare::SuiteQuestions(file.suite).give(diff);
}

Result<void> ask_generated(const ComparedPolicies& policies, std::uint64_t seed,
                           compare::DecisionDiff& diff,
                           std::vector<std::shared_ptr<const pdp::Snapshot>>& kept,
                           std::vector<std::string>& told) {
  const std::string schema_needed = "questions are made of policies with a schema that they fit";
  std::size_t asked = 0, goals = 0, reached = 0;
  for (const pdp::Sources* sources : {&policies.before_sources, &policies.after_sources}) {
    const auto trial = prover::Trial::create(*sources);
    if (!trial) return std::unexpected(trial.error().in(schema_needed));
    ProgressBar bar("making questions");
    const auto made = prover::generate_questions(
        *trial, {.seed = seed,
                 .progress = [&](std::size_t done, std::size_t all) { bar.show(done, all); }});
    goals += made.goals;
    reached += made.reached();
    for (const prover::World& world : made.questions) {
      const std::string name = fmt::format("made question {}", ++asked);
      const auto entities = trial->entities_of(world);
      auto before = with_entities(policies.before_sources, entities, policies, *policies.before);
      auto after = with_entities(policies.after_sources, entities, policies, *policies.after);
      if (!before || !after) {
        diff.leave_out(compare::LeftOut::kUnanswerable, name);
        continue;
      }
      diff.ask_of(**before, **after);
      kept.push_back(*std::move(before));
      kept.push_back(*std::move(after));
      const suite::Asked question = asked_of(world, trial->schema());
      const pdp::Caller caller = compare::comparing_caller("");
      Arena arena;
      diff.take(
          {.access = suite::to_request(question, caller, arena), .at = question.at, .name = name});
    }
  }
  told.push_back(fmt::format("{} made questions, which bring about {} of {} outcomes of conditions",
                             asked, reached, goals));
  return {};
}

}  // namespace wardlock::cli
