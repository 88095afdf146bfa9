#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/import_report.h"
#include "cli/inventory_target.h"
#include "cli/progress_bar.h"

namespace wardlock::cli {
namespace {

using directory::ImportFile;

enum class Format : std::uint8_t { kByName, kJson, kCsv };

struct ImportOptions {
  std::vector<std::string> files;
  Format format = Format::kByName;
  std::string kind;
  bool is_dry_run = false;
  bool is_confirmed = false;
  InventoryPlace place;
};

/// The files of a command, open.
struct OpenFiles {
  std::vector<std::unique_ptr<directory::TextFile>> texts;
  std::vector<std::unique_ptr<directory::InventoryText>> inventories;

  std::vector<directory::InventoryText*> all() const {
    std::vector<directory::InventoryText*> found;
    for (const auto& one : inventories) found.push_back(one.get());
    return found;
  }
};

Result<Format> format_of(const std::string& path, Format said) {
  if (said != Format::kByName) return said;
  if (path.ends_with(".json")) return Format::kJson;
  if (path.ends_with(".csv")) return Format::kCsv;
  return invalid(
      fmt::format("the name of `{}` does not say its format; say it with `--format`", path));
}

Result<OpenFiles> open_files(const ImportOptions& options) {
  OpenFiles files;
  for (const std::string& path : options.files) {
    const Format format = TRY(format_of(path, options.format));
    files.texts.push_back(TRY(directory::TextFile::open(path)));
    directory::Text& text = *files.texts.back();
    files.inventories.push_back(format == Format::kCsv
                                    ? directory::csv_inventory(text, options.kind)
                                    : directory::json_inventory(text));
  }
  return files;
}

/// Sends all batches. Ends at the first that is refused, unless it is a dry run.
Result<void> send(ImportFile& file, InventoryTarget& target, bool is_dry_run, ImportReport& report,
                  std::optional<std::uint64_t>& revision) {
  ProgressBar bar(is_dry_run ? "comparing" : "importing");
  file.begin_again();
  for (;;) {
    const auto batch = TRY(file.next(is_dry_run));
    if (!batch) return {};
    const auto outcome = TRY(target.import(*batch, is_dry_run));
    if (outcome.outcomes.size() != batch->entries.size()) {
      return fail(ErrorCode::kInternal, "the answer is not that of the batch");
    }
    for (std::size_t i = 0; i < batch->entries.size(); ++i) {
      report.add(batch->places[i], batch->entries[i], outcome.outcomes[i]);
    }
    if (outcome.revision) revision = outcome.revision;
    if (outcome.is_refused && !is_dry_run) return {};
    bar.show(file.done(), file.size());
  }
}

bool is_agreed() {
  fmt::print(stderr, "import this? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

Exit show(const Output& output, const ImportReport& report, bool is_applied,
          std::optional<std::uint64_t> revision) {
  boost::json::object json = report.json();
  json["applied"] = is_applied;
  if (revision) json["revision"] = *revision;
  output.print(json, report.text());
  return report.is_refused() ? Exit::kFailure : Exit::kOk;
}

/// What is imported after all that would happen was shown.
Result<Exit> apply(ImportFile& file, InventoryTarget& target, const ImportOptions& options,
                   const Output& output) {
  ImportReport report(options.files);
  std::optional<std::uint64_t> revision;
  const auto sent = send(file, target, false, report, revision);
  if (sent && !report.is_refused()) {
    const Exit exit = show(output, report, true, revision);
    if (!output.is_json()) {
      output.note(fmt::format("imported, revision {}", revision.value_or(0)));
    }
    return exit;
  }
  output.note(
      fmt::format("{} of {} were imported before this: put right what is wrong and run it "
                  "again, it goes on from there",
                  file.done(), file.size()));
  if (!sent) return std::unexpected(sent.error());
  return show(output, report, false, revision);
}

Result<Exit> import_files(const ImportOptions& options, const Output& output) {
  const OpenFiles files = TRY(open_files(options));
  ImportFile file = TRY(ImportFile::read(files.all()));
  ImportReport plan(options.files);
  for (const directory::FileFault& fault : file.faults()) plan.add(fault);
  plan.note_more_faults(file.fault_count() - file.faults().size());
  if (plan.is_refused()) return show(output, plan, false, {});

  const auto target = TRY(open_target(options.place));
  std::optional<std::uint64_t> revision;
  TRY_VOID(send(file, *target, true, plan, revision));
  if (options.is_dry_run || plan.is_refused() || !plan.has_changes()) {
    return show(output, plan, false, {});
  }
  if (options.is_confirmed) return apply(file, *target, options, output);
  if (!output.is_json()) show(output, plan, false, {});
  if (output.is_json() || isatty(STDIN_FILENO) == 0) {
    return invalid(
        "nothing was imported: say `--yes` to import without being asked, or `--dry-run`");
  }
  if (is_agreed()) return apply(file, *target, options, output);
  output.note("nothing was imported");
  return Exit::kFailure;
}

}  // namespace

void add_import(Commands& commands) {
  auto [command, options] = commands.add<ImportOptions>(
      "import", "Take devices, software, people and how they stand to each other from files",
      "  wardlock import hospital.json --dry-run --server https://wardlock.example\n"
      "  wardlock import devices.csv locations.csv --kind device --yes --directory "
      "sqlite:directory.db\n"
      "All that is wrong is said at once, and what would change is shown, before anything is\n"
      "imported. What was broken off is gone on from when it is run again.",
      import_files);
  command.rest("file", options.files, "FILE", "JSON or CSV", true)
      .choice<Format>("--format", options.format, {{"json", Format::kJson}, {"csv", Format::kCsv}},
                      "of the files; otherwise by their names")
      .option("--kind", options.kind, "KIND", "of the rows of CSV files that do not say it")
      .flag("--dry-run", options.is_dry_run, "show what would change, and change nothing")
      .flag("--yes", options.is_confirmed, "import without being asked")
      .option("--reason", options.place.reason, "TEXT", "why; goes on record");
  add_place_options(command, options.place);
}

}  // namespace wardlock::cli
