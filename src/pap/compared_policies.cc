#include "pap/compared_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/arena.h"
#include "base/version.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "compare/decisions/access_matrix.h"
#include "compare/decisions/suite_questions.h"
#include "pap/test_world.h"
#include "prover/question/generator.h"
#include "prover/world/trial.h"

namespace wardlock::pap {
namespace {

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

/// The suites of both; one that is the same in both is there once.
Result<std::vector<suite::SuiteFile>> suites_of(const bundle::Content& before,
                                                const bundle::Content& after) {
  std::vector<suite::SuiteFile> all;
  for (const bundle::Content* content : {&after, &before}) {
    for (const bundle::BundledFile& file : content->files()) {
      if (bundle::kind_of(file.name) != bundle::FileKind::kTests) continue;
      if (std::ranges::find(all, file.text, &suite::SuiteFile::text) != all.end()) continue;
      auto read = suite::read_suite(file.text);
      if (!read) {
        return invalid(fmt::format("the tests `{}` cannot be read: {}", file.name,
                                   read.error().front().message));
      }
      all.push_back({file.name, file.text, *std::move(read)});
    }
  }
  return all;
}

compare::ComparedSet describe(const bundle::Content& content, const pdp::Snapshot& snapshot) {
  return {.name = content.name(),
          .policy_set = snapshot.policy_set(),
          .policies = snapshot.policies().policies().size()};
}

/// Both on the entities of the tests of `after`, or where it has none, of `before`.
Result<ComparedPolicies> load(const bundle::Content& before, const bundle::Content& after) {
  ComparedPolicies out;
  out.before_sources = with_test_world(before);
  out.after_sources = with_test_world(after);
  auto& entities = out.after_sources.entities;
  if (!entities) entities = out.before_sources.entities;
  out.before_sources.entities = entities;
  out.before = TRY(pdp::build_snapshot(out.before_sources, out.mode));
  const pdp::SnapshotOptions alike{.mode = out.mode};
  out.after = TRY(pdp::build_snapshot(out.after_sources, alike, out.before.get()));
  return out;
}

}  // namespace

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
                           std::vector<std::string>& told, const MakingProgress& progress) {
  const std::string schema_needed = "questions are made of policies with a schema that they fit";
  std::size_t asked = 0, goals = 0, reached = 0;
  for (const pdp::Sources* sources : {&policies.before_sources, &policies.after_sources}) {
    const auto trial = prover::Trial::create(*sources);
    if (!trial) return std::unexpected(trial.error().in(schema_needed));
    const auto made = prover::generate_questions(*trial, {.seed = seed, .progress = progress});
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

Result<compare::DiffReport> compare_contents(const bundle::Content& before,
                                             const bundle::Content& after,
                                             const ComparisonOptions& options) {
  const ComparedPolicies policies = TRY(load(before, after));
  const auto suites = TRY(suites_of(before, after));
  compare::DecisionDiff diff(*policies.before, *policies.after, {.max_examples = options.examples});
  std::vector<std::shared_ptr<const pdp::Snapshot>> kept;
  std::vector<std::string> told;
  if (options.asks_tests && !suites.empty()) {
    for (const suite::SuiteFile& file : suites) {
      TRY_VOID(ask_suite(file, policies, diff, kept));
    }
    told.push_back(fmt::format("the tests of {} files", suites.size()));
  }
  if (options.asks_generated) {
    TRY_VOID(ask_generated(policies, options.seed, diff, kept, told));
  }
  return compare::DiffReport{.made_at = options.made_at,
                             .program = fmt::format("wardlock {}", version()),
                             .before = describe(before, *policies.before),
                             .after = describe(after, *policies.after),
                             .questions = std::move(told),
                             .table = std::move(diff).finish(),
                             .matrix = compare::compare_rights(*policies.before, *policies.after)};
}

}  // namespace wardlock::pap
