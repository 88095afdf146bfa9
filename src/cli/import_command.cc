#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/import_report.h"
#include "cli/inventory_target.h"
#include "cli/progress_bar.h"
#include "directory/inventory/bill.h"

namespace wardlock::cli {
namespace {

using directory::ImportFile;

enum class Format : std::uint8_t { kByName, kJson, kCsv, kCycloneDx };

struct ImportOptions {
  std::vector<std::string> files;
  Format format = Format::kByName;
  std::string kind;
  std::string model;
  std::string supplier;
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
  if (path.ends_with(".cdx.json")) return Format::kCycloneDx;
  if (path.ends_with(".json")) return Format::kJson;
  if (path.ends_with(".csv")) return Format::kCsv;
  return invalid(
      fmt::format("the name of `{}` does not say its format; say it with `--format`", path));
}

Result<std::vector<Format>> formats_of(const ImportOptions& options) {
  std::vector<Format> formats;
  for (const std::string& path : options.files) {
    formats.push_back(TRY(format_of(path, options.format)));
  }
  return formats;
}

/// What is wrong with options for a format that no file has, and that would be passed over. Empty:
/// nothing.
std::string passed_over(const ImportOptions& options, const std::vector<Format>& formats) {
  const auto has = [&](Format format) {
    return std::ranges::find(formats, format) != formats.end();
  };
  if (!options.kind.empty() && !has(Format::kCsv)) {
    return "`--kind` goes with CSV files (`--format csv`); others say the kinds themselves";
  }
  if (has(Format::kCycloneDx)) return "";
  if (!options.model.empty()) return "`--model` goes with `--format cyclonedx`";
  if (!options.supplier.empty()) return "`--supplier` goes with `--format cyclonedx`";
  return "";
}

/// A directory that is opened when it is asked for.
class Target {
 public:
  explicit Target(const InventoryPlace& place) : place_(place) {}

  Result<InventoryTarget*> get() {
    if (target_ == nullptr) target_ = TRY(open_target(place_));
    return target_.get();
  }

 private:
  const InventoryPlace& place_;
  std::unique_ptr<InventoryTarget> target_;
};

Result<std::string> whole_text(directory::Text& text) {
  if (text.size() > directory::kMaxBillBytes) {
    return invalid(fmt::format("the bill has more than {} bytes", directory::kMaxBillBytes));
  }
  std::string whole(text.size(), '\0');
  whole.resize(TRY(text.read(0, whole)));
  return whole;
}

/// A bill, and what of the one that there is now it ends.
Result<std::unique_ptr<directory::InventoryText>> open_bill(directory::Text& text,
                                                            const ImportOptions& options,
                                                            Target& target) {
  directory::BillReading how{.root = options.model.empty() ? "" : model_key(options.model),
                             .supplier = options.supplier};
  const std::string whole = TRY(whole_text(text));
  directory::Bill bill = TRY(directory::read_bill(whole, how));
  if (bill.root.empty()) return directory::bill_inventory(std::move(bill));  // it is wrong
  InventoryTarget* const place = TRY(target.get());
  const auto now = TRY(place->bill(bill.root));
  if (now) {
    how.root = bill.root;
    end_what_is_gone(TRY(directory::read_bill(codec::to_json_text(*now), how)), bill);
  }
  return directory::bill_inventory(std::move(bill));
}

Result<std::unique_ptr<directory::InventoryText>> open_text(directory::Text& text, Format format,
                                                            const ImportOptions& options,
                                                            Target& target) {
  if (format == Format::kCsv) return directory::csv_inventory(text, options.kind);
  if (format == Format::kJson) return directory::json_inventory(text);
  return open_bill(text, options, target);
}

Result<OpenFiles> open_files(const ImportOptions& options, const std::vector<Format>& formats,
                             Target& target) {
  OpenFiles files;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    files.texts.push_back(TRY(directory::TextFile::open(options.files[i])));
    files.inventories.push_back(TRY(open_text(*files.texts.back(), formats[i], options, target)));
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
  const std::vector<Format> formats = TRY(formats_of(options));
  const std::string wrong = passed_over(options, formats);
  if (!wrong.empty()) return invalid(wrong);
  Target place(options.place);
  const OpenFiles files = TRY(open_files(options, formats, place));
  ImportFile file = TRY(ImportFile::read(files.all()));
  ImportReport plan(options.files);
  for (const directory::FileFault& fault : file.faults()) plan.add(fault);
  plan.note_more_faults(file.fault_count() - file.faults().size());
  if (plan.is_refused()) return show(output, plan, false, {});

  InventoryTarget* const target = TRY(place.get());
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
      "  wardlock import mx-4.cdx.json --model meridian/MX-4 --supplier unknown --dry-run\n"
      "All that is wrong is said at once, and what would change is shown, before anything is\n"
      "imported. What was broken off is gone on from when it is run again.",
      import_files);
  command.rest("file", options.files, "FILE", "JSON or CSV", true)
      .choice<Format>(
          "--format", options.format,
          {{"json", Format::kJson}, {"csv", Format::kCsv}, {"cyclonedx", Format::kCycloneDx}},
          "of the files; otherwise by their names")
      .option("--kind", options.kind, "KIND", "of the rows of CSV files that do not say it")
      .option("--model", options.model, "KEY",
              "the device model whose bill of materials it is (CycloneDX); otherwise the bill says")
      .option("--supplier", options.supplier, "CODE",
              "the organisation that makes the parts of a bill that name nobody")
      .flag("--dry-run", options.is_dry_run, "show what would change, and change nothing")
      .flag("--yes", options.is_confirmed, "import without being asked")
      .option("--reason", options.place.reason, "TEXT", "why; goes on record");
  add_place_options(command, options.place);
}

}  // namespace wardlock::cli
