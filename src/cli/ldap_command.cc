#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/wall_clock.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "crypto/random.h"
#include "directory/ldap/sync.h"
#include "server/audit_log.h"
#include "server/directory.h"

namespace wardlock::cli {
namespace {

struct LdapSyncCommand {
  std::string config;
  std::string source;
  bool is_dry_run = false;
  bool is_full = false;
  bool may_leave = false;
};

Result<directory::LdapSource> find_source(const config::Config& config, const std::string& name) {
  if (!config.directory) {
    return fail(ErrorCode::kFailedPrecondition,
                "the configuration names no directory: set `directory`");
  }
  const auto& sources = config.directory->ldap;
  const auto found = std::ranges::find(sources, name, &directory::LdapSource::name);
  if (found != sources.end()) {
    directory::LdapSource source = *found;
    source.tenant = server::directory_tenant(source.tenant);
    return source;
  }
  std::vector<std::string> names;
  for (const auto& each : sources) names.push_back(each.name);
  return fail(ErrorCode::kNotFound,
              names.empty() ? "the configuration names no LDAP directory: set `directory.ldap`"
                            : fmt::format("there is no LDAP directory `{}`; there are `{}`", name,
                                          fmt::join(names, "`, `")));
}

Result<Exit> sync(const LdapSyncCommand& options, const Output& output) {
  const auto config = load_config(options.config, output);
  if (!config) return config.error();
  directory::LdapSource source = TRY(find_source(*config, options.source));
  if (options.may_leave) source.most_leaving_percent = 100;
  const auto store = TRY(server::open_store(*config->directory));
  const auto registry = server::make_registry(*store, server::node_name(*config));
  const auto holder = crypto::random_uuid();
  directory::Turns turns(*store, std::string(holder.data(), holder.size()));
  const auto synced = TRY(sync_ldap(
      source, *registry, turns,
      {.is_dry_run = options.is_dry_run, .is_full = options.is_full, .caller = "wardlock"},
      &wall_clock_ms, {}));
  output.print(to_json(source, synced), to_text(source, synced));
  const bool is_clean = synced.plan.faults.empty() && !synced.plan.stopped;
  return is_clean ? Exit::kOk : Exit::kFailure;
}

}  // namespace

void add_ldap(Commands& commands) {
  Commands group =
      commands.group("ldap", "Take over people from an LDAP directory or Active Directory");
  auto [command, options] = group.add<LdapSyncCommand>(
      "sync", "Read a source now, and have its people here as they are there",
      "  wardlock ldap sync --config /etc/wardlock/wardlock.yaml --source main-ad --dry-run\n"
      "  wardlock ldap sync --config /etc/wardlock/wardlock.yaml --source main-ad --json\n"
      "Sources are set in `directory.ldap`; a running server reads each every `interval`. The "
      "exit\n"
      "status is 1 where something could not be done, or too many would leave.",
      sync);
  command.option("-c,--config", options.config, "FILE", "the server's configuration, YAML", true)
      .option("--source", options.source, "NAME", "which of `directory.ldap`", true)
      .flag("--dry-run", options.is_dry_run, "show what would change, and change nothing")
      .flag("--full", options.is_full, "read everything, not only what changed since")
      .flag("--allow-leaving", options.may_leave,
            "go on where more would leave than `most_leaving_percent`");
}

}  // namespace wardlock::cli
