#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/version.h"
#include "base/wall_clock.h"
#include "cli/audit_inputs.h"
#include "cli/commands.h"
#include "cli/compared_policies.h"
#include "cli/draft_diff.h"
#include "cli/parse_check.h"
#include "cli/policy_change_commands.h"
#include "cli/private_file.h"
#include "cli/progress_bar.h"
#include "cli/suite_files.h"
#include "compare/decisions/asked_once.h"
#include "pap/compared_policies.h"

namespace wardlock::cli {
namespace {

/// Which differences make the exit status say so.
enum class FailOn : std::uint8_t { kAny, kAccess, kNever };

struct DiffOptions {
  ServerOptions server;
  std::string draft;     ///< of a server, instead of two folders
  std::string recorded;  ///< so far back it is compared over what the server has recorded
  std::string before;
  std::string after;
  std::string entities;
  QuestionOptions questions;
  bool wants_tests = false;
  bool wants_generated = false;
  unsigned seed = 0;
  pdp::Mode mode = pdp::Mode::kStrict;
  std::string html;
  std::string csv;
  std::string document;
  unsigned examples = 3;
  FailOn fail_on = FailOn::kAny;
};

/// What went wrong, told already or not.
struct Trouble {
  Exit exit = Exit::kFailure;
};

/// Both sets; what is wrong with one is told with its place.
Result<std::optional<pap::ComparedPolicies>> load(const DiffOptions& options, const Output& output,
                                                  Trouble& trouble) {
  pap::ComparedPolicies out{.mode = options.mode};
  out.before_sources = TRY(load_policy_folder(options.before, options.entities));
  out.after_sources = TRY(load_policy_folder(options.after, options.entities));
  out.after_sources.entities = out.before_sources.entities;
  auto before = pdp::build_snapshot(out.before_sources, options.mode);
  if (!before) {
    trouble.exit = report(out.before_sources, before.error().in(options.before), output);
    return std::nullopt;
  }
  const pdp::SnapshotOptions like_before{.mode = options.mode};
  auto after = pdp::build_snapshot(out.after_sources, like_before, before->get());
  if (!after) {
    trouble.exit = report(out.after_sources, after.error().in(options.after), output);
    return std::nullopt;
  }
  out.before = *std::move(before);
  out.after = *std::move(after);
  return out;
}

/// The suites of both folders; one that is the same in both is there once.
Result<std::vector<suite::SuiteFile>> read_both_suites(const DiffOptions& options,
                                                       std::vector<Findings>& findings) {
  std::vector<suite::SuiteFile> all;
  Error none;
  for (const std::string& folder : {options.before, options.after}) {
    const auto paths = find_suites(folder, {});
    if (!paths) {
      none = paths.error();
      continue;
    }
    auto files = TRY(read_suites(*paths, findings));
    compare::leave_out_asked(all, files);
    std::ranges::move(files, std::back_inserter(all));
  }
  if (all.empty() && findings.empty()) return std::unexpected(std::move(none));
  return all;
}

compare::ComparedSet describe(const std::string& folder, const pdp::Snapshot& snapshot) {
  return {.name = folder,
          .policy_set = snapshot.policy_set(),
          .policies = snapshot.policies().policies().size()};
}

Result<void> write_file(const std::string& path, std::string_view text) {
  PrivateFile file = TRY(PrivateFile::create(path));
  TRY_VOID(file.write(text));
  return file.finish();
}

Result<void> write_reports(const DiffOptions& options, const compare::DiffReport& report) {
  if (!options.html.empty()) TRY_VOID(write_file(options.html, compare::diff_page(report)));
  if (!options.csv.empty()) TRY_VOID(write_file(options.csv, compare::diff_csv(report)));
  if (options.document.empty()) return {};
  return write_file(options.document,
                    codec::to_pretty_json_text(compare::diff_document(report)) + "\n");
}

Style style_of(compare::SummaryLine::Weight weight) {
  using Weight = compare::SummaryLine::Weight;
  switch (weight) {
    case Weight::kPlain: return Style::kPlain;
    case Weight::kFaint: return Style::kDim;
    case Weight::kGood: return Style::kGreen;
    case Weight::kBad: return Style::kRed;
    case Weight::kWarning: return Style::kYellow;
  }
  return Style::kPlain;
}

void print(const compare::DiffReport& report, const Output& output) {
  if (output.is_json()) return output.print(compare::diff_document(report), "");
  StyledText text;
  const auto lines = compare::diff_summary(report);
  for (const compare::SummaryLine& line : lines) {
    text.add(line.text, style_of(line.weight)).add(&line == &lines.back() ? "" : "\n");
  }
  output.print({}, text);
}

bool is_difference(const compare::DecisionTable& table, FailOn fail_on) {
  switch (fail_on) {
    case FailOn::kAny: return table.changed > 0;
    case FailOn::kAccess: return table.changes_access();
    case FailOn::kNever: return false;
  }
  return true;
}

/// Asks what is asked for; the suites' snapshots are kept in `kept`.
Result<void> ask(const DiffOptions& options, const pap::ComparedPolicies& policies,
                 const std::vector<suite::SuiteFile>& suites, compare::DecisionDiff& diff,
                 std::vector<std::shared_ptr<const pdp::Snapshot>>& kept,
                 std::vector<std::string>& told) {
  TRY_VOID(give_questions(options.questions, diff, told));
  if (options.wants_generated) {
    ProgressBar bar("making questions");
    TRY_VOID(pap::ask_generated(policies, options.seed, diff, kept, told,
                                [&](std::size_t done, std::size_t all) { bar.show(done, all); }));
  }
  if (suites.empty()) return {};
  for (const suite::SuiteFile& file : suites) TRY_VOID(pap::ask_suite(file, policies, diff, kept));
  told.push_back(fmt::format("the tests of {}", suites.size() == 1
                                                    ? fmt::format("`{}`", suites.front().name)
                                                    : fmt::format("{} files", suites.size())));
  return {};
}

Result<Exit> run_policy_diff(const DiffOptions& options, const Output& output) {
  if (!options.draft.empty()) {
    if (!options.before.empty()) return invalid("give a draft or two folders, not both");
    return print_draft_diff({.server = options.server,
                             .draft = options.draft,
                             .wants_generated = options.wants_generated,
                             .recorded = options.recorded,
                             .since = options.questions.since,
                             .until = options.questions.until,
                             .html = options.html,
                             .csv = options.csv,
                             .document = options.document},
                            output);
  }
  if (!options.recorded.empty()) {
    return invalid(
        "`--recorded` is of a server's log: name a draft with `--draft`, or a log with "
        "`--log`");
  }
  if (options.before.empty() || options.after.empty()) {
    return invalid("name two folders, or a draft of a server with `--draft`");
  }
  Trouble trouble;
  const auto policies = TRY(load(options, output, trouble));
  if (!policies) return trouble.exit;
  const QuestionOptions& asked = options.questions;
  std::vector<suite::SuiteFile> suites;
  std::vector<Findings> findings;
  const bool names_none = asked.log.empty() && asked.questions.empty() && !options.wants_generated;
  if (options.wants_tests || names_none) {
    suites = TRY(read_both_suites(options, findings));
  }
  if (!findings.empty()) return output.fail(findings);
  compare::DecisionDiff diff(*policies->before, *policies->after,
                             {.max_examples = options.examples});
  std::vector<std::shared_ptr<const pdp::Snapshot>> kept;
  std::vector<std::string> told;
  TRY_VOID(ask(options, *policies, suites, diff, kept, told));
  const compare::DiffReport report{
      .made_at = wall_clock_ms(),
      .program = fmt::format("wardlock {}", version()),
      .before = describe(options.before, *policies->before),
      .after = describe(options.after, *policies->after),
      .questions = std::move(told),
      .from = TRY(read_time_option(asked.since, "since")),
      .until = TRY(read_time_option(asked.until, "until")),
      .table = std::move(diff).finish(),
      .matrix = compare::compare_rights(*policies->before, *policies->after)};
  TRY_VOID(write_reports(options, report));
  print(report, output);
  // As terraform's `plan` does: 1 would be taken for what could not be compared.
  return is_difference(report.table, options.fail_on) ? Exit::kDeny : Exit::kOk;
}

}  // namespace

void add_policy_diff(Commands& group) {
  auto [command, options] = group.add<DiffOptions>(
      "diff", "Say who would gain and who would lose by a change of policies",
      "  wardlock policy diff policies/hospital draft --log /var/lib/wardlock/audit --since "
      "2026-11-01 --html change.html\n"
      "  wardlock policy diff policies/hospital draft --tests\n"
      "  wardlock policy diff policies/hospital draft --questions golden.ndjson --csv change.csv\n"
      "  wardlock policy diff policies/hospital draft --generated\n"
      "  wardlock policy diff --draft 3f2a\n"
      "  wardlock policy diff --draft 3f2a --recorded 30d --html change.html\n"
      "Both sets are asked the same questions, on the same entities. Without `--log`, `--tests`, "
      "`--generated` or `--questions`: those of the tests.\n"
      "Exit status: 0 no difference, 2 differences, 1 or 3 they could not be compared.",
      run_policy_diff);
  constexpr unsigned kMostExamples = 20;
  command.option("before", options.before, "DIR", "policies in force")
      .option("after", options.after, "DIR", "policies as they are to be")
      .option("--draft", options.draft, "ID",
              "a change that is proposed to a server, compared with what was in force there");
  command.option(
      "--recorded", options.recorded, "TIME",
      "with `--draft`: asked what that server has decided in the last days or hours, e.g. "
      "30d (or `--since`, `--until`)");
  add_server_options(command, options.server);
  add_question_options(command, options.questions);
  command.flag("--tests", options.wants_tests, "the questions of the folders' policy tests")
      .flag("--generated", options.wants_generated,
            "questions made so that every condition comes about both ways")
      .number("--seed", options.seed, 0, 1'000'000'000, "other seeds, other made questions")
      .option("--entities", options.entities, "FILE",
              "entities, for both (default: `entities.json` of the first folder)")
      .mode(options.mode)
      .option("--html", options.html, "FILE", "also write a page that needs no server")
      .option("--csv", options.csv, "FILE", "also write a table")
      .option("--document", options.document, "FILE", "also write what `--json` prints")
      .number("--examples", options.examples, 0, kMostExamples,
              "questions that are named for each change (default: 3)")
      .choice<FailOn>(
          "--fail-on", options.fail_on,
          {{"any", FailOn::kAny}, {"access", FailOn::kAccess}, {"never", FailOn::kNever}},
          "which differences end with 2 (default: any)");
}

void add_policy(Commands& commands) {
  Commands group =
      commands.group("policy", "Compare policies, and change those that a server keeps");
  add_policy_diff(group);
  add_policy_push(group);
  add_policy_pull(group);
  add_policy_status(group);
  add_policy_show(group);
  add_policy_submit(group);
  add_policy_approve(group);
  add_policy_reject(group);
  add_policy_withdraw(group);
  add_policy_activate(group);
  add_policy_rollback(group);
  add_policy_shadow(group);
  add_policy_canary(group);
  add_policy_nodes(group);
  add_policy_report(group);
  add_policy_forget(group);
  add_policy_history(group);
}

}  // namespace wardlock::cli
