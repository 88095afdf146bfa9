#include <fmt/format.h>

#include "audit/inspect/record_check.h"
#include "base/utf8.h"
#include "base/wall_clock.h"
#include "cli/audit_commands.h"
#include "cli/audit_inputs.h"
#include "cli/config_file.h"
#include "cli/progress_bar.h"
#include "server/retention.h"

namespace wardlock::cli {
namespace {

struct RetainOptions {
  std::string config;
  bool is_confirmed = false;
};

std::string describe(const audit::ExpiredPart& part) {
  return fmt::format("records {} to {}, of {} to {}, in {} file{}", part.begin, part.end - 1,
                     audit::time_text(part.oldest), audit::time_text(part.latest),
                     part.segments.size(), part.segments.size() == 1 ? "" : "s");
}

void print(const Output& output, const audit::ExpiredPart& part, bool is_removed,
           const std::string& text) {
  output.print(boost::json::object{{"first", part.begin},
                                   {"count", part.end - part.begin},
                                   {"files", part.segments.size()},
                                   {"removed", is_removed},
                                   {"next", part.next}},
               text);
}

Result<Exit> retain(const RetainOptions& options, const Output& output) {
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  if (!config->audit) return invalid("the configuration names no audit log");
  if (config->audit->retention_years_otherwise == 0) {
    return invalid(
        "the configuration does not say how long records are kept, so that all are: say "
        "`retention` below `audit`");
  }
  const auto audit =
      TRY(server::AuditLog::open(*config->audit, [](const std::string& name, const Error& why) {
        fmt::print(stderr, "the witness `{}` was not asked: {}\n", name, printable(why.message));
      }));
  audit::ExpiredPart part;
  {
    ProgressBar bar("reading");
    part = TRY(
        server::find_expired(*audit, *config->audit, wall_clock_ms(),
                             [&](std::uint64_t done, std::uint64_t all) { bar.show(done, all); }));
  }
  if (part.segments.empty()) {
    print(output, part, false, fmt::format("nothing may be removed yet: {}", part.next));
    return Exit::kOk;
  }
  if (!options.is_confirmed) {
    print(output, part, false,
          fmt::format("would remove {}\nwhat follows stays: {}\nto remove them, say `--yes`",
                      describe(part), part.next));
    return Exit::kOk;
  }
  const std::string user = user_name();
  TRY_VOID(server::remove_expired(*audit, part,
                                  {.record_class = "administration",
                                   .principal_type = "OperatingSystemUser",
                                   .principal_id = user}));
  print(output, part, true,
        fmt::format("removed {}\nwhat follows stays: {}", describe(part), part.next));
  return Exit::kOk;
}

}  // namespace

void add_audit_retain(Commands& group) {
  auto [command, options] = group.add<RetainOptions>(
      "retain", "Remove the log's oldest records when they have been kept long enough",
      "  wardlock audit retain --config /etc/wardlock/wardlock.yaml\n"
      "  wardlock audit retain --config /etc/wardlock/wardlock.yaml --yes\n"
      "The server must be stopped. How long which records are kept: `audit.retention`; a legal "
      "hold "
      "keeps\nthem longer. What is removed is recorded first.",
      retain);
  command.option("-c,--config", options.config, "FILE", "the server's configuration, YAML", true)
      .flag("--yes", options.is_confirmed, "remove them; without it they are only shown");
}

}  // namespace wardlock::cli
