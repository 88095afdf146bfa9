#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cedar/evaluator/step_budget.h"
#include "pap/check_report.h"
#include "pap/test_world.h"
#include "pdp/snapshot.h"
#include "suite/coverage.h"
#include "suite/report.h"
#include "suite/run.h"

namespace wardlock::pap {
namespace {

using boost::json::array;
using boost::json::object;

/// So much of what no test covers is listed.
constexpr std::size_t kMostUncovered = 100;

/// Runs suites, and finds out what they cover. The suites outlive it.
class TestRounds {
 public:
  TestRounds(const bundle::Content& content, std::uint64_t steps)
      : folder_(with_test_world(content)), steps_(steps), budget_(steps) {}

  /// Nothing where it has stopped. Error: with its place, what is wrong with the suite, or that the
  /// policies do not go with its entities.
  Result<void> run(const suite::SuiteFile& file) {
    const pdp::Sources sources = suite::sources_for(file, folder_);
    if (!budget_.take(suite::building_steps(sources))) {
      stop(fmt::format("before the first test of `{}`", file.name));
      return {};
    }
    const auto snapshot = TRY(pdp::build_snapshot(sources, pdp::Mode::kStrict));
    const Diagnostics unknown = suite::check_names(file.suite, *snapshot);
    if (!unknown.empty()) return invalid(told_mistakes({file.name, file.text}, unknown));
    if (!coverage_) coverage_.emplace(*snapshot, folder_);
    suite::SuiteResult result{.file = &file, .results = {}};
    for (const suite::Test& test : file.suite.tests) {
      result.results.push_back(suite::run_test(test, *snapshot, &budget_));
      const auto& answer = result.results.back().answer;
      if (answer && *answer) coverage_->add(*snapshot, test, **answer, &budget_);
      if (!budget_.is_used_up()) continue;
      result.results.pop_back();  // it may have come out otherwise for want of steps
      stop(fmt::format("in `{}`, at the test `{}`", file.name, file.suite.name_of(test)));
      break;
    }
    results_.push_back(std::move(result));
    return {};
  }

  /// To be called once for each, after the last was run. Error: it excuses what there is not.
  Result<void> excuse(const suite::SuiteFile& file) {
    if (!coverage_ || has_stopped()) return {};
    const Diagnostics wrong = coverage_->excuse(file.suite);
    if (wrong.empty()) return {};
    return invalid(told_mistakes({file.name, file.text}, wrong));
  }

  bool has_stopped() const { return !stopped_.empty(); }

  DraftCheck report() const {
    const suite::Tally tally = suite::tally(results_);
    if (has_stopped()) return report_stop(tally);
    const bool is_passed = tally.failed == 0;
    object report{{"passed", tally.passed}, {"failed", tally.failed}, {"skipped", tally.skipped}};
    std::string summary = fmt::format("{} passed, {} failed", tally.passed, tally.failed);
    if (coverage_) {
      report["coverage"] = uncovered();
      summary += fmt::format("; they cover {:.0f} % of policies, {:.0f} % of conditions",
                             floor_percent(coverage_->policy_share()),
                             floor_percent(coverage_->condition_share()));
    }
    return check_report("tests", is_passed ? CheckOutcome::kPassed : CheckOutcome::kFailed, summary,
                        is_passed ? "" : suite::text_report(results_, false), std::move(report));
  }

 private:
  void stop(std::string where) {
    if (!has_stopped()) stopped_ = std::move(where);
  }

  DraftCheck report_stop(const suite::Tally& tally) const {
    std::string message = fmt::format(
        "they were stopped {}: all tests of a draft may take {} steps together; make conditions "
        "cheaper, or ask fewer tests of smaller entities",
        stopped_, steps_);
    if (tally.failed > 0) message += "\n" + suite::text_report(results_, false);
    return check_report("tests",
                        tally.failed > 0 ? CheckOutcome::kFailed : CheckOutcome::kUndecided,
                        fmt::format("{} passed, {} failed; the others are too much work",
                                    tally.passed, tally.failed),
                        message,
                        {{"passed", tally.passed},
                         {"failed", tally.failed},
                         {"skipped", tally.skipped},
                         {"most_steps", steps_}});
  }

  /// 100 is all, and nothing less.
  static double floor_percent(const suite::Share& share) {
    return static_cast<double>(static_cast<unsigned>(share.percent()));
  }

  static object to_json(const suite::Share& share) {
    return {{"covered", share.covered}, {"total", share.total}};
  }

  object uncovered() const {
    array missing;
    std::size_t more = 0;
    const auto add = [&](const suite::PolicyCoverage& policy, std::string_view part) {
      if (missing.size() == kMostUncovered) {
        ++more;
        return;
      }
      object item{{"policy", policy.id}};
      if (!part.empty()) item["part"] = part;
      missing.push_back(std::move(item));
    };
    for (const suite::PolicyCoverage& policy : coverage_->policies()) {
      if (policy.is_missing()) add(policy, "");
      for (const suite::PartCoverage& part : policy.parts) {
        if (part.when_true.is_missing() || part.when_false.is_missing()) add(policy, part.text);
      }
    }
    object out{{"policies", to_json(coverage_->policy_share())},
               {"conditions", to_json(coverage_->condition_share())},
               {"missing", std::move(missing)}};
    if (more > 0) out["more"] = more;
    return out;
  }

  const pdp::Sources folder_;
  const std::uint64_t steps_;
  cedar::StepBudget budget_;
  std::string stopped_;  ///< where, for people; empty: it has not
  std::optional<suite::Coverage> coverage_;
  std::vector<suite::SuiteResult> results_;
};

}  // namespace

DraftCheck check_tests(const bundle::Content& content, std::size_t most, std::uint64_t steps) {
  constexpr std::string_view kName = "tests";
  std::vector<suite::SuiteFile> suites;
  std::size_t tests = 0;
  for (const bundle::BundledFile* file : files_of(content, bundle::FileKind::kTests)) {
    auto read = suite::read_suite(file->text);
    if (!read) return failed_check(kName, told_mistakes(*file, read.error()));
    tests += read->tests.size();
    // Lists and tables make many of few words: no more are read than there may be.
    if (tests > most) {
      return failed_check(kName,
                          fmt::format("there are {} tests, where {} are the most", tests, most));
    }
    suites.push_back({file->name, file->text, *std::move(read)});
  }
  TestRounds rounds(content, steps);
  for (const suite::SuiteFile& file : suites) {
    if (const auto run = rounds.run(file); !run) return failed_check(kName, run.error().message);
  }
  for (const suite::SuiteFile& file : suites) {
    const auto excused = rounds.excuse(file);
    if (!excused) return failed_check(kName, excused.error().message);
  }
  return rounds.report();
}

}  // namespace wardlock::pap
