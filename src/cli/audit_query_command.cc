#include <fmt/format.h>

#include <cstdio>
#include <utility>
#include <vector>

#include "audit/index/grant_story.h"
#include "audit/index/query_text.h"
#include "audit/index/search.h"
#include "audit/inspect/event_line.h"
#include "audit/inspect/export.h"
#include "base/utf8.h"
#include "cli/audit_commands.h"
#include "cli/audit_index.h"
#include "event/mask.h"

namespace wardlock::cli {
namespace {

constexpr unsigned kMostRecords = 100'000;

struct QueryOptions {
  std::string folder;
  std::string keys;
  std::string tenant;
  std::string principal;
  std::string affected;
  std::string patient;
  std::string device;
  std::string caller;
  std::string decision;
  std::string grant;
  std::vector<std::string> kinds;
  std::string outcome;
  std::string from;
  std::string to;
  std::string after;
  unsigned limit = 100;
  bool is_oldest_first = false;
  bool is_masked = false;
};

Result<audit::Query> query_of(const QueryOptions& options) {
  std::vector<audit::QueryTerm> terms = {{"limit", std::to_string(options.limit)}};
  const auto add = [&terms](const char* name, const std::string& value) {
    if (!value.empty()) terms.push_back({name, value});
  };
  add("tenant", options.tenant);
  add("principal", options.principal);
  add("affected", options.affected);
  add("patient", options.patient);
  add("device", options.device);
  add("caller", options.caller);
  add("decision", options.decision);
  for (const std::string& kind : options.kinds) terms.push_back({"kind", kind});
  add("outcome", options.outcome);
  add("from", options.from);
  add("to", options.to);
  add("after", options.after);
  if (options.is_oldest_first) terms.push_back({"order", "oldest"});
  return audit::read_query(terms, kMostRecords);
}

/// A record that cannot be read is told of in its place: those after it can.
std::string line_of(std::uint64_t record, const Result<event::Event>& event, bool is_masked,
                    bool is_json) {
  Arena arena;
  std::string line;
  Result<void> written;
  if (event) {
    const event::Event shown = is_masked ? event::masked(*event, arena) : *event;
    if (is_json) {
      written = audit::append_ndjson(shown, record, line);
    } else {
      line = audit::event_line(shown, record) + "\n";
    }
  } else {
    written = std::unexpected(event.error());
  }
  if (written) return line;
  const std::string why = printable(written.error().message);
  if (!is_json) return fmt::format("#{}: {}\n", record, why);
  return codec::to_json_text(boost::json::object{{"record", record}, {"error", why}}) + "\n";
}

/// The story of a grant says by itself whom and what it is about.
Result<void> check_grant_alone(const QueryOptions& options) {
  const bool has_more = !options.principal.empty() || !options.affected.empty() ||
                        !options.patient.empty() || !options.device.empty() ||
                        !options.caller.empty() || !options.decision.empty() ||
                        !options.kinds.empty() || !options.outcome.empty() ||
                        !options.from.empty() || !options.to.empty() || !options.after.empty();
  if (!has_more) return {};
  return invalid(
      "`--grant` tells the whole story of one emergency: leave out what else is asked for but "
      "`--tenant`");
}

Result<Exit> run_story(const QueryOptions& options, const Output& output) {
  TRY_VOID(check_grant_alone(options));
  IndexedFolder folder = TRY(open_indexed_folder(options.folder, options.keys));
  const auto records = TRY(audit::find_grant_story(folder.index, *folder.log, *folder.keys,
                                                   options.tenant, options.grant));
  for (const std::uint64_t record : records) {
    const auto event = folder.log->event(record);
    const std::string line = printable(line_of(record, event, options.is_masked, output.is_json()));
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) {
      return fail(ErrorCode::kUnavailable, "standard output cannot be written");
    }
  }
  return Exit::kOk;
}

Result<Exit> run_query(const QueryOptions& options, const Output& output) {
  if (!options.grant.empty()) return run_story(options, output);
  const audit::Query query = TRY(query_of(options));
  IndexedFolder folder = TRY(open_indexed_folder(options.folder, options.keys));
  const auto show = [&](std::uint64_t record, const Result<event::Event>& event) -> Result<void> {
    const std::string line = printable(line_of(record, event, options.is_masked, output.is_json()));
    if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size()) return {};
    return fail(ErrorCode::kUnavailable, "standard output cannot be written");
  };
  const auto found = TRY(audit::find_events(folder.index, *folder.log, *folder.keys, query, show));
  if (folder.missing > 0) {
    output.note(
        fmt::format("the last {} records of the log are not in its index, which cannot be "
                    "written now: they were not looked at",
                    folder.missing));
  }
  if (found.next) {
    output.note(fmt::format("there may be more: go on with `--after {}`", *found.next));
  } else if (found.count == 0 && query.tenant == "") {
    output.note("nothing was found; where the log is of several tenants, name one with `--tenant`");
  }
  return Exit::kOk;
}

}  // namespace

void add_audit_query(Commands& group) {
  auto [command, options] = group.add<QueryOptions>(
      "query", "Find events by whom and what they are about",
      "  wardlock audit query /var/lib/wardlock/audit --patient p-100 --from 2026-11-01\n"
      "  wardlock audit query /var/lib/wardlock/audit --principal User::dr-grey --kind "
      "override_use --outcome success --json\n"
      "All that is said must be so; the newest come first. With `--json` each event is a document "
      "on a line of its own.",
      run_query);
  command.option("folder", options.folder, "DIR", "folder of the log", true)
      .option("--patient", options.patient, "ID", "events about this patient")
      .option("--principal", options.principal, "TYPE::ID", "by whom, e.g. User::ann")
      .option("--affected", options.affected, "TYPE::ID", "done to whom, who is no patient")
      .option("--device", options.device, "ID", "at or by this device")
      .option("--caller", options.caller, "ID", "asked by this caller")
      .option("--decision", options.decision, "ID", "the `decision_id` of an answer")
      .option("--grant", options.grant, "ID",
              "the story of a break-glass grant, in order: what was refused before, its opening, "
              "what was done under it, its end, its review")
      .options_of_many("--kind", options.kinds, "KIND", "what happened, e.g. override_use")
      .option("--outcome", options.outcome, "OUTCOME", "success, failure or error")
      .option("--from", options.from, "TIME", "from then on, e.g. 2026-11-01")
      .option("--to", options.to, "TIME", "before then")
      .option("--tenant", options.tenant, "NAME", "of this tenant, where there are several")
      .number("--limit", options.limit, 1, kMostRecords, "so many at most (default: 100)")
      .option("--after", options.after, "N", "go on where the page before ended")
      .flag("--oldest-first", options.is_oldest_first, "the oldest come first")
      .flag("--masked", options.is_masked, "hide what says who and whose, field by field")
      .option("--keys", options.keys, "DIR", "folder of the log's keys (default: its own `keys`)");
}

}  // namespace wardlock::cli
