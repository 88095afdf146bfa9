#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/compiled/compiled_policies.h"
#include "cedar/schema/schema.h"
#include "pdp/accountability.h"
#include "pdp/partition.h"
#include "pdp/source_readers.h"
#include "pdp/sourced_attributes.h"
#include "pdp/sources.h"

namespace wardlock::pdp {

/// How strictly policies are taken.
struct RulebookOptions {
  Mode mode = Mode::kStrict;
  bool is_schema_required = false;
  Severity unknown_annotations = Severity::kWarning;
  Severity invalid_policies = Severity::kWarning;  ///< that do not validate against the schema
};

/// The policies, the schema they are written for, and what was made of both: all of a snapshot that
/// stays the same when only entities change. Immutable once it is in a snapshot; may be read by any
/// thread.
struct Rulebook {
  cedar::PolicySet policies;
  Partition partition;
  std::optional<cedar::Schema> schema;
  Accountability accountability;  ///< borrows from the schema
  SourcedAttributes sourced;      ///< the same; of plain Cedar none
  SourceReaders source_readers;   ///< borrows from the policies
  /// The policies, made ready to decide. INVARIANT: as long as the rulebook is used there is a
  /// store of the lineage of the one it was compiled with, whose uids it borrows.
  std::optional<cedar::CompiledPolicies> compiled;
  std::string policy_set;             ///< `sha256:…` over the policies and the schema
  std::string schema_source;          ///< `sha256:…` over the schema; that of none, without one
  std::string sources;                ///< the same, over the names of their files too
  std::vector<std::string> warnings;  ///< found while building
};

/// `sha256:…` over the names and texts of all that a rulebook is read from.
std::string digest_with_names(const Sources& sources);

/// Parses and checks all but the entities; compiles nothing yet. Error: all that is wrong, a line
/// or an excerpt each.
Result<std::unique_ptr<Rulebook>> read_rulebook(const Sources& sources,
                                                const RulebookOptions& options);

}  // namespace wardlock::pdp
