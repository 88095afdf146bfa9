#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

#include "audit/keys/subject_keys.h"
#include "audit/report/document.h"
#include "audit/report/log_rows.h"
#include "audit/report/page.h"
#include "audit/report/table.h"
#include "base/utf8.h"
#include "base/version.h"
#include "base/wall_clock.h"
#include "cli/audit_commands.h"
#include "cli/audit_inputs.h"
#include "cli/private_file.h"
#include "cli/progress_bar.h"

namespace wardlock::cli {
namespace {

enum class Format : std::uint8_t { kToldByName, kJson, kCsv, kHtml };

struct ReportOptions {
  std::string name;
  std::string folder;
  std::string tenant;
  std::string patient;
  std::string device;
  std::string from;
  std::string to;
  Format format = Format::kToldByName;
  std::string out;
  std::string keys;
  bool is_masked = false;
  bool is_list = false;
};

Result<Exit> list_reports(const Output& output) {
  boost::json::array json;
  StyledText text;
  for (const audit::SavedReport& each : audit::all_reports()) {
    const std::string_view needs = each.names == audit::Naming::kPatient  ? "patient"
                                   : each.names == audit::Naming::kDevice ? "device"
                                                                          : "";
    boost::json::object report{{"name", each.name}, {"title", each.title}, {"about", each.about}};
    if (!needs.empty()) report["needs"] = needs;
    json.push_back(std::move(report));
    text.add(fmt::format("{:<13}", each.name), Style::kBold)
        .add(fmt::format("{}: {}{}\n", each.title, each.about,
                         needs.empty() ? "" : fmt::format(" (needs `--{}`)", needs)));
  }
  output.print(json, text);
  return Exit::kOk;
}

/// The person at this machine, as the machine knows them.
std::string whoever_runs_this() {
  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) != 0) host = {"unknown"};
  return fmt::format("{}@{}", user_name(), host.data());
}

Result<audit::ReportRequest> read_request(const ReportOptions& options) {
  audit::ReportRequest request{.report = audit::find_report(options.name),
                               .tenant = options.tenant,
                               .patient = options.patient,
                               .device = options.device,
                               .is_masked = options.is_masked};
  if (request.report == nullptr) {
    return invalid(
        fmt::format("there is no report `{}`: see `wardlock audit report --list`", options.name));
  }
  request.from = TRY(read_time_option(options.from, "from"));
  request.to = TRY(read_time_option(options.to, "to"));
  TRY_VOID(audit::check_request(request));
  return request;
}

/// The format and the file.
Result<ReportOptions> complete(ReportOptions options) {
  constexpr std::array<std::pair<std::string_view, Format>, 3> kEndings = {
      {{".json", Format::kJson}, {".csv", Format::kCsv}, {".html", Format::kHtml}}};
  for (const auto& [ending, format] : kEndings) {
    if (options.format == Format::kToldByName && options.out.ends_with(ending)) {
      options.format = format;
    }
  }
  if (options.format == Format::kToldByName) options.format = Format::kHtml;
  if (options.out == "-" && options.format == Format::kCsv) {
    return invalid(
        "a table has no place for its proofs, which are written beside it: name a file "
        "with `--out`");
  }
  for (const auto& [ending, format] : kEndings) {
    if (options.out.empty() && options.format == format) {
      options.out = fmt::format("report-{}{}", options.name, ending);
    }
  }
  return options;
}

using Render = Result<void> (*)(const audit::Heading&, audit::Rows&, const audit::Write&);

Result<void> write_to_standard_output(const audit::Heading& heading, audit::Rows& rows,
                                      Render render) {
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  return render(heading, rows, [&](std::string_view piece) -> Result<void> {
    const std::string shown = is_terminal ? printable(piece) : std::string();
    const std::string_view bytes = is_terminal ? shown : piece;
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
    return fail(ErrorCode::kUnavailable, "standard output cannot be written");
  });
}

Result<void> write_to_file(const std::string& path, const audit::Heading& heading,
                           audit::Rows& rows, Render render) {
  PrivateFile file = TRY(PrivateFile::create(path));
  std::string pending;
  constexpr std::size_t kPiece = std::size_t{256} * 1024;
  const auto write = [&](std::string_view piece) -> Result<void> {
    pending += piece;
    if (pending.size() < kPiece) return {};
    TRY_VOID(file.write(pending));
    pending.clear();
    return {};
  };
  TRY_VOID(render(heading, rows, write));
  TRY_VOID(file.write(pending));
  return file.finish();
}

void print_summary(const ReportOptions& options, const audit::Heading& heading,
                   const Output& output) {
  const audit::Counts& counts = heading.counts;
  const audit::Gaps& gaps = heading.gaps;
  StyledText text;
  text.add(fmt::format("`{}`: {}, {} event{}\n", options.out, heading.request.report->title,
                       counts.events, counts.events == 1 ? "" : "s"));
  const auto warn = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) text.add(fmt::format("{} {}\n", count, what), Style::kYellow);
  };
  warn(counts.erased, "with a part that was erased");
  warn(counts.locked, "with a part that could not be read with the keys at hand");
  warn(gaps.locked, "not in it, whose patient could not be told with the keys at hand");
  warn(gaps.erased, "not in it, whose patient nobody can tell: a key was erased");
  warn(gaps.removed, "of the log's oldest records were not kept any longer");
  warn(gaps.unreadable, "records could not be read: see `wardlock audit verify`");
  text.add(fmt::format("verify it with `wardlock audit verify --report {} --key {}/public.key`",
                       options.out, options.folder));
  output.print(boost::json::object{{"file", printable(options.out)},
                                   {"report", heading.request.report->name},
                                   {"events", counts.events},
                                   {"erased", counts.erased},
                                   {"locked", counts.locked},
                                   {"gaps", boost::json::object{{"unreadable", gaps.unreadable},
                                                                {"erased", gaps.erased},
                                                                {"locked", gaps.locked},
                                                                {"removed", gaps.removed}}}},
               text);
}

