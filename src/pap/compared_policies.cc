#include "pap/compared_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/arena.h"
#include "base/version.h"
#include "cedar/schema/schema.h"
#include "cedar/value/value.h"
#include "compare/decisions/access_matrix.h"
#include "compare/decisions/asked_once.h"
#include "compare/decisions/suite_questions.h"
#include "pap/test_world.h"
#include "pdp/counted_decision.h"
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

Result<std::vector<suite::SuiteFile>> suites_of(const bundle::Content& content, std::size_t most) {
  std::vector<suite::SuiteFile> all;
  std::size_t tests = 0;
  for (const bundle::BundledFile& file : content.files()) {
    if (bundle::kind_of(file.name) != bundle::FileKind::kTests) continue;
    auto read = suite::read_suite(file.text);
    if (!read) {
      return invalid(fmt::format("the tests `{}` cannot be read: {}", file.name,
                                 read.error().front().message));
    }
    tests += read->tests.size();
    if (tests > most) {
      return fail(ErrorCode::kFailedPrecondition,
                  fmt::format("there are {} tests, where {} are the most", tests, most));
    }
    all.push_back({file.name, file.text, *std::move(read)});
  }
  return all;
}

/// The suites of `after`, and what only those of `before` ask.
Result<std::vector<suite::SuiteFile>> suites_of(const bundle::Content& before,
                                                const bundle::Content& after, std::size_t most) {
  auto all = TRY(suites_of(after, most));
  auto only_before = TRY(suites_of(before, most));
  compare::leave_out_asked(all, only_before);
  std::ranges::move(only_before, std::back_inserter(all));
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

std::unexpected<Error> too_much_work(const suite::SuiteFile& file) {
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("to ask both the questions of the tests is too much work: it was stopped "
                          "at `{}`; make conditions cheaper, or ask fewer tests of smaller "
                          "entities",
                          file.name));
}

/// To make a question and compare its answers, besides what deciding takes.
constexpr std::uint64_t kQuestionSteps = 400;

/// Passes questions on, as long as there are steps for both answers.
class AskedWithin final : public compare::QuestionTaker {
 public:
  AskedWithin(std::array<const pdp::Snapshot*, 2> snapshots, compare::DecisionDiff& diff,
              cedar::StepBudget& budget)
      : snapshots_(snapshots), diff_(diff), budget_(budget) {}

  void take(const compare::PosedQuestion& question) override {
    if (!budget_.take(kQuestionSteps)) return;
    for (const pdp::Snapshot* snapshot : snapshots_) {
      Arena arena;
      const auto counted = pdp::decide_counted(*snapshot, question.access, question.at, arena);
      if (counted && !budget_.take(counted->steps)) return;
    }
    diff_.take(question);
  }
  void leave_out(compare::LeftOut why, std::string_view example) override {
    diff_.leave_out(why, example);
  }

 private:
  const std::array<const pdp::Snapshot*, 2> snapshots_;
  compare::DecisionDiff& diff_;
  cedar::StepBudget& budget_;
};

}  // namespace

Result<void> ask_suite(const suite::SuiteFile& file, const ComparedPolicies& policies,
                       compare::DecisionDiff& diff,
                       std::vector<std::shared_ptr<const pdp::Snapshot>>& kept,
                       cedar::StepBudget* budget) {
  auto before = policies.before;
  auto after = policies.after;
  if (file.suite.entities) {
    const pdp::Sources one = suite::sources_for(file, policies.before_sources);
    const pdp::Sources other = suite::sources_for(file, policies.after_sources);
    const std::uint64_t steps = suite::building_steps(one) + suite::building_steps(other);
    if (budget != nullptr && !budget->take(steps)) return too_much_work(file);
    before = TRY(pdp::build_snapshot(one, policies.mode));
    after = TRY(pdp::build_snapshot(other, policies.mode));
  }
  diff.ask_of(*before, *after);
  kept.push_back(before);
  kept.push_back(after);
  if (budget == nullptr) return compare::SuiteQuestions(file.suite).give(diff);
  AskedWithin asked({before.get(), after.get()}, diff, *budget);
  TRY_VOID(compare::SuiteQuestions(file.suite).give(asked));
  if (budget->is_used_up()) return too_much_work(file);
  return {};
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
  const auto suites = TRY(suites_of(before, after, options.most_tests));
  compare::DecisionDiff diff(*policies.before, *policies.after, {.max_examples = options.examples});
  std::vector<std::shared_ptr<const pdp::Snapshot>> kept;
  std::vector<std::string> told;
  cedar::StepBudget budget(options.most_steps);
  if (options.asks_tests && !suites.empty()) {
    for (const suite::SuiteFile& file : suites) {
      TRY_VOID(ask_suite(file, policies, diff, kept, &budget));
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
