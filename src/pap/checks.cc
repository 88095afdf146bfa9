#include "pap/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/line_index.h"
#include "codec/json.h"
#include "pap/test_world.h"
#include "pdp/bundle_sources.h"
#include "pdp/snapshot.h"
#include "prover/invariant/check.h"
#include "prover/invariant/report.h"
#include "suite/report.h"
#include "suite/run.h"

namespace wardlock::pap {
namespace {

using boost::json::object;

DraftCheck made(std::string_view name, CheckOutcome outcome, object report) {
  return {.name = std::string(name),
          .outcome = outcome,
          .report = codec::to_json_text(codec::Json(std::move(report)))};
}

DraftCheck failed(std::string_view name, std::string_view message) {
  return made(name, CheckOutcome::kFailed, {{"message", message}});
}

DraftCheck not_asked(std::string_view name) {
  return made(name, CheckOutcome::kUndecided, {{"message", "the policies cannot be used"}});
}

/// `file:line:column: message`, a line each.
std::string told(const bundle::BundledFile& file, const Diagnostics& mistakes) {
  const LineIndex lines(file.text);
  std::string text;
  for (const Diagnostic& each : mistakes) {
    const Position at = lines.position_at(each.span.begin);
    text += fmt::format("{}{}:{}:{}: {}", text.empty() ? "" : "\n", file.name, at.line, at.column,
                        each.message);
  }
  return text;
}

std::vector<const bundle::BundledFile*> files_of(const bundle::Content& content,
                                                 bundle::FileKind kind) {
  std::vector<const bundle::BundledFile*> files;
  for (const bundle::BundledFile& file : content.files()) {
    if (bundle::kind_of(file.name) == kind) files.push_back(&file);
  }
  return files;
}

DraftCheck validate(const bundle::Content& content, const CheckLimits& limits) {
  const auto rulebook = pdp::read_rulebook(pdp::sources_of(content), pdp::kBundleRules);
  if (!rulebook) return failed("validate", rulebook.error().message);
  const std::size_t policies = (*rulebook)->policies.policies().size();
  if (policies > limits.policies) {
    return failed("validate", fmt::format("there are {} policies, where {} are the most", policies,
                                          limits.policies));
  }
  boost::json::array warnings;
  for (const std::string& each : (*rulebook)->warnings) warnings.emplace_back(each);
  return made("validate", CheckOutcome::kPassed,
              {{"policies", policies}, {"warnings", std::move(warnings)}});
}

/// The suite's tests, or what is wrong with it.
Result<suite::SuiteResult> run_suite(const suite::SuiteFile& file, const pdp::Sources& folder) {
  const auto snapshot =
      TRY(pdp::build_snapshot(suite::sources_for(file, folder), pdp::Mode::kStrict));
  const Diagnostics unknown = suite::check_names(file.suite, *snapshot);
  if (!unknown.empty()) return invalid(told({file.name, file.text}, unknown));
  suite::SuiteResult result{.file = &file, .results = {}};
  for (const suite::Test& test : file.suite.tests) {
    result.results.push_back(suite::run_test(test, *snapshot));
  }
  return result;
}

DraftCheck test(const bundle::Content& content) {
  const pdp::Sources folder = with_test_world(content);
  const auto files = files_of(content, bundle::FileKind::kTests);
  std::vector<suite::SuiteFile> suites;
  for (const bundle::BundledFile* file : files) {
    auto read = suite::read_suite(file->text);
    if (!read) return failed("tests", told(*file, read.error()));
    suites.push_back({file->name, file->text, *std::move(read)});
  }
  std::vector<suite::SuiteResult> results;
  for (const suite::SuiteFile& file : suites) {
    auto result = run_suite(file, folder);
    if (!result) return failed("tests", result.error().message);
    results.push_back(*std::move(result));
  }
  const bool is_passed = suite::tally(results).failed == 0;
  return made("tests", is_passed ? CheckOutcome::kPassed : CheckOutcome::kFailed,
              suite::json_report(results));
}

CheckOutcome outcome_of(const prover::StandingCount& counts) {
  if (counts.failing > 0) return CheckOutcome::kFailed;
  return counts.undecided > 0 ? CheckOutcome::kUndecided : CheckOutcome::kPassed;
}

DraftCheck prove(const bundle::Content& content, const CheckLimits& limits) {
  std::vector<std::vector<prover::Sentence>> sentences;
  std::vector<prover::InvariantFile> files;
  std::vector<const cedar::EntityUid*> named;
  for (const bundle::BundledFile* file : files_of(content, bundle::FileKind::kInvariants)) {
    auto read = prover::read_sentences(file->text);
    if (!read) return failed("invariants", told(*file, read.error()));
    std::ranges::copy(prover::named_in(*read), std::back_inserter(named));
    sentences.push_back(*std::move(read));
    files.push_back({.name = file->name, .text = file->text});
  }
  const auto trial = prover::Trial::create(with_test_world(content), named);
  if (!trial) return failed("invariants", trial.error().message);
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const prover::Sentence& sentence : sentences[i]) {
      const Diagnostics unknown = prover::check_names(sentence, *trial);
      if (!unknown.empty())
        return failed("invariants", told({files[i].name, files[i].text}, unknown));
      files[i].results.push_back(
          prover::check(sentence, *trial, {.budget = limits.invariant_steps}));
    }
  }
  return made("invariants", outcome_of(prover::count_standings(files)),
              prover::json_report(files, trial->given_count()));
}

}  // namespace

std::vector<DraftCheck> check_content(const bundle::Content& content, const CheckLimits& limits,
                                      std::int64_t at_ms) {
  std::vector<DraftCheck> checks;
  checks.push_back(validate(content, limits));
  if (checks.front().outcome == CheckOutcome::kPassed) {
    checks.push_back(test(content));
    checks.push_back(prove(content, limits));
  } else {
    checks.push_back(not_asked("tests"));
    checks.push_back(not_asked("invariants"));
  }
  for (DraftCheck& check : checks) check.at_ms = at_ms;
  return checks;
}

}  // namespace wardlock::pap
