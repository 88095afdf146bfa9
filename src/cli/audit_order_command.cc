#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/index/query_text.h"
#include "audit/inspect/record_check.h"
#include "audit/keys/subject_orders.h"
#include "base/utf8.h"
#include "base/wall_clock.h"
#include "cli/audit_commands.h"
#include "cli/audit_index.h"
#include "cli/audit_inputs.h"
#include "cli/audit_stopped_log.h"
#include "cli/config_file.h"
#include "server/audit_log.h"
#include "server/directory.h"

// What is ordered about a person or patient of a log that no server has open.
namespace wardlock::cli {
namespace {

struct OrderOptions {
  StoppedLog log;
  std::string config;
  std::string patient;
  std::string person;
  std::string tenant;
  std::string name;
  std::string reason;
};

/// Whom an order is about, by all names that they have in the log; owns what subjects borrow.
struct Whom {
  std::string tenant;
  std::vector<audit::NamedSubject> names;

  std::vector<event::Subject> subjects() const {
    std::vector<event::Subject> subjects;
    for (const audit::NamedSubject& each : names) {
      subjects.push_back({.tenant = tenant, .type = each.type, .id = each.id});
    }
    return subjects;
  }
};

/// Adds the names that the directory of the configuration knows. Says so where it knows nobody by
/// the one that is given, since the log may have them under others.
Result<void> add_other_names(const std::string& path, Whom& whom, const Output& output) {
  if (path.empty()) return {};
  const config::Config config = TRY(read_config(path));
  if (!config.directory) return {};
  const auto store = TRY(server::open_kept_store(*config.directory));
  auto others = TRY(server::find_other_names(*store, config.directory->known_by, whom.tenant,
                                             whom.names.front()));
  if (others.empty()) {
    const audit::NamedSubject& given = whom.names.front();
    output.note(fmt::format(
        "the directory has no other name for `{}::{}`, or knows nobody by that: only what the log "
        "has under it is meant (people whom `directory.known_by` gives no name are known by their "
        "id: `wardlock user show NAME --json`)",
        given.type, printable(given.id)));
  }
  for (audit::NamedSubject& each : others) whom.names.push_back(std::move(each));
  return {};
}

Result<Whom> read_whom(const OrderOptions& options, const Output& output) {
  if (options.patient.empty() == options.person.empty()) {
    return invalid("name either `--patient`, by the id, or `--person`, e.g. `User::ann`");
  }
  Whom whom{.tenant = options.tenant,
            .names = {{std::string(event::kPatientType), options.patient}}};
  if (options.patient.empty()) {
    auto person = audit::read_named_subject(options.person);
    if (!person) {
      return invalid(fmt::format("`--person` may not be `{}`: {}", printable(options.person),
                                 person.error().message));
    }
    whom.names.front() = *std::move(person);
  }
  TRY_VOID(add_other_names(options.config, whom, output));
  return whom;
}

/// Opens the log, with an index that has all of it.
Result<std::unique_ptr<server::AuditLog>> open_for_orders(const OrderOptions& options,
                                                          std::string_view endpoint) {
  auto log = TRY(open_stopped_log(
      options.log, fmt::format("order it there, with `{}`, or stop the server first", endpoint)));
  audit::EventReader events(log->files(), options.log.folder, log->keys());
  TRY_VOID(bring_index_up(options.log.folder, log->files(), events, log->keys()));
  return log;
}

/// Carries an order out on a log, and says what was done.
using CarryOut = Result<std::string> (*)(audit::SubjectKeys& keys, const OrderOptions& options,
                                         audit::SubjectNames names,
                                         const event::Event& circumstances,
                                         const audit::RecordOrder& record);

Result<Exit> run_order(const OrderOptions& options, const Output& output, const char* endpoint,
                       CarryOut carry_out) {
  const Whom whom = TRY(read_whom(options, output));
  const auto log = TRY(open_for_orders(options, endpoint));
  const std::string user = user_name();
  const event::Event circumstances{.time = wall_clock_ms(),
                                   .record_class = "administration",
                                   .principal_type = "OperatingSystemUser",
                                   .principal_id = user,
                                   .reason = options.reason};
  const std::vector<event::Subject> names = whom.subjects();
  auto done = carry_out(log->keys(), options, names, circumstances,
                        [&](const event::Event& event) { return log->record_now(event); });
  if (!done) {
    Error error = std::move(done).error();
    // It is no input that does not fit.
    if (error.code == ErrorCode::kFailedPrecondition) error.code = ErrorCode::kAborted;
    return std::unexpected(std::move(error));
  }
  boost::json::array meant;
  std::string text = *done;
  for (const audit::NamedSubject& each : whom.names) {
    meant.emplace_back(fmt::format("{}::{}", each.type, each.id));
    text += fmt::format("\n  {}::{}", each.type, printable(each.id));
  }
  output.print(boost::json::object{{"done", *done}, {"names", std::move(meant)}}, text);
  return Exit::kOk;
}

Result<Exit> erase(const OrderOptions& options, const Output& output) {
  return run_order(options, output, "POST /audit/erasures",
                   [](audit::SubjectKeys& keys, const OrderOptions&, audit::SubjectNames names,
                      const event::Event& circumstances,
                      const audit::RecordOrder& record) -> Result<std::string> {
                     TRY(audit::erase_all(keys, names, circumstances, record));
                     return "erased: nobody can read any more what the log held of them; copies of "
                            "the keys, such as backups, have to expire";
                   });
}

Result<Exit> hold(const OrderOptions& options, const Output& output) {
  return run_order(options, output, "POST /audit/holds",
                   [](audit::SubjectKeys& keys, const OrderOptions& asked,
                      audit::SubjectNames names, const event::Event& circumstances,
                      const audit::RecordOrder& record) -> Result<std::string> {
                     TRY_VOID(audit::hold_all(keys, names, asked.name, circumstances, record));
                     return "held: they cannot be erased before this is released";
                   });
}

Result<Exit> release(const OrderOptions& options, const Output& output) {
  return run_order(options, output, "POST /audit/holds/release",
                   [](audit::SubjectKeys& keys, const OrderOptions& asked,
                      audit::SubjectNames names, const event::Event& circumstances,
                      const audit::RecordOrder& record) -> Result<std::string> {
                     TRY_VOID(audit::release_all(keys, names, asked.name, circumstances, record));
                     return "released";
                   });
}

Result<Exit> show_holds(const OrderOptions& options, const Output& output) {
  const Whom whom = TRY(read_whom(options, output));
  const auto keys = TRY(open_subject_keys(options.log.folder, options.log.keys, true));
  boost::json::array holds, erasures;
  std::string text;
  std::map<std::string, std::int64_t> held;  // since when, by the hold's name
  std::set<std::int64_t> erased;
  for (const event::Subject& name : whom.subjects()) {
    const auto its_holds = TRY(keys->holds(name));
    for (const audit::LegalHold& each : its_holds) held.emplace(each.name, each.since);
    const auto its_erasures = TRY(keys->erasures(name));
    for (const audit::Erasure& each : its_erasures) erased.insert(each.time);
  }
  for (const auto& [name, since_ms] : held) {
    const std::string since = audit::time_text(since_ms);
    holds.push_back(boost::json::object{{"name", name}, {"since", since}});
    text += fmt::format("{}  held: {}\n", since, printable(name));
  }
  for (const std::int64_t time_ms : erased) {
    const std::string time = audit::time_text(time_ms);
    erasures.push_back(boost::json::value(time));
    text += fmt::format("{}  erased\n", time);
  }
  if (text.empty()) text = "neither held nor erased\n";
  text.pop_back();
  output.print(boost::json::object{{"holds", std::move(holds)}, {"erasures", std::move(erasures)}},
               text);
  return Exit::kOk;
}

void add_whom(CommandBuilder& command, OrderOptions& options) {
  command.option("--patient", options.patient, "ID", "the patient")
      .option("--person", options.person, "TYPE::ID", "the person, e.g. User::ann")
      .option("--tenant", options.tenant, "NAME", "whose they are, where there are several tenants")
      .option("-c,--config", options.config, "FILE",
              "the server's configuration: whoever is in its directory is meant by all names that "
              "they have there");
}

void add_reason(CommandBuilder& command, OrderOptions& options) {
  command.option("--reason", options.reason, "TEXT", "why; it is put on record", true);
}

void add_name(CommandBuilder& command, OrderOptions& options) {
  command.option("--name", options.name, "NAME", "of the hold, e.g. the number of its case", true);
}

}  // namespace

void add_audit_erase(Commands& group) {
  auto [command, options] = group.add<OrderOptions>(
      "erase", "Erase what a log holds of a person or patient; it stays whole",
      "  wardlock audit erase /var/lib/wardlock/audit --patient p-100 --reason 'GDPR 17, request "
      "4711'\n"
      "Their key is erased, and with it all that was sealed under it, everywhere. It cannot be "
      "undone. The order is put on record first.",
      erase);
  add_stopped_log(command, options.log);
  add_whom(command, options);
  add_reason(command, options);
}

void add_audit_hold(Commands& group) {
  auto [command, options] =
      group.add<OrderOptions>("hold", "Keep a person or patient from being erased from a log",
                              "  wardlock audit hold /var/lib/wardlock/audit --patient p-100 "
                              "--name 'case 12/2026' --reason "
                              "'the court asked for it'",
                              hold);
  add_stopped_log(command, options.log);
  add_whom(command, options);
  add_name(command, options);
  add_reason(command, options);
}

void add_audit_release(Commands& group) {
  auto [command, options] = group.add<OrderOptions>(
      "release", "Lift a legal hold",
      "  wardlock audit release /var/lib/wardlock/audit --patient p-100 --name 'case 12/2026' "
      "--reason 'it was settled'",
      release);
  add_stopped_log(command, options.log);
  add_whom(command, options);
  add_name(command, options);
  add_reason(command, options);
}

void add_audit_holds(Commands& group) {
  auto [command, options] = group.add<OrderOptions>(
      "holds", "Show what keeps a person or patient from being erased, and erasures",
      "  wardlock audit holds /var/lib/wardlock/audit --patient p-100", show_holds);
  command.option("folder", options.log.folder, "DIR", "folder of the log", true)
      .option("--keys", options.log.keys, "DIR",
              "folder of the log's keys (default: its own `keys`)");
  add_whom(command, options);
}

}  // namespace wardlock::cli
