#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_index.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "pdp/partition.h"
#include "pdp/rule.h"
#include "pdp/sources.h"

namespace wardlock::pdp {

/// Everything a decision is made from. Immutable; a request loads one and uses nothing newer. May
/// be read by any thread.
struct Snapshot {
  cedar::PolicySet policies;
  Partition partition;
  /// The policies for each action of the schema.
  std::unordered_map<const cedar::EntityUid*, Partition, cedar::UidHash, cedar::UidEqual> by_action;
  std::optional<cedar::Schema> schema;
  cedar::EntityStore entities;
  cedar::EntityIndex index{entities};  ///< over the entities; made when it is first asked
  TypeMapping types;
  std::vector<Grant> grants;  ///< sorted by id
  std::uint64_t revision = 1;
  std::string policy_set;             ///< `sha256:…` over the policies and the schema
  std::vector<std::string> warnings;  ///< found while building

  const Mode& mode() const { return partition.mode; }
  /// The policies that the action's questions are decided by.
  const Partition& policies_for(const cedar::EntityUid& action) const;
};

/// How strictly a snapshot is built.
struct SnapshotOptions {
  Mode mode = Mode::kStrict;
  bool is_schema_required = false;
  Severity unknown_annotations = Severity::kWarning;
  Severity invalid_policies = Severity::kWarning;  ///< that do not validate against the schema
  std::uint64_t revision = 1;
};

/// Parses and checks everything. Error: all that is wrong, a line or an excerpt each.
Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources,
                                                       const SnapshotOptions& options);
inline Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources, Mode mode) {
  return build_snapshot(sources, SnapshotOptions{.mode = mode});
}

}  // namespace wardlock::pdp
