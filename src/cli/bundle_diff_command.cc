#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "cedar/diff/policy_diff.h"
#include "cedar/diff/schema_diff.h"
#include "cli/bundle_commands.h"
#include "cli/bundle_files.h"
#include "pdp/bundle_sources.h"

namespace wardlock::cli {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
};

/// One side, read.
struct Side {
  bundle::Content content;
  cedar::PolicySet policies;
  cedar::Schema schema;
};

Result<Side> read_side(const std::string& path) {
  bundle::Content content = TRY(read_content(path));
  const pdp::Sources sources = pdp::sources_of(content);
  auto policies = pdp::parse_policies(sources);
  if (!policies) return std::unexpected(policies.error().in(path));
  auto schema = pdp::parse_schema(sources.schemas);
  if (!schema) return std::unexpected(schema.error().in(path));
  return Side{std::move(content), *std::move(policies), *std::move(schema)};
}

struct FileChange {
  cedar::ChangeKind kind;
  std::string name;
};

/// By their bytes, so that a comment shows, too.
std::vector<FileChange> diff_files(const bundle::Content& before, const bundle::Content& after) {
  std::vector<FileChange> changes;
  for (const bundle::BundledFile& file : before.files()) {
    const bundle::BundledFile* other = after.find(file.name);
    if (other == nullptr) {
      changes.push_back({cedar::ChangeKind::kRemoved, file.name});
    } else if (other->text != file.text) {
      changes.push_back({cedar::ChangeKind::kChanged, file.name});
    }
  }
  for (const bundle::BundledFile& file : after.files()) {
    if (before.find(file.name) == nullptr) {
      changes.push_back({cedar::ChangeKind::kAdded, file.name});
    }
  }
  std::ranges::sort(changes, {}, &FileChange::name);
  return changes;
}

std::string text_of(const std::vector<FileChange>& files, const cedar::PolicyDiff& policies,
                    const cedar::SchemaDiff& schema) {
  std::string out;
  for (const FileChange& change : files) {
    out += fmt::format("{} file `{}`\n", cedar::sign_of(change.kind), change.name);
  }
  out += cedar::to_text(policies) + cedar::to_text(schema);
  if (policies.is_empty() && schema.is_empty()) out += "the same policies and schema\n";
  out.pop_back();
  return out;
}

codec::Json json_of(const Side& before, const Side& after, const std::vector<FileChange>& files,
                    const cedar::PolicyDiff& policies, const cedar::SchemaDiff& schema) {
  boost::json::array changes;
  for (const FileChange& change : files) {
    changes.push_back(
        boost::json::object{{"kind", cedar::to_string(change.kind)}, {"name", change.name}});
  }
  return boost::json::object{{"same", files.empty()},
                             {"content_before", before.content.name()},
                             {"content_after", after.content.name()},
                             {"files", std::move(changes)},
                             {"policies", cedar::to_json(policies)},
                             {"schema", cedar::to_json(schema)}};
}

Result<Exit> compare(const DiffOptions& options, const Output& output) {
  const auto before = read_side(options.before);
  const auto after = read_side(options.after);
  if (!before || !after) {
    output.fail(before ? after.error() : before.error());
    return Exit::kInvalid;
  }
  const auto files = diff_files(before->content, after->content);
  const auto policies = cedar::diff_policies(before->policies, after->policies);
  const auto schema = cedar::diff_schemas(&before->schema, &after->schema);
  output.print(json_of(*before, *after, files, policies, schema),
               files.empty() ? "the same content" : text_of(files, policies, schema));
  return files.empty() ? Exit::kOk : Exit::kFailure;
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
