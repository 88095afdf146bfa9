#include <fmt/format.h>

#include <string>

#include "cli/audit_commands.h"
#include "cli/audit_inputs.h"
#include "cli/audit_stopped_log.h"

namespace wardlock::cli {
namespace {

struct RotateOptions {
  StoppedLog log;
  std::string reason;
};

Result<Exit> rotate_key(const RotateOptions& options, const Output& output) {
  const auto log =
      TRY(open_stopped_log(options.log, "stop the server first; it goes on with the new key"));
  const std::string before = log->key().text();
  const std::string user = user_name();
  TRY_VOID(log->change_key({.record_class = "administration",
                            .principal_type = "OperatingSystemUser",
                            .principal_id = user,
                            .reason = options.reason}));
  const std::string after = log->key().text();
  output.print(
      boost::json::object{{"before", before}, {"key", after}},
      fmt::format("the log is signed with a new key from here on\n"
                  "before: {}\nnow:    {}\n"
                  "keep the new one where you keep public keys, tell the log's witnesses, and back "
                  "up the folder of the keys",
                  before, after));
  return Exit::kOk;
}

}  // namespace

void add_audit_rotate_key(Commands& group) {
  auto [command, options] = group.add<RotateOptions>(
      "rotate-key", "Have a log signed with a new key from here on",
      "  wardlock audit rotate-key /var/lib/wardlock/audit --reason 'once a year'\n"
      "Both keys sign that the new one follows the old one, which is put on record. Who has either "
      "verifies all of the log.",
      rotate_key);
  add_stopped_log(command, options.log)
      .option("--reason", options.reason, "TEXT", "why; it is put on record");
}

}  // namespace wardlock::cli
