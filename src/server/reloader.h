#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "config/config.h"
#include "server/audit_log.h"
#include "server/current_world.h"
#include "server/directory_view.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/policies_in_force.h"
#include "server/service_notice.h"
#include "server/tenant_files.h"
#include "server/world.h"

namespace wardlock::server {

/// What one tenant's files were when they were last looked at.
struct WatchedTenant {
  Fingerprint taken;                             ///< of the files that were last read
  std::optional<Fingerprint> seen = {};          ///< of a change that has not been quiet yet
  std::optional<std::int64_t> waits_since = {};  ///< ms since the epoch: of an incomplete change
  bool is_waiting_told = false;
};

/// A World, and what its files looked like when they were read.
struct LoadedWorld {
  std::shared_ptr<const World> world;
  std::vector<WatchedTenant> watched;
};

/// For each tenant what is in force, where it is managed; none: no tenant is.
using StartPolicies = std::span<const std::optional<VerifiedPolicies>>;

/// Reads everything for the first time. Error: all that is wrong with the first tenant that cannot
/// be served.
Result<LoadedWorld> load_world(const config::Config& config, Views views = {},
                               StartPolicies policies = {});

/// What a reload needs besides the files.
struct ReloadParts {
  CurrentWorld& world;
  Log& log;
  Metrics& metrics;
  AuditLog* audit;  ///< null: nothing is recorded
  const ServiceNotice& notice;
  std::function<Result<void>()> reload_tls;
  std::function<void()> each_interval;
  /// Reads the configuration anew. Null: there is none.
  std::function<Result<config::Config>()> read_config;
  Views views = {};
};

/// Takes over changed files, on a thread of its own that runs when no other wants to.
///
/// A tenant's files are looked at every interval. A change is read when it has been quiet for one
/// interval, nobody has a file open for writing, and the files look the same after reading as
/// before: what is half written is never taken. One that stays incomplete shows as stale. A set
/// that cannot be used, or whose change cannot be recorded, leaves the last good one in place and
/// shows as stale. Snapshots are built
/// and destroyed on that thread.
///
/// Callers and certificates do not wait for it: a revoked token must not work for as long as the
/// machine is busy.
class Reloader {
 public:
  Reloader(const config::Config& config, std::vector<WatchedTenant> watched, ReloadParts parts);
  /// Waits for a reload that is going on.
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  /// Reads certificates and callers anew, and returns when they count; changed files are looked at
  /// soon. One thread at a time.
  void reload();

 private:
  enum class Wish : std::uint8_t { kNothing, kLook, kStop };

  void run();
  Wish wait();
  bool pause(std::chrono::milliseconds time);
  void wake(Wish wish);
  void look_at_all();
  void look_at(std::size_t tenant);
  void note_expiry(std::size_t tenant);
  Result<std::optional<ServedBundle>> next_bundle(std::size_t tenant,
                                                  const config::Tenant& files) const;
  void note_waiting(std::size_t tenant, std::optional<std::int64_t> now);
  void take_over(std::size_t tenant, const config::Tenant& files, const Fingerprint& before);
  /// `keeps_policies`: nothing but the entities was read anew.
  void log_outcome(const ServedTenant& served, bool keeps_policies);
  void reload_certificates();
  void reload_configuration();
  Result<void> take_callers();

  const config::Config& config_;
  const ReloadParts parts_;
  std::vector<WatchedTenant> watched_;  ///< of the thread alone
  std::mutex wish_mutex_;
  std::condition_variable wished_;
  Wish wish_ = Wish::kNothing;
  std::thread thread_;
};

}  // namespace wardlock::server
