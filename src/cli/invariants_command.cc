#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "cli/progress_bar.h"
#include "cli/replace_file.h"
#include "prover/invariant/check.h"
#include "prover/invariant/report.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".invariants";
constexpr unsigned kMaxBudget = 1'000'000'000;

struct InvariantsOptions {
  PolicyFiles files;
  std::string schema;
  std::string entities;
  std::vector<std::string> invariants;  ///< files or folders
  std::string junit;
  unsigned budget = 1'000'000;
  bool is_verbose = false;
};

Result<std::vector<std::string>> list_files(const std::string& place) {
  if (!fs::is_directory(place)) return std::vector{place};
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    if (path.ends_with(kEnding)) paths.push_back(path);
  }
  if (error) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("the folder `{}` cannot be read: {}", place, error.message()));
  }
  std::ranges::sort(paths);
  return paths;
}

/// The files that were named, or else those beside the policies.
Result<std::vector<std::string>> find_files(const InvariantsOptions& options) {
  std::vector<std::string> places = options.invariants;
  if (places.empty()) {
    const fs::path path(options.files.policies);
    const fs::path folder = fs::is_directory(path) ? path : path.parent_path();
    places.push_back(folder.empty() ? "." : folder.string());
  }
  std::vector<std::string> paths;
  for (const std::string& place : places) {
    for (std::string& path : TRY(list_files(place))) {
      if (std::ranges::find(paths, path) == paths.end()) paths.push_back(std::move(path));
    }
  }
  if (!paths.empty()) return paths;
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no `*{}` in `{}`; write one, or name the files to check",
                          kEnding, places.front()));
}

/// What was read of the files, and what of them.
struct ReadFiles {
  std::vector<prover::InvariantFile> files;
  std::vector<std::vector<prover::Sentence>> sentences;  ///< of each
};

Result<ReadFiles> read_files(const std::vector<std::string>& paths,
                             std::vector<Findings>& findings) {
  ReadFiles out;
  for (const std::string& path : paths) {
    pdp::Source source = TRY(server::read_source(path));
    auto read = prover::read_sentences(source.text);
    if (read) {
      out.files.push_back({.name = std::move(source.name), .text = std::move(source.text)});
      out.sentences.push_back(*std::move(read));
    } else {
      findings.push_back({std::move(source.name), std::move(source.text), std::move(read.error())});
    }
  }
  return out;
}

std::vector<Findings> unknown_names(const ReadFiles& read, const prover::Trial& trial) {
  std::vector<Findings> out;
  for (std::size_t i = 0; i < read.files.size(); ++i) {
    Diagnostics all;
    for (const prover::Sentence& sentence : read.sentences[i]) {
      std::ranges::move(prover::check_names(sentence, trial), std::back_inserter(all));
    }
    if (!all.empty()) out.push_back({read.files[i].name, read.files[i].text, std::move(all)});
  }
  return out;
}

void check_all(const InvariantsOptions& options, const prover::Trial& trial, ReadFiles& read) {
  std::size_t all = 0;
  for (const auto& sentences : read.sentences) all += sentences.size();
  ProgressBar progress("checking invariants");
  std::size_t done = 0;
  for (std::size_t i = 0; i < read.files.size(); ++i) {
    for (const prover::Sentence& sentence : read.sentences[i]) {
      progress.show(done++, all);
      read.files[i].results.push_back(prover::check(sentence, trial, {.budget = options.budget}));
    }
  }
}

Result<pdp::Sources> load_folder(const InvariantsOptions& options) {
  std::string entities = options.entities;
  const fs::path beside = fs::path(options.files.policies) / "entities.json";
  if (entities.empty() && fs::exists(beside)) entities = beside.string();
  return load_sources(options.files, options.schema, entities);
}

Result<Exit> check_invariants(const InvariantsOptions& options, const Output& output) {
  const pdp::Sources sources = TRY(load_folder(options));
  const std::vector<std::string> paths = TRY(find_files(options));
  std::vector<Findings> findings;
  ReadFiles read = TRY(read_files(paths, findings));
  if (!findings.empty()) return output.fail(findings);
  std::vector<const cedar::EntityUid*> named;
  for (const auto& sentences : read.sentences) {
    std::ranges::copy(prover::named_in(sentences), std::back_inserter(named));
  }
  const auto trial = prover::Trial::create(sources, named);
  if (!trial) return report(sources, trial.error(), output);
  findings = unknown_names(read, *trial);
  if (!findings.empty()) return output.fail(findings);
  check_all(options, *trial, read);
  if (!options.junit.empty()) {
    TRY_VOID(replace_file(options.junit, prover::junit_report(read.files)));
  }
  const std::size_t given = trial->given_count();
  output.print(prover::json_report(read.files, given),
               prover::text_report(read.files, given, options.is_verbose));
  const prover::StandingCount counts = prover::count_standings(read.files);
  return counts.holding == counts.total() ? Exit::kOk : Exit::kFailure;
}

}  // namespace

void add_invariants(Commands& commands) {
  auto [command, options] = commands.add<InvariantsOptions>(
      "invariants", "Check that policies keep to what must never, or always, be allowed",
      "  wardlock invariants --policies policies/hospital\n"
      "  wardlock invariants --policies draft.cedar --junit report.xml draft.invariants\n"
      "Without FILES, the `*.invariants` beside the policies. A folder's schema and "
      "`entities.json` are used.\n"
      "Exit status: 0 all hold, 1 one fails or is undecided, or could not be read, 3 the policies "
      "do not validate or have no schema.",
      check_invariants);
  command.policies(options.files.policies)
      .links(options.files.links)
      .schema(options.schema)
      .entities(options.entities)
      .rest("invariants", options.invariants, "PATH", "files of invariants, or folders of them")
      .option("--junit", options.junit, "FILE", "also write a report in JUnit's XML")
      .number("--budget", options.budget, 1, kMaxBudget,
              "steps for each invariant until it counts as undecided")
      .flag("-v,--verbose", options.is_verbose, "also print the invariants that hold");
}

}  // namespace wardlock::cli
