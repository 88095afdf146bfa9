#include "pap/node_outcomes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "crypto/sha256.h"
#include "pap/test_limits.h"
#include "pap/test_world.h"
#include "pdp/snapshot.h"
#include "suite/run.h"

namespace wardlock::pap {
namespace {

std::string named(const std::string& text) {
  return "sha256:" + crypto::to_hex(crypto::sha256(text));
}

/// A line that says how it came out.
std::string line_of(const suite::TestResult& result) {
  if (!result.answer) return "skipped";
  if (!*result.answer) return fmt::format("refused {}", to_string(result.answer->error().code));
  const suite::Answer& answer = **result.answer;
  return fmt::format("{} {} {} {}", answer.is_allowed ? "allow" : "deny", to_string(answer.cause),
                     fmt::join(answer.policies, ","), fmt::join(answer.obligations, ","));
}

std::unexpected<Error> too_much_work() {
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the tests take more than {} steps", kMostTestSteps));
}

}  // namespace

std::string schema_name(const bundle::Content& content) {
  std::string text;
  for (const bundle::BundledFile& file : content.files()) {
    if (bundle::kind_of(file.name) != bundle::FileKind::kSchema) continue;
    text += fmt::format("{} {}\n{}\n", file.name, file.text.size(), file.text);
  }
  return named(text);
}

Result<std::string> outcomes_of(const bundle::Content& content) {
  const pdp::Sources folder = with_test_world(content);
  std::string text;
  cedar::StepBudget budget(kMostTestSteps);
  for (const bundle::BundledFile& file : content.files()) {
    if (bundle::kind_of(file.name) != bundle::FileKind::kTests) continue;
    auto read = suite::read_suite(file.text);
    if (!read) return invalid(fmt::format("`{}` cannot be read as tests", file.name));
    const suite::SuiteFile suite{file.name, file.text, *std::move(read)};
    const pdp::Sources sources = suite::sources_for(suite, folder);
    if (!budget.take(suite::building_steps(sources))) return too_much_work();
    const auto snapshot = TRY(pdp::build_snapshot(sources, pdp::Mode::kStrict));
    for (const suite::Test& test : suite.suite.tests) {
      text += fmt::format("{}\t{}\t{}\t{}\n", file.name, test.group, test.row,
                          line_of(suite::run_test(test, *snapshot, &budget)));
      if (budget.is_used_up()) return too_much_work();
    }
  }
  return text.empty() ? text : named(text);
}

}  // namespace wardlock::pap