/// When the patient's key was erased the last time, where the keys can tell.
Result<std::optional<std::int64_t>> patient_erased_at(const audit::ReportRequest& request,
                                                      event::KeyLookup& keys) {
  auto* const known = dynamic_cast<audit::SubjectKeys*>(&keys);
  if (known == nullptr || request.patient.empty()) return std::nullopt;
  const auto erasures = TRY(known->erasures(
      {.tenant = request.tenant, .type = event::kPatientType, .id = request.patient}));
  return erasures.empty() ? std::nullopt : std::optional(erasures.back().time);
}

Result<void> check_keys(const audit::ReportRequest& request, event::KeyLookup& keys) {
  if (request.patient.empty() || dynamic_cast<event::NoKeys*>(&keys) == nullptr) return {};
  return invalid("without the log's keys no patient can be found: name their folder with `--keys`");
}

Result<void> write_report(const ReportOptions& options, const audit::Heading& heading,
                          audit::Rows& rows) {
  const Render render = options.format == Format::kJson  ? audit::write_document
                        : options.format == Format::kCsv ? audit::write_table
                                                         : audit::write_page;
  if (options.out == "-") return write_to_standard_output(heading, rows, render);
  if (options.format == Format::kCsv) {
    TRY_VOID(write_to_file(options.out + std::string(kReportProofsEnding), heading, rows,
                           audit::write_document));
  }
  return write_to_file(options.out, heading, rows, render);
}

Result<Exit> make_report(const ReportOptions& options, const Output& output) {
  if (options.out == "-" && output.is_json()) {
    return invalid(
        "`--json` is for what happened, and the report goes to standard output: name a "
        "file with `--out`");
  }
  audit::Heading heading;
  heading.request = TRY(read_request(options));
  const auto keys = TRY(open_audit_keys(options.folder, options.keys));
  audit::PosixFiles files;
  const auto rows = TRY(audit::LogRows::open(files, options.folder, *keys));
  TRY_VOID(check_keys(heading.request, *keys));
  heading.made_at = wall_clock_ms();
  heading.made_by = whoever_runs_this();
  heading.program = fmt::format("wardlock {}", version());
  heading.patient_erased_at = TRY(patient_erased_at(heading.request, *keys));
  {
    ProgressBar bar("searching");
    TRY_VOID(
        rows->find(heading, [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); }));
  }
  {
    ProgressBar bar("writing");
    rows->on_progress([&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); });
    TRY_VOID(write_report(options, heading, *rows));
  }
  if (options.out != "-") print_summary(options, heading, output);
  return Exit::kOk;
}

Result<Exit> run_report(const ReportOptions& options, const Output& output) {
  if (options.is_list) return list_reports(output);
  if (options.name.empty() || options.folder.empty()) {
    return invalid(
        "name the report and the folder of the log: `wardlock audit report NAME DIR`; "
        "`--list` says which reports there are");
  }
  return make_report(TRY(complete(options)), output);
}

}  // namespace

void add_audit_report(Commands& group) {
  auto [command, options] = group.add<ReportOptions>(
      "report", "Write a saved report with its proofs: as a page, JSON or a table",
      "  wardlock audit report --list\n"
      "  wardlock audit report overrides /var/lib/wardlock/audit --from 2026-11-01 --to "
      "2026-12-01\n"
      "  wardlock audit report patient /var/lib/wardlock/audit --patient p-100 --out p-100.html\n"
      "  wardlock audit verify --report p-100.html --key log.pub\n"
      "The log may be in use. A table (CSV) has its proofs beside it, in `FILE.proofs.json`.",
      run_report);
  command.option("name", options.name, "NAME", "the report: see `--list`")
      .option("folder", options.folder, "DIR", "folder of the log")
      .flag("--list", options.is_list, "say which reports there are")
      .option("--patient", options.patient, "ID", "the patient it is about")
      .option("--device", options.device, "ID", "the device it is about")
      .option("--tenant", options.tenant, "NAME", "the organization, where there are several")
      .option("--from", options.from, "TIME", "events from then on, e.g. 2026-11-01")
      .option("--to", options.to, "TIME", "events before then")
      .choice<Format>("--format", options.format,
                      {{"html", Format::kHtml}, {"json", Format::kJson}, {"csv", Format::kCsv}},
                      "a page (default), JSON, or a table; told by the ending of `--out`, too")
      .option("--out", options.out, "FILE",
              "the report (default: `report-NAME.html`; `-`: standard output)")
      .option("--keys", options.keys, "DIR",
              "folder of the log's keys (default: its own `keys`, where it is there)")
      .flag("--masked", options.is_masked, "hide what says who and whose");
}

}  // namespace wardlock::cli
