#include <fmt/format.h>

#include "cli/audit_commands.h"
#include "cli/audit_index.h"

namespace wardlock::cli {
namespace {

struct RebuildOptions {
  std::string folder;
  std::string keys;
};

Result<Exit> rebuild(const RebuildOptions& options, const Output& output) {
  IndexedFolder folder = TRY(rebuild_index(options.folder, options.keys));
  const std::uint64_t records = TRY(folder.index.next()) - TRY(folder.log->begin());
  const std::uint64_t unreadable = TRY(folder.index.unreadable());
  std::string text = fmt::format("indexed {} records", records);
  if (unreadable > 0) {
    text += fmt::format(
        ", {} of which cannot be read: see what `wardlock audit verify {}` says of them",
        unreadable, options.folder);
  }
  output.print(boost::json::object{{"records", records}, {"unreadable", unreadable}}, text);
  return Exit::kOk;
}

}  // namespace

void add_audit_rebuild_index(Commands& group) {
  auto [command, options] = group.add<RebuildOptions>(
      "rebuild-index", "Make a log's index anew, by which its records are found",
      "  wardlock audit rebuild-index /var/lib/wardlock/audit\n"
      "The index is made of the log alone and holds no names.",
      rebuild);
  command.option("folder", options.folder, "DIR", "folder of the log", true)
      .option("--keys", options.keys, "DIR", "folder of the log's keys (default: its own `keys`)");
}

}  // namespace wardlock::cli
