#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bundle/keys.h"
#include "directory/registry/journal.h"
#include "pap/activation.h"
#include "pap/approval.h"
#include "pap/draft.h"
#include "pap/policy_node.h"
#include "storage/store.h"

namespace wardlock::pap {

/// What a deployment demands of a policy change.
struct PolicyRules {
  /// These must have passed before a draft is reviewed.
  std::vector<std::string> checks = {"validate", "tests", "invariants"};
  /// And these before one comes into force in an emergency.
  std::vector<std::string> emergency_checks = {"validate"};
  SigningRules signing = {};
  NodeRules nodes = {};
  /// So long an activation may be used before it is renewed.
  std::int64_t lifetime_ms = std::int64_t{365} * 24 * 3600 * 1000;
  /// So soon after an emergency change it must have been approved.
  std::int64_t approve_within_ms = std::int64_t{24} * 3600 * 1000;
};

/// What policy changes work with. All outlives them; functions may be called by several threads.
struct PolicySurroundings {
  storage::Store& store;
  directory::Surroundings directory;
  PolicyRules rules = {};
  /// Which approvals a draft needs, at least one: for its content and base, and nothing else of it.
  std::function<Result<std::vector<ApprovalNeed>>(const PolicyDraft&)> needs;
  /// Whether nobody but this person administers policies, so that nobody could approve.
  std::function<Result<bool>(storage::Work&, std::string_view tenant, std::string_view person)>
      is_alone;
  /// What signs what comes into force.
  std::function<Result<bundle::Signer>(const PolicyPlace&)> signer;
  /// The highest serial that this node has seen in force: a database that was put back from a
  /// backup gives none of those again. Not set: what the database says.
  std::function<std::uint64_t(const PolicyPlace&)> highest_serial = nullptr;
  /// Called when something came into force at once, before whoever wanted it is told: it returns
  /// when this node decides by it, or when that takes too long. Not set: nobody waits.
  std::function<void(const Activation&)> await_effect = nullptr;
  /// The same when a canary began or was stopped there.
  std::function<void(const PolicyPlace&)> await_look = nullptr;
};

}  // namespace wardlock::pap
