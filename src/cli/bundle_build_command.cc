#include <fmt/format.h>

#include <optional>
#include <utility>

#include "bundle/policy_bundle.h"
#include "cli/bundle_commands.h"
#include "cli/bundle_files.h"
#include "cli/bundle_text.h"
#include "cli/parse_check.h"
#include "cli/replace_file.h"
#include "cli/suite_files.h"
#include "cli/test_run.h"
#include "pdp/bundle_sources.h"
#include "pdp/validation.h"
#include "server/policy_folder.h"
#include "suite/report.h"

namespace wardlock::cli {
namespace {

struct BuildOptions {
  std::string folder;
  std::string file;
  std::string tenant;
  std::string environment;
  std::string serial;
  std::string expires;
  std::string created;
  bool skips_tests = false;
};

Result<bundle::Statement> read_statement(const BuildOptions& options) {
  bundle::Statement statement{.tenant = options.tenant, .environment = options.environment};
  statement.serial = TRY(read_serial(options.serial, "--serial"));
  statement.created = this_second();
  if (!options.created.empty()) {
    statement.created = TRY(read_moment(options.created, "--created", statement.created));
  }
  statement.expires = TRY(read_moment(options.expires, "--expires", statement.created));
  TRY_VOID(bundle::check_statement(statement));
  return statement;
}

/// Everything that keeps the policies from being used, where each of the texts can be read.
std::string faults_of(const pdp::Sources& sources) {
  std::string faults;
  const auto add = [&faults](const std::string& fault) {
    faults += (faults.empty() ? "" : "\n") + fault;
  };
  const auto policies = pdp::parse_policies(sources);
  const auto schema = pdp::parse_schema(sources.schemas);
  if (!policies || !schema) return faults;
  const auto annotations = pdp::partition(*policies, pdp::Mode::kStrict, Severity::kError);
  for (const pdp::PolicyFinding& finding : annotations.findings) {
    add(fmt::format("policy `{}`: {}", finding.policy, finding.message));
  }
  std::vector<std::string> warnings;
  const auto valid = pdp::check_policies(*policies, *schema, sources, Severity::kError, warnings);
  if (!valid) add(valid.error().message);
  return faults;
}

/// Tells all that is wrong with the policies.
Exit refuse(const pdp::Sources& sources, const Error& error, const Output& output) {
  ParseCheck check;
  check.add_sources(sources);
  if (!check.findings().empty()) return output.fail(check.findings(), check.exit());
  const std::string faults = faults_of(sources);
  return output.fail(faults.empty() ? error : Error{ErrorCode::kFailedPrecondition, faults});
}

/// What came of the tests; nothing where there are none.
struct TestOutcome {
  std::optional<suite::Tally> tally;
  std::optional<Exit> refusal;  ///< what is wrong was told
};

Result<TestOutcome> run_tests(const bundle::Content& content, pdp::Sources sources,
                              const Output& output) {
  std::vector<pdp::Source> texts;
  for (const bundle::BundledFile& file : content.files()) {
    const auto kind = bundle::kind_of(file.name);
    if (kind == bundle::FileKind::kTests) texts.push_back({file.name, file.text});
    if (kind == bundle::FileKind::kTestWorld) sources.entities = pdp::Source{file.name, file.text};
  }
  if (texts.empty()) return TestOutcome{};
  std::vector<Findings> findings;
  const auto suites = read_suites(std::move(texts), findings);
  if (!findings.empty()) return TestOutcome{.tally = {}, .refusal = output.fail(findings)};
  TestRun run({}, sources);
  for (const suite::SuiteFile& file : suites) {
    const auto done = run.run(file);
    if (done) continue;
    const auto fault = fault_in_entities(file, done.error());
    return TestOutcome{
        .tally = {},
        .refusal = fault ? output.fail({*fault}) : report(sources, done.error(), output)};
  }
  if (!run.findings().empty()) {
    return TestOutcome{.tally = {}, .refusal = output.fail(run.findings())};
  }
  const suite::Tally tally = suite::tally(run.results());
  if (tally.failed == 0) return TestOutcome{.tally = tally, .refusal = {}};
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("{}no bundle is made of policies whose tests fail",
                          suite::text_report(run.results(), false)));
}

Result<Exit> build(const BuildOptions& options, const Output& output) {
  const bundle::Statement statement = TRY(read_statement(options));
  bundle::Content content = TRY(server::read_policy_folder(options.folder));
  const pdp::Sources sources = pdp::sources_of(content);
  const auto rulebook = pdp::read_rulebook(sources, pdp::kBundleRules);
  if (!rulebook) return refuse(sources, rulebook.error(), output);
  for (const std::string& warning : (*rulebook)->warnings) output.note(warning);
  TestOutcome tests;
  if (!options.skips_tests) {
    tests = TRY(run_tests(content, sources, output));
    if (tests.refusal) return *tests.refusal;
  }
  const auto bundle = TRY(bundle::UnverifiedBundle::make(statement, std::move(content)));
  TRY_VOID(replace_file(options.file, bundle.bytes()));
  const std::size_t policies = (*rulebook)->policies.policies().size();
  boost::json::object json = statement_json(bundle.statement());
  json["file"] = options.file;
  json["policies"] = policies;
  json["files"] = files_json(bundle.content());
  if (tests.tally) json["tests_passed"] = tests.tally->passed;
  const std::string tested = tests.tally ? fmt::format("{} tests passed", tests.tally->passed)
                             : options.skips_tests ? "its tests were not run"
                                                   : "it has no tests";
  output.print(json, fmt::format("{}: {} polic{} in {} files; {}; not signed yet\n{}", options.file,
                                 policies, policies == 1 ? "y" : "ies",
                                 bundle.content().files().size(), tested, bundle.content().name()));
  return Exit::kOk;
}

}  // namespace

void add_bundle_build(Commands& group) {
  auto [command, options] = group.add<BuildOptions>(
      "build", "Make a bundle of a folder of policies",
      "  wardlock bundle build policies/hospital -o hospital.bundle --tenant st-mary "
      "--environment production --serial 12 --expires 90d\n"
      "  wardlock bundle build draft -o draft.bundle --tenant st-mary --environment test "
      "--serial 3 --expires 2026-12-31 --created 2026-11-23T10:00:00Z\n"
      "Of the folder: `*.cedar`, `*.cedarschema`, `links.json`, `*.test.yaml` (also in `tests`) "
      "and "
      "`entities.json` for them, `*.invariants`, `bundle.json`. The policies must fit their "
      "schema, "
      "have no unknown annotations, and pass their tests.\n"
      "The same folder and options, `--created` among them, make the same bytes.\n"
      "Exit status: 0 made, 3 the policies are not fit, 1 otherwise.",
      build);
  command.option("folder", options.folder, "DIR", "the policies", true)
      .option("-o,--output", options.file, "FILE", "the bundle; one that is there is replaced",
              true)
      .option("--tenant", options.tenant, "NAME", "whose policies they are", true)
      .option("--environment", options.environment, "NAME", "where they count, e.g. production",
              true)
      .option("--serial", options.serial, "N", "higher than that of any bundle for there before",
              true)
      .option("--expires", options.expires, "TIME",
              "when it may be used no more: a time, a day, or days, as in 90d", true)
      .option("--created", options.created, "TIME", "when it is made (default: now)")
      .flag("--no-tests", options.skips_tests, "run none of the tests");
}

}  // namespace wardlock::cli
