#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/config_file.h"
#include "config/config.h"
#include "server/directory.h"

namespace wardlock::cli {
namespace {

struct BackupOptions {
  std::string config;
  std::string path;
  bool may_lose_events = false;
};

std::expected<config::Config, Exit> load_with_directory(const std::string& path,
                                                        const Output& output) {
  auto config = load_config(path, output);
  if (!config || config->directory) return config;
  return std::unexpected(output.fail(
      {ErrorCode::kFailedPrecondition,
       "the configuration names no directory; say with `directory.database` where it is kept"}));
}

Result<Exit> back_up(const BackupOptions& options, const Output& output) {
  const auto config = load_with_directory(options.config, output);
  if (!config) return config.error();
  const auto store = TRY(server::open_kept_store(*config->directory));
  TRY_VOID(store->back_up(options.path));
  output.print(boost::json::object{{"backup", options.path}},
               fmt::format("the directory is in `{}`", options.path));
  return Exit::kOk;
}

Result<Exit> restore(const BackupOptions& options, const Output& output) {
  const auto config = load_with_directory(options.config, output);
  if (!config) return config.error();
  TRY_VOID(server::restore_store(*config, options.path, options.may_lose_events));
  output.print(boost::json::object{{"restored", options.path}},
               fmt::format("the directory is what it was in `{}`", options.path));
  return Exit::kOk;
}

}  // namespace

void add_backup(Commands& commands) {
  auto [backup, backup_options] = commands.add<BackupOptions>(
      "backup", "Copy the directory as it is now into a file, while it is used",
      "  wardlock backup --config wardlock.yaml /backup/directory-2026-11-22.db\n"
      "PostgreSQL is backed up with its own tools; the audit log is a folder of its own.",
      back_up);
  backup.option("-c,--config", backup_options.config, "FILE", "the server's configuration", true)
      .option("path", backup_options.path, "FILE", "a file that is not there yet", true);
  auto [again, again_options] = commands.add<BackupOptions>(
      "restore", "Put a backup in the place of the directory, while no server runs",
      "  wardlock restore --config wardlock.yaml /backup/directory-2026-11-22.db\n"
      "What has changed since is lost; the audit log keeps it, and that it was restored. Where it\n"
      "does not have all of it yet, nothing is restored: start the server once before.",
      restore);
  again.option("-c,--config", again_options.config, "FILE", "the server's configuration", true)
      .option("path", again_options.path, "FILE", "what `wardlock backup` wrote", true)
      .flag("--lose-events", again_options.may_lose_events,
            "also where changes are not in the audit log yet: nobody will know of them");
}

}  // namespace wardlock::cli
