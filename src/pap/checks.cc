#include "pap/checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cedar/format/format.h"
#include "codec/json.h"
#include "pap/check_report.h"
#include "pap/compared_policies.h"
#include "pap/test_world.h"
#include "pdp/bundle_sources.h"
#include "prover/invariant/check.h"
#include "prover/invariant/report.h"

namespace wardlock::pap {
namespace {

using boost::json::array;
using boost::json::object;

DraftCheck not_asked(std::string_view name) {
  return check_report(name, CheckOutcome::kUndecided, "the policies cannot be used");
}

DraftCheck validate(const bundle::Content& content, const CheckLimits& limits) {
  const auto rulebook = pdp::read_rulebook(pdp::sources_of(content), pdp::kBundleRules);
  if (!rulebook) return failed_check("validate", rulebook.error().message);
  const std::size_t policies = (*rulebook)->policies.policies().size();
  if (policies > limits.policies) {
    return failed_check("validate", fmt::format("there are {} policies, where {} are the most",
                                                policies, limits.policies));
  }
  array warnings;
  for (const std::string& each : (*rulebook)->warnings) warnings.emplace_back(each);
  return check_report("validate", CheckOutcome::kPassed, fmt::format("{} policies", policies),
                      fmt::to_string(fmt::join((*rulebook)->warnings, "\n")),
                      {{"policies", policies}, {"warnings", std::move(warnings)}});
}

DraftCheck check_format(const bundle::Content& content) {
  std::vector<std::string_view> otherwise;
  for (const bundle::BundledFile* file : files_of(content, bundle::FileKind::kPolicies)) {
    const auto text = cedar::format_policies(file->text);
    if (!text || *text != file->text) otherwise.push_back(file->name);
  }
  if (otherwise.empty()) return check_report("format", CheckOutcome::kPassed, "laid out");
  return check_report("format", CheckOutcome::kFailed,
                      fmt::format("not laid out as `wardlock format` does it: {} file{}",
                                  otherwise.size(), otherwise.size() == 1 ? "" : "s"),
                      fmt::to_string(fmt::join(otherwise, "\n")),
                      {{"files", array(otherwise.begin(), otherwise.end())}});
}

CheckOutcome outcome_of(const prover::StandingCount& counts) {
  if (counts.failing > 0) return CheckOutcome::kFailed;
  return counts.undecided > 0 ? CheckOutcome::kUndecided : CheckOutcome::kPassed;
}

/// `16 hold`, and which do not.
std::string summary_of(const std::vector<prover::InvariantFile>& files) {
  std::string text = fmt::format("{} hold", prover::count_standings(files).holding);
  for (const prover::InvariantFile& file : files) {
    for (const prover::CheckResult& each : file.results) {
      if (each.standing == prover::Standing::kHolds) continue;
      text += fmt::format(", `{}` {}", each.sentence->name,
                          each.standing == prover::Standing::kFails ? "fails" : "is undecided");
    }
  }
  return text;
}

DraftCheck prove(const bundle::Content& content, const CheckLimits& limits) {
  constexpr std::string_view kName = "invariants";
  std::vector<std::vector<prover::Sentence>> sentences;
  std::vector<prover::InvariantFile> files;
  std::vector<const cedar::EntityUid*> named;
  for (const bundle::BundledFile* file : files_of(content, bundle::FileKind::kInvariants)) {
    auto read = prover::read_sentences(file->text);
    if (!read) return failed_check(kName, told_mistakes(*file, read.error()));
    std::ranges::copy(prover::named_in(*read), std::back_inserter(named));
    sentences.push_back(*std::move(read));
    files.push_back({.name = file->name, .text = file->text});
  }
  std::size_t count = 0;
  for (const auto& each : sentences) count += each.size();
  if (count > limits.invariants) {
    return failed_check(kName, fmt::format("there are {} invariants, where {} are the most", count,
                                           limits.invariants));
  }
  std::uint64_t left = limits.all_invariant_steps;
  const auto trial = prover::Trial::create(with_test_world(content), named);
  if (!trial) return failed_check(kName, trial.error().message);
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const prover::Sentence& sentence : sentences[i]) {
      const Diagnostics unknown = prover::check_names(sentence, *trial);
      if (!unknown.empty()) {
        return failed_check(kName, told_mistakes({files[i].name, files[i].text}, unknown));
      }
      files[i].results.push_back(
          prover::check(sentence, *trial, {.budget = std::min(limits.invariant_steps, left)}));
      left -= std::min<std::uint64_t>(left, files[i].results.back().steps);
    }
  }
  const CheckOutcome outcome = outcome_of(prover::count_standings(files));
  return check_report(kName, outcome, summary_of(files),
                      outcome == CheckOutcome::kPassed
                          ? ""
                          : prover::text_report(files, trial->given_count(), false),
                      prover::json_report(files, trial->given_count()));
}

/// Who gains and who loses, in words: the whole report is made where it is asked for.
DraftCheck compare_with(const bundle::Content& base, const bundle::Content& content,
                        const CheckLimits& limits, std::int64_t at_ms) {
  const auto report = compare_contents(base, content,
                                       {.examples = 1,
                                        .made_at = at_ms,
                                        .most_tests = limits.tests,
                                        .most_steps = limits.test_steps});
  if (!report) {
    return check_report("comparison", CheckOutcome::kUndecided, "they cannot be compared",
                        report.error().message);
  }
  const compare::DecisionTable& table = report->table;
  const auto loses = table.count_of(compare::DecisionChange::kLoses);
  const auto gains = table.count_of(compare::DecisionChange::kGains);
  std::string message;
  for (const compare::SummaryLine& line : compare::diff_summary(*report)) {
    message += fmt::format("{}{}", message.empty() ? "" : "\n", line.text);
  }
  return check_report(
      "comparison", CheckOutcome::kPassed,
      fmt::format("{} questions of the tests: {} decided differently, {} lost, {} gained",
                  table.compared, table.changed, loses, gains),
      table.changed == 0 ? "" : message,
      {{"compared", table.compared},
       {"changed", table.changed},
       {"loses", loses},
       {"gains", gains}});
}

}  // namespace

std::vector<DraftCheck> check_change(const bundle::Content* base, const bundle::Content& content,
                                     const CheckLimits& limits, std::int64_t at_ms) {
  std::vector<DraftCheck> checks;
  checks.push_back(validate(content, limits));
  if (checks.front().outcome == CheckOutcome::kPassed) {
    checks.push_back(check_format(content));
    checks.push_back(check_tests(content, limits.tests, limits.test_steps));
    checks.push_back(prove(content, limits));
    if (base != nullptr) checks.push_back(compare_with(*base, content, limits, at_ms));
  } else {
    for (const std::string_view name : {"format", "tests", "invariants"}) {
      checks.push_back(not_asked(name));
    }
    if (base != nullptr) checks.push_back(not_asked("comparison"));
  }
  for (DraftCheck& check : checks) check.at_ms = at_ms;
  return checks;
}

}  // namespace wardlock::pap
