#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "cedar/diff/change.h"
#include "cedar/diff/policy_diff.h"
#include "cedar/diff/schema_diff.h"
#include "codec/json.h"

namespace wardlock::pap {

/// A file that is not in both contents as it is, by its bytes: a comment shows, too.
struct FileChange {
  cedar::ChangeKind kind = cedar::ChangeKind::kChanged;
  std::string name;

  bool operator==(const FileChange&) const = default;
};

/// What two contents differ in: files, and what policies and schema say.
struct ContentDiff {
  std::string before;  ///< the content's name; empty: there was none
  std::string after;
  std::vector<FileChange> files;  ///< by their names
  cedar::PolicyDiff policies;
  cedar::SchemaDiff schema;

  bool is_empty() const { return files.empty(); }
};

/// Null stands for no policies at all. Policies need not fit their schema. Pure. Error: what cannot
/// be read, with its place.
Result<ContentDiff> diff_contents(const bundle::Content* before, const bundle::Content& after);

/// `{"same", "content_before", "content_after", "files": [{"kind", "name"}], "policies",
/// "schema"}`, the last two as cedar/diff has them.
codec::Json to_json(const ContentDiff& diff);

/// For people, without a newline at its end.
std::string to_text(const ContentDiff& diff);

}  // namespace wardlock::pap
