#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "config/config.h"
#include "event/event.h"
#include "server/audit_log.h"
#include "server/canary_keeper.h"
#include "server/current_world.h"
#include "server/directory_view.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/policies_in_force.h"
#include "server/shadow_keeper.h"
#include "storage/store.h"

namespace wardlock::server {

/// What it works with; it outlives it.
struct PolicyFollowerParts {
  const config::Config& config;
  const storage::Store& store;
  /// For each tenant; null: it is not managed.
  std::span<const std::shared_ptr<PoliciesInForce>> in_force;
  Views views;
  CurrentWorld& world;
  Log& log;
  Metrics& metrics;
  AuditLog* audit = nullptr;         ///< null: nothing is recorded
  ShadowKeeper* shadows = nullptr;   ///< null: no draft is tried
  CanaryKeeper* canaries = nullptr;  ///< null: none counts here
};

/// Has managed tenants decide by what is in force: on a thread of its own it takes over what came
/// into force, when the database says so, and every second in any case. What cannot be believed or
/// used is refused: what was decided by stays, and shows as stale, in the log, on record, and in
/// the metrics, once until it ends.
class PolicyFollower {
 public:
  explicit PolicyFollower(PolicyFollowerParts parts);
  ~PolicyFollower();
  PolicyFollower(const PolicyFollower&) = delete;
  PolicyFollower& operator=(const PolicyFollower&) = delete;

  /// Returns when this node decides in that place by that serial or a higher one: true; or when it
  /// refuses, or does not in `time`: false. Thread-safe.
  bool wait_for(const pap::PolicyPlace& place, std::uint64_t serial,
                std::chrono::milliseconds time);
  /// Returns when this node has looked at what runs there anew, or not in `time`: false.
  /// Thread-safe.
  bool wait_for_look(const pap::PolicyPlace& place, std::chrono::milliseconds time);

 private:
  struct Standing {
    std::uint64_t rounds = 0;       ///< how often it was looked
    std::uint64_t serial = 0;       ///< decided by
    std::string told = {};          ///< what was refused, and why; empty: nothing is
    std::uint64_t unusable = 0;     ///< a serial that could not be used
    std::int64_t pauses_until = 0;  ///< ms since the epoch: before, it is not built again
  };

  void run();
  void listen();
  bool wait();
  void wake();
  void follow(std::size_t tenant);
  void look_at_trials(std::size_t tenant);
  bool is_paused(std::size_t tenant, const VerifiedPolicies& policies) const;
  Result<void> take_over(std::size_t tenant, const VerifiedPolicies& policies);
  Result<bool> try_take_over(std::size_t tenant, const VerifiedPolicies& policies);
  void keep(std::size_t tenant, const VerifiedPolicies& policies);
  void note_refusal(std::size_t tenant, const Error& why);
  void note_end(std::size_t tenant);
  void record(const ServedTenant& served, std::string_view action, event::Outcome outcome,
              std::string_view cause);

  const PolicyFollowerParts parts_;
  std::mutex mutex_;  ///< over what follows
  std::condition_variable woken_;
  std::condition_variable looked_;
  bool is_woken_ = false;
  bool is_stopping_ = false;
  std::vector<Standing> standing_;
  std::unique_ptr<storage::Listening> listening_;  ///< null: not yet
  std::thread thread_;
};

}  // namespace wardlock::server
