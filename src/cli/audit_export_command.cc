#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "audit/format/format.h"
#include "audit/inspect/export.h"
#include "base/utf8.h"
#include "cli/audit_commands.h"
#include "cli/audit_inputs.h"
#include "cli/progress_bar.h"

namespace wardlock::cli {
namespace {

/// Nothing: a table.
using Exported = std::optional<audit::Format>;

struct ExportCommandOptions {
  std::string folder;
  Exported format = audit::Format::kNdjson;
  std::string keys;
  std::string from;
  std::string to;
  bool is_masked = false;
};

Result<void> write_out(std::string_view piece) {
  // What is read by a program stays as it is.
  static const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  const std::string shown = is_terminal ? printable(piece) : std::string();
  const std::string_view bytes = is_terminal ? shown : piece;
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
  return fail(ErrorCode::kUnavailable, "standard output cannot be written");
}

std::vector<Choice<Exported>> export_choices() {
  std::vector<Choice<Exported>> choices = {{"csv", std::nullopt}};
  for (const audit::FormatName& each : audit::all_formats()) {
    choices.push_back({each.name.data(), each.format});
  }
  return choices;
}

/// Tables and lines of JSON have the number of the record, which messages for others have no place
/// for.
audit::ExportOptions export_as(Exported format) {
  if (!format) return audit::export_as_csv();
  audit::ExportOptions options;
  if (format == audit::Format::kNdjson) return options;
  options.write_event = [format = *format](const event::Event& event, std::uint64_t,
                                           std::string& out) -> Result<void> {
    TRY_VOID(audit::append(format, event, {}, out));
    out += '\n';
    return {};
  };
  return options;
}

Result<Exit> run_export(const ExportCommandOptions& options, const Output& output) {
  if (output.is_json()) {
    return invalid("`--json` is for one document: use `--format ndjson`, a document on each line");
  }
  audit::ExportOptions asked = export_as(options.format);
  asked.from = TRY(read_time_option(options.from, "from"));
  asked.to = TRY(read_time_option(options.to, "to"));
  asked.is_masked = options.is_masked;
  const auto keys = TRY(open_audit_keys(options.folder, options.keys));
  audit::PosixFiles files;
  audit::EventReader events(files, options.folder, *keys);
  ProgressBar bar("exporting");
  TRY(audit::export_events(events, asked, write_out,
                           [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); }));
  return Exit::kOk;
}

}  // namespace

void add_audit_export(Commands& group) {
  auto [command, options] = group.add<ExportCommandOptions>(
      "export", "Write the events of a log as JSON, as a table, or as messages for other systems",
      "  wardlock audit export /var/lib/wardlock/audit --format ndjson > events.ndjson\n"
      "  wardlock audit export /var/lib/wardlock/audit --format csv --from 2026-11-01 --to "
      "2026-12-01 --masked > november.csv\n"
      "  wardlock audit export /var/lib/wardlock/audit --format fhir > audit-events.ndjson\n"
      "What is sealed is opened with the keys; without them an event says what is `locked`, and "
      "what was `erased`.",
      run_export);
  command.option("folder", options.folder, "DIR", "folder of the log", true)
      .choice<Exported>("--format", options.format, export_choices(),
                        "an event on each line (default: ndjson), or a table for spreadsheets")
      .option("--keys", options.keys, "DIR",
              "folder of the log's keys (default: its own `keys`, where it is there)")
      .option("--from", options.from, "TIME", "events from then on, e.g. 2026-11-01")
      .option("--to", options.to, "TIME", "events before then")
      .flag("--masked", options.is_masked, "hide what says who and whose, field by field");
}

}  // namespace wardlock::cli
