#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "administration/recorded_comparisons.h"
#include "config/config.h"
#include "pap/drafts.h"
#include "server/audit_log.h"
#include "server/current_world.h"
#include "server/log.h"

namespace wardlock::server {

/// Asks drafts what was decided and recorded here: on a thread of its own that gives way to those
/// that decide, one comparison after another, each for so long at most. What somebody asked for is
/// kept until others asked for more. Its examples name records and no people: who may read the log
/// finds them there. Thread-safe.
class RecordedReplay {
 public:
  struct Parts {
    const config::Config& config;
    CurrentWorld& world;
    AuditLog& audit;
    Log& log;
    std::vector<const pap::Drafts*> drafts;  ///< for each tenant; null: its policies are files
    std::size_t most_waiting = 8;            ///< of all tenants together
    std::size_t most_waiting_of_one = 2;     ///< of one tenant, the one that runs among them
    std::size_t most_kept = 16;              ///< that are done
    std::chrono::seconds most_time{600};     ///< for one
  };
  /// What it is given outlives it.
  explicit RecordedReplay(Parts parts);
  /// Ends what is being done, and drops what waits.
  ~RecordedReplay();
  RecordedReplay(const RecordedReplay&) = delete;
  RecordedReplay& operator=(const RecordedReplay&) = delete;

  /// As administration::RecordedComparisons, for the tenant of that place in the configuration.
  Result<administration::RecordedComparison> begin(std::size_t tenant,
                                                   administration::RecordedWish wish);
  Result<administration::RecordedComparison> find(std::size_t tenant, std::string_view id);

 private:
  struct Job {
    std::size_t tenant = 0;
    administration::RecordedComparison seen;
  };

  void run();
  std::shared_ptr<Job> take();
  void finish(Job& job, Result<compare::DiffReport> report);
  void forget_old();
  Result<compare::DiffReport> compare(Job& job);
  Result<std::shared_ptr<const pdp::Snapshot>> snapshot_of(const Job& job,
                                                           const ServedTenant& served,
                                                           const std::string& content) const;

  const Parts parts_;
  std::mutex mutex_;  ///< over what follows but the thread
  std::condition_variable changed_;
  std::list<std::shared_ptr<Job>> jobs_;  ///< the oldest first
  std::atomic<bool> is_stopping_ = false;
  std::jthread thread_;  ///< the last member: it uses the others
};

}  // namespace wardlock::server
