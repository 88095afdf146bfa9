#include <fmt/format.h>

#include "audit/inspect/event_reader.h"
#include "audit/inspect/evidence.h"
#include "cli/audit_commands.h"
#include "cli/audit_index.h"
#include "cli/audit_inputs.h"
#include "cli/progress_bar.h"
#include "cli/replace_file.h"

namespace wardlock::cli {
namespace {

struct ProveOptions {
  std::string folder;
  std::string record;
  std::string decision;
  std::string out;
  std::string keys;
  std::string tenant;
};

Result<std::uint64_t> find_record(const ProveOptions& options, audit::EventReader& events) {
  if (!options.record.empty()) return read_record_option(options.record);
  if (const auto found =
          find_indexed_decision(options.folder, options.keys, options.tenant, options.decision)) {
    return *found;
  }
  // It is not in the index yet, or there is none.
  ProgressBar bar("searching");
  const auto found = TRY(events.find_decision(
      options.decision, [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); }));
  if (found) return *found;
  return fail(ErrorCode::kNotFound, fmt::format("the log has no decision `{}`", options.decision));
}

Result<Exit> prove(const ProveOptions& options, const Output& output) {
  if (options.record.empty() == options.decision.empty()) {
    return invalid("name the record by either `--record` or `--decision`");
  }
  audit::PosixFiles files;
  event::NoKeys no_keys;
  audit::EventReader events(files, options.folder, no_keys);
  const std::uint64_t record = TRY(find_record(options, events));
  const event::Event found = TRY(events.event(record));
  const codec::Json event = TRY(event_json(found));
  const std::string bundle = TRY(audit::prove_record(files, options.folder, record));
  const std::string path =
      options.out.empty() ? fmt::format("record-{}.tlog-proof", record) : options.out;
  if (path == "-") {
    output.print(boost::json::object{{"record", record}, {"bundle", bundle}, {"event", event}},
                 bundle);
    return Exit::kOk;
  }
  TRY_VOID(replace_file(path, bundle));
  output.print(boost::json::object{{"record", record}, {"file", path}, {"event", event}},
               fmt::format("`{}` proves record {}:\n{}\n"
                           "verify it with `wardlock audit verify --bundle {} --key {}/public.key`",
                           path, record, codec::to_pretty_json_text(event), path, options.folder));
  return Exit::kOk;
}

}  // namespace

void add_audit_prove(Commands& group) {
  auto [command, options] = group.add<ProveOptions>(
      "prove", "Write an evidence bundle: one record, and the proof that the log holds it",
      "  wardlock audit prove /var/lib/wardlock/audit --record 17\n"
      "  wardlock audit prove /var/lib/wardlock/audit --decision "
      "0b62e4a8-5c1f-4a65-9f0e-3d1d3d9d8c11 --out case-4711.tlog-proof",
      prove);
  command.option("folder", options.folder, "DIR", "folder of the log", true)
      .option("--record", options.record, "N", "the record's number")
      .option("--decision", options.decision, "ID", "the `decision_id` of an answer")
      .option("--out", options.out, "FILE",
              "the bundle (default: `record-N.tlog-proof`; `-`: standard output)")
      .option("--tenant", options.tenant, "NAME", "the decision's tenant, to find it at once")
      .option("--keys", options.keys, "DIR",
              "folder of the log's keys, to find it at once (default: its own `keys`)");
}

}  // namespace wardlock::cli
