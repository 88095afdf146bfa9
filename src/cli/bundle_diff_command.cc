#include "cli/bundle_commands.h"
#include "cli/bundle_files.h"
#include "pap/content_diff.h"

namespace wardlock::cli {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
};

Result<bundle::Content> read_side(const std::string& path) {
  bundle::Content content = TRY(read_content(path));
  const auto alone = pap::diff_contents(nullptr, content);
  if (!alone) return std::unexpected(alone.error().in(path));
  return content;
}

Result<Exit> compare(const DiffOptions& options, const Output& output) {
  const auto before = read_side(options.before);
  const auto after = read_side(options.after);
  if (!before || !after) {
    output.fail(before ? after.error() : before.error());
    return Exit::kInvalid;
  }
  const pap::ContentDiff diff = TRY(pap::diff_contents(&*before, *after));
  output.print(pap::to_json(diff), pap::to_text(diff));
  return diff.is_empty() ? Exit::kOk : Exit::kFailure;
}

}  // namespace

void add_bundle_diff(Commands& group) {
  auto [command, options] = group.add<DiffOptions>(
      "diff", "Show what two bundles, or folders of policies, differ in",
      "  wardlock bundle diff production.bundle draft.bundle\n"
      "  wardlock bundle diff production.bundle policies/hospital --json\n"
      "Policies are compared by id and part by part, with their annotations; layout and comments "
      "show as a changed file alone. Nothing is verified.\n"
      "Exit status: 0 the same content, 1 another, 3 something could not be read.",
      compare);
  command.option("before", options.before, "BEFORE", "a bundle, or a folder of policies", true)
      .option("after", options.after, "AFTER", "a bundle, or a folder of policies", true);
}

}  // namespace wardlock::cli
