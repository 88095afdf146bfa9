#include "pap/content_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cedar/ast/policy.h"
#include "cedar/schema/schema.h"
#include "pdp/bundle_sources.h"
#include "pdp/validation.h"

namespace wardlock::pap {
namespace {

/// What of a content is compared.
struct ReadContent {
  cedar::PolicySet policies;
  cedar::Schema schema;
};

Result<ReadContent> read(const bundle::Content& content) {
  const pdp::Sources sources = pdp::sources_of(content);
  auto policies = TRY(pdp::parse_policies(sources));
  auto schema = TRY(pdp::parse_schema(sources.schemas));
  return ReadContent{std::move(policies), std::move(schema)};
}

std::vector<FileChange> diff_files(const bundle::Content* before, const bundle::Content& after) {
  std::vector<FileChange> changes;
  for (const bundle::BundledFile& file : after.files()) {
    const bundle::BundledFile* other = before == nullptr ? nullptr : before->find(file.name);
    if (other == nullptr) {
      changes.push_back({cedar::ChangeKind::kAdded, file.name});
    } else if (other->text != file.text) {
      changes.push_back({cedar::ChangeKind::kChanged, file.name});
    }
  }
  if (before != nullptr) {
    for (const bundle::BundledFile& file : before->files()) {
      if (after.find(file.name) == nullptr) {
        changes.push_back({cedar::ChangeKind::kRemoved, file.name});
      }
    }
  }
  std::ranges::sort(changes, {}, &FileChange::name);
  return changes;
}

}  // namespace

Result<ContentDiff> diff_contents(const bundle::Content* before, const bundle::Content& after) {
  ContentDiff diff{.before = before == nullptr ? "" : before->name(),
                   .after = after.name(),
                   .files = diff_files(before, after),
                   .policies = {},
                   .schema = {}};
  const ReadContent now = TRY(read(after));
  if (before == nullptr) {
    diff.policies = cedar::diff_policies({}, now.policies);
    diff.schema = cedar::diff_schemas(nullptr, &now.schema);
    return diff;
  }
  const ReadContent was = TRY(read(*before));
  diff.policies = cedar::diff_policies(was.policies, now.policies);
  diff.schema = cedar::diff_schemas(&was.schema, &now.schema);
  return diff;
}

codec::Json to_json(const ContentDiff& diff) {
  boost::json::array files;
  for (const FileChange& change : diff.files) {
    files.push_back(
        boost::json::object{{"kind", cedar::to_string(change.kind)}, {"name", change.name}});
  }
  return boost::json::object{{"same", diff.is_empty()},
                             {"content_before", diff.before},
                             {"content_after", diff.after},
                             {"files", std::move(files)},
                             {"policies", cedar::to_json(diff.policies)},
                             {"schema", cedar::to_json(diff.schema)}};
}

std::string to_text(const ContentDiff& diff) {
  if (diff.is_empty()) return "the same content";
  std::string out;
  for (const FileChange& change : diff.files) {
    out += fmt::format("{} file `{}`\n", cedar::sign_of(change.kind), change.name);
  }
  out += cedar::to_text(diff.policies) + cedar::to_text(diff.schema);
  if (diff.policies.is_empty() && diff.schema.is_empty()) out += "the same policies and schema\n";
  out.pop_back();
  return out;
}

}  // namespace wardlock::pap
