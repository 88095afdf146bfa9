#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/name_pattern.h"
#include "cli/parse_check.h"
#include "cli/replace_file.h"
#include "cli/suite_files.h"
#include "cli/test_run.h"
#include "server/policy_files.h"
#include "suite/coverage.h"
#include "suite/report.h"
#include "suite/run.h"

namespace wardlock::cli {
namespace {

namespace fs = std::filesystem;

struct RunTestsOptions {
  PolicyFiles files;
  std::string schema;
  std::string entities;
  pdp::Mode mode = pdp::Mode::kStrict;
  std::vector<std::string> tests;  ///< files or folders
  std::string filter;
  std::string junit;
  bool wants_coverage = false;
  unsigned coverage_min = 0;  ///< percent
  bool is_verbose = false;
  bool wants_schema = false;
};

/// Which tests to run, by their names; without a pattern all.
Result<std::optional<NamePattern>> read_filter(const std::string& pattern) {
  if (pattern.empty()) return std::nullopt;
  auto read = NamePattern::create(pattern);
  if (!read) return invalid(fmt::format("`--filter`: {}", read.error().message));
  return *std::move(read);
}

Result<pdp::Sources> load_folder(const RunTestsOptions& options) {
  std::string entities = options.entities;
  const fs::path beside = fs::path(options.files.policies) / "entities.json";
  if (entities.empty() && fs::exists(beside)) entities = beside.string();
  return load_sources(options.files, options.schema, entities);
}

bool is_enough_covered(const RunTestsOptions& options, const TestRun& run) {
  const auto& coverage = run.coverage();
  if (!coverage) return true;
  return coverage->policy_share().percent() >= options.coverage_min &&
         coverage->condition_share().percent() >= options.coverage_min;
}

codec::Json json_of(const TestRun& run) {
  boost::json::object json = suite::json_report(run.results());
  if (const auto& coverage = run.coverage()) json["coverage"] = suite::json_report(*coverage);
  return json;
}

std::string text_of(const RunTestsOptions& options, const TestRun& run) {
  std::string text = suite::text_report(run.results(), options.is_verbose);
  if (const auto& coverage = run.coverage()) text += suite::text_report(*coverage);
  if (!is_enough_covered(options, run)) {
    text += fmt::format("less than {} % is covered\n", options.coverage_min);
  }
  return text;
}

/// Prints what came of it all. Failure: of a test, or too little is covered.
Exit print_results(const RunTestsOptions& options, const TestRun& run, const Output& output) {
  // Each report of many tests is large; only the one that is asked for is made.
  if (output.is_json()) {
    output.print(json_of(run), "");
  } else {
    output.print({}, text_of(options, run));
  }
  const bool is_passed = suite::tally(run.results()).failed == 0;
  return is_passed && is_enough_covered(options, run) ? Exit::kOk : Exit::kFailure;
}

Result<Exit> run_tests(const RunTestsOptions& options, const Output& output) {
  if (options.wants_schema) {
    const codec::Json schema = suite::editor_schema();
    output.print(schema, codec::to_pretty_json_text(schema));
    return Exit::kOk;
  }
  if (options.files.policies.empty()) return invalid("give `--policies`, a file or a folder");
  std::optional<NamePattern> filter = TRY(read_filter(options.filter));
  const pdp::Sources folder = TRY(load_folder(options));
  std::vector<Findings> findings;
  const std::vector<std::string> paths = TRY(find_suites(options.files.policies, options.tests));
  const auto files = TRY(read_suites(paths, findings));
  if (!findings.empty()) return output.fail(findings);
  TestRun run(
      {.mode = options.mode, .wants_coverage = options.wants_coverage || options.coverage_min > 0},
      folder, std::move(filter));
  for (const suite::SuiteFile& file : files) {
    const auto done = run.run(file);
    if (done) continue;
    if (auto fault = fault_in_entities(file, done.error())) return output.fail({*fault});
    return report(folder, done.error(), output);
  }
  for (const suite::SuiteFile& file : files) run.excuse(file);
  if (!run.findings().empty()) return output.fail(run.findings());
  if (run.results().empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("no test's name has `{}` in it", options.filter));
  }
  if (!options.junit.empty()) {
    TRY_VOID(replace_file(options.junit, suite::junit_report(run.results())));
  }
  return print_results(options, run, output);
}

}  // namespace

void add_run_tests(Commands& commands) {
  auto [command, options] = commands.add<RunTestsOptions>(
      "run-tests", "Ask policies the questions of policy tests, and compare the answers",
      "  wardlock run-tests --policies policies/hospital\n"
      "  wardlock run-tests --policies policies/hospital --filter 'dose|pump' --verbose\n"
      "  wardlock run-tests --policies draft.cedar --junit report.xml draft.test.yaml\n"
      "  wardlock run-tests --schema-for-editors > policy-tests.schema.json\n"
      "Without TESTS, those of the policies' folder and of `tests` in it: `*.test.yaml`. A "
      "folder's "
      "schema and `entities.json` are used.\n"
      "Exit status: 0 all passed, 1 a test failed or could not be read.",
      run_tests);
  command.policies(options.files.policies, false)
      .links(options.files.links)
      .schema(options.schema)
      .entities(options.entities)
      .mode(options.mode)
      .rest("tests", options.tests, "PATH", "files of tests, or folders of `*.test.yaml`")
      .option("--filter", options.filter, "REGEX", "run those in whose name it is found")
      .flag("--coverage", options.wants_coverage, "also say what no test covers")
      .number("--coverage-min", options.coverage_min, 1, 100,
              "percent of policies and of conditions that must be covered")
      .option("--junit", options.junit, "FILE", "also write a report in JUnit's XML")
      .flag("-v,--verbose", options.is_verbose, "also print the tests that passed")
      .flag("--schema-for-editors", options.wants_schema,
            "print the JSON Schema of policy tests, and run none");
}

}  // namespace wardlock::cli
