#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "administration/policy_changes.h"
#include "base/error.h"
#include "bundle/keys.h"
#include "config/managed_policies.h"
#include "directory/registry/registry.h"
#include "pap/activations.h"
#include "pap/canary_stages.h"
#include "pap/change_reach.h"
#include "pap/drafts.h"
#include "pap/policy_nodes.h"
#include "pap/shadow_stages.h"
#include "pap/surroundings.h"
#include "pdp/snapshot.h"
#include "server/node_counts.h"

namespace wardlock::server {

/// The policies of a tenant that are kept in the database, as this process changes them: what says
/// who must approve a change, what signs what comes into force, drafts and activations.
/// Thread-safe.
class PolicyDesk {
 public:
  struct Parts {
    std::string tenant;  ///< as the directory calls it
    config::ManagedPolicies settings;
    storage::Store& store;
    directory::Surroundings directory;
    std::shared_ptr<const pdp::Snapshot> administration;  ///< policies of administration
  };
  /// Opens the key. The store outlives it. Errors: what cannot be used, and why; kInvalidArgument,
  /// bundles know no tenant of that name.
  static Result<std::unique_ptr<PolicyDesk>> open(Parts parts);
  PolicyDesk(const PolicyDesk&) = delete;
  PolicyDesk& operator=(const PolicyDesk&) = delete;
  ~PolicyDesk() = default;

  /// What it knows of the node that enforces; as pap::PolicySurroundings has them.
  struct Node {
    std::function<std::uint64_t(const pap::PolicyPlace&)> highest_serial;
    std::function<void(const pap::Activation&)> await_effect;
    std::function<void(const pap::PolicyPlace&)> await_look = nullptr;
    /// Compares drafts over what this process has recorded.
    std::shared_ptr<administration::RecordedComparisons> recorded = nullptr;
  };
  /// Before anybody is served.
  void connect(Node node);

  const std::string& tenant() const { return parts_.tenant; }
  const config::ManagedPolicies& settings() const { return parts_.settings; }
  pap::PolicyPlace place() const {
    return {.tenant = parts_.tenant, .environment = parts_.settings.environment};
  }
  /// The public half of the key that signs what comes into force.
  const crypto::PublicKey& key() const { return signer_.key; }

  pap::Drafts& drafts() { return drafts_; }
  pap::Activations& activations() { return activations_; }
  pap::ShadowStages& shadows() { return shadows_; }
  pap::CanaryStages& canaries() { return canaries_; }
  pap::PolicyNodes& nodes() { return nodes_; }
  NodeCounts& node_counts() { return node_counts_; }
  administration::PolicyChanges changes() {
    return {.drafts = drafts_,
            .activations = activations_,
            .shadows = shadows_,
            .canaries = canaries_,
            .nodes = nodes_,
            .environment = parts_.settings.environment,
            .long_work = &long_work_,
            .recorded = recorded_.get()};
  }

  /// How many people at work may approve a change. With fewer than two somebody's own changes come
  /// into force by their hand alone.
  Result<std::size_t> count_approvers() const;

  /// Finds out whether what is in force came in an emergency, and nobody has approved it in time.
  Result<bool> look_for_overdue();
  /// What was found out last, without asking the database.
  bool is_overdue() const { return is_overdue_; }

 private:
  PolicyDesk(Parts parts, bundle::Signer signer);
  pap::PolicySurroundings surroundings();

  Result<std::vector<pap::ApprovalNeed>> needs(const pap::PolicyDraft& draft);
  /// What the draft touches; nothing: its content cannot be used.
  Result<std::shared_ptr<const pap::ChangeReach>> reach(const pap::PolicyDraft& draft);
  /// Whether no person has written any of it.
  Result<bool> is_by_program(const pap::PolicyDraft& draft) const;
  bundle::Signer signer();

  using Change = std::pair<std::string, std::string>;  ///< base and content

  Parts parts_;
  bundle::Signer signer_;
  std::mutex long_work_;  ///< over nothing: see administration::PolicyChanges
  std::mutex signing_;    ///< a token's key is for one thread
  std::atomic<bool> is_overdue_ = false;
  std::mutex known_mutex_;
  std::map<Change, std::shared_ptr<const pap::ChangeReach>> known_;
  pap::PolicySurroundings surroundings_;
  pap::Drafts drafts_{surroundings_};
  pap::Activations activations_{surroundings_, drafts_};
  pap::ShadowStages shadows_{surroundings_};
  pap::CanaryStages canaries_{surroundings_, drafts_};
  pap::PolicyNodes nodes_{surroundings_};
  NodeCounts node_counts_;
  std::shared_ptr<administration::RecordedComparisons> recorded_;  ///< may be null
};

}  // namespace wardlock::server
