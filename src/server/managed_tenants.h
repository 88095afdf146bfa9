#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/config.h"
#include "server/canary_keeper.h"
#include "server/directory.h"
#include "server/log.h"
#include "server/policies_in_force.h"
#include "server/policy_beat.h"
#include "server/policy_follower.h"
#include "server/recorded_replay.h"
#include "server/reloader.h"
#include "server/shadow_keeper.h"

namespace wardlock::server {

/// So long whoever activates waits for this node to decide by it.
inline constexpr std::chrono::milliseconds kEffectWait{2000};

/// The tenants of this process whose policies are kept in the database: from what is in force when
/// it starts to what comes into force while it runs. For the main thread.
class ManagedTenants {
 public:
  /// Verifies what is in force for each, and puts `initial` in force where nothing was; none where
  /// there is no directory. What it is given outlives it, but for waiting calls of the directory's
  /// desks. Errors: those of PoliciesInForce::start.
  static Result<std::unique_ptr<ManagedTenants>> start(const config::Config& config,
                                                       Directory* directory, Log& log);
  ManagedTenants(const ManagedTenants&) = delete;
  ManagedTenants& operator=(const ManagedTenants&) = delete;

  /// The World to begin with. Where what is in force does not fit what is decided about, the bundle
  /// that was kept on this node takes its place, and shows as refused. Error: as load_world.
  Result<LoadedWorld> load(Views views);

  /// What follows, as long as it lives.
  class Following;
  /// Follows from here on; null where no tenant is managed. `in_force`, `shadows` and `canaries` of
  /// the parts are filled in. Requires `load`.
  std::unique_ptr<Following> follow(PolicyFollowerParts parts) const;

 private:
  /// Whom the desks ask when something came into force; for as long as any of them may ask.
  struct Line {
    std::mutex mutex;
    PolicyFollower* follower = nullptr;  ///< null: nobody follows now
    RecordedReplay* replay = nullptr;    ///< null: nothing is recorded, or nobody follows now
  };

  ManagedTenants(const config::Config& config, Log& log) : config_(config), log_(log) {}
  Result<void> add(PolicyDesk& desk, const std::string& database);
  bool fall_back(const Error& why);
  void accept();
  /// What is decided by besides what is in force.
  struct Trials {
    ShadowKeeper::Parts shadows;
    CanaryKeeper::Parts canaries;
  };
  class RecordedOfTenant;

  const config::Config& config_;
  Log& log_;
  Directory* directory_ = nullptr;
  std::vector<std::shared_ptr<PoliciesInForce>> in_force_;  ///< for each tenant; null: files
  std::vector<std::optional<VerifiedPolicies>> start_;
  const std::shared_ptr<Line> line_ = std::make_shared<Line>();
};

class ManagedTenants::Following {
 public:
  /// `drafts`: each tenant's; null where its policies are files.
  Following(std::shared_ptr<Line> line, Trials trials, PolicyFollowerParts parts,
            PolicyBeat::Parts beat, std::vector<const pap::Drafts*> drafts);
  /// Waits for who waits for it.
  ~Following();
  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;

 private:
  const std::shared_ptr<Line> line_;
  ShadowKeeper shadows_;
  CanaryKeeper canaries_;
  PolicyFollower follower_;
  PolicyBeat beat_;
  std::optional<RecordedReplay> replay_;
};

}  // namespace wardlock::server
