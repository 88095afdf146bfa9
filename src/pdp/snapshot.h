#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cedar/ast/policy.h"
#include "cedar/entities/entity_index.h"
#include "cedar/entities/entity_store.h"
#include "cedar/schema/schema.h"
#include "pdp/approvals.h"
#include "pdp/consents.h"
#include "pdp/delegations.h"
#include "pdp/partition.h"
#include "pdp/rule.h"
#include "pdp/rulebook.h"
#include "pdp/sources.h"

namespace wardlock::pdp {

/// Everything a decision is made from. Immutable; a request loads one and uses nothing newer. May
/// be read by any thread.
struct Snapshot {
  std::shared_ptr<const Rulebook> rulebook;  ///< never null
  cedar::EntityStore entities;
  cedar::EntityIndex index{entities};  ///< over the entities; made when it is first asked
  TypeMapping types;
  std::vector<Grant> grants;                 ///< sorted by id; they borrow from the entities
  std::vector<Delegation> delegations = {};  ///< as find_delegations has them; the same
  std::vector<ConsentOf> consents = {};      ///< as find_consents has them; the same
  std::vector<Approval> approvals = {};      ///< as find_approvals has them; the same
  std::uint64_t revision = 1;

  const cedar::PolicySet& policies() const { return rulebook->policies; }
  const Partition& partition() const { return rulebook->partition; }
  const Mode& mode() const { return rulebook->partition.mode; }
  /// Null: there is none.
  const cedar::Schema* schema() const { return rulebook->schema ? &*rulebook->schema : nullptr; }
  /// `sha256:…` over the policies and the schema.
  const std::string& policy_set() const { return rulebook->policy_set; }
  /// What was found while the policies were read.
  std::span<const std::string> warnings() const { return rulebook->warnings; }
  /// The policies that the action's questions are decided by. Looks at all of them.
  Partition policies_for(const cedar::EntityUid& action) const {
    return narrow(partition(), action, entities);
  }
};

/// Adds to the entities of a file those that come from elsewhere, by the schema of the policies
/// (null: there is none). The result is all that a snapshot has.
using CompleteEntities = std::function<Result<cedar::EntityStore>(
    const cedar::EntityStore& file, std::shared_ptr<const cedar::Schema> schema)>;

/// How strictly a snapshot is built.
struct SnapshotOptions {
  Mode mode = Mode::kStrict;
  bool is_schema_required = false;
  Severity unknown_annotations = Severity::kWarning;
  Severity invalid_policies = Severity::kWarning;  ///< that do not validate against the schema
  std::uint64_t revision = 1;
  CompleteEntities complete = nullptr;  ///< null: the file has them all
};

/// Parses and checks everything. Error: all that is wrong, a line or an excerpt each.
///
/// With `before`, a snapshot built with the same options, entities that are equal are shared with
/// it; where the policies and the schema are the same they are, too, and nothing of them is parsed,
/// checked or compiled again.
Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources,
                                                       const SnapshotOptions& options,
                                                       const Snapshot* before = nullptr);
inline Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources, Mode mode) {
  return build_snapshot(sources, SnapshotOptions{.mode = mode});
}

/// A snapshot of a rulebook and entities that fit its schema. Requires them to be of one row with
/// those that the rulebook was compiled with. Error: the types, or a grant, delegation, consent
/// or approval among the entities, are malformed.
Result<std::shared_ptr<const Snapshot>> make_snapshot(std::shared_ptr<const Rulebook> rulebook,
                                                      cedar::EntityStore entities,
                                                      const TypeMapping& types,
                                                      std::uint64_t revision);

}  // namespace wardlock::pdp
