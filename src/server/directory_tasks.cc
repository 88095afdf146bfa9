#include "server/directory_tasks.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/background.h"
#include "base/wall_clock.h"
#include "crypto/random.h"
#include "directory/ldap/sync.h"
#include "server/approval_task.h"
#include "server/delegation_task.h"
#include "server/fetch_task.h"
#include "server/glass_task.h"
#include "server/pause.h"
#include "server/policy_source.h"
#include "server/review_task.h"
#include "server/role_request_task.h"
#include "server/role_task.h"
#include "server/told_task.h"

namespace wardlock::server {
namespace {

using directory::LdapSource;
using directory::LdapSynced;
using std::chrono::milliseconds;

/// After a failure, or where another node is at it.
constexpr milliseconds kRetry{60'000};

std::int64_t signed_count(std::uint64_t count) { return static_cast<std::int64_t>(count); }

void log_synced(Log& log, const LdapSource& source, const LdapSynced& synced) {
  using Step = directory::PersonPlan::Step;
  const directory::LdapPlan& plan = synced.plan;
  if (plan.stopped) {
    log.error("ldap_stopped", {{"source", source.name}, {"reason", *plan.stopped}});
    return;
  }
  // No fault is told in words here: they name people. `wardlock ldap sync` tells them.
  if (!plan.faults.empty()) {
    log.warning("ldap_faults",
                {{"source", source.name}, {"faults", signed_count(plan.faults.size())}});
  }
  log.info("ldap_synced", {{"source", source.name},
                           {"accounts", signed_count(plan.present)},
                           {"added", signed_count(plan.count(Step::kAdd))},
                           {"changed", signed_count(plan.count(Step::kChange))},
                           {"suspended", signed_count(plan.count(Step::kSuspend))},
                           {"left", signed_count(plan.count(Step::kLeave))}});
}

/// How long to wait before the source is read; 0: now.
milliseconds time_until_due(const LdapSource& source, const directory::Turns& turns) {
  const auto last = turns.last(source.tenant, task_of(source));
  if (!last) return kRetry;
  const std::int64_t due = last->finished_ms + source.interval.count();
  return milliseconds(std::clamp<std::int64_t>(due - wall_clock_ms(), 0, source.interval.count()));
}

void read_for_ever(LdapSource source, Directory& directory, Log& log, const std::stop_token& stop) {
  give_way_to_others();
  const auto holder = crypto::random_uuid();
  directory::Turns turns(*directory.store, std::string(holder.data(), holder.size()));
  Pause pause;
  while (!stop.stop_requested()) {
    const milliseconds wait = time_until_due(source, turns);
    if (wait > milliseconds(0)) {
      if (!pause.wait(stop, wait)) return;
      continue;
    }
    const auto synced =
        sync_ldap(source, *directory.registry, turns, {.caller = "wardlock"}, &wall_clock_ms, stop);
    if (synced) {
      log_synced(log, source, *synced);
      continue;
    }
    const ErrorCode code = synced.error().code;
    if (code != ErrorCode::kAborted && code != ErrorCode::kCancelled) {
      log.error("ldap_failed", {{"source", source.name}, {"reason", synced.error().message}});
    }
    if (!pause.wait(stop, std::min(kRetry, source.interval))) return;
  }
}

void seal_anew(Directory& directory, Log& log, const std::stop_token& stop) {
  give_way_to_others();
  const auto resealed = directory.secrets->reseal(*directory.store, stop);
  if (!resealed) {
    log.warning("secrets_not_sealed_anew", {{"reason", resealed.error().message}});
    return;
  }
  if (resealed->done > 0) {
    log.info("secrets_sealed_anew", {{"secrets", signed_count(resealed->done)}});
  }
  if (resealed->failed > 0) {
    log.error("secrets_damaged",
              {{"secrets", signed_count(resealed->failed)}, {"reason", resealed->first_fault}});
  }
}

}  // namespace

struct DirectoryTasks::Threads {
  std::vector<std::jthread> all;
};

DirectoryTasks::DirectoryTasks(const config::Config& config, Directory* directory, Log& log)
    : threads_(std::make_unique<Threads>()) {
  if (directory == nullptr) return;
  for (LdapSource source : config.directory->ldap) {
    source.tenant = directory_tenant(source.tenant);
    threads_->all.emplace_back([source, directory, &log](const std::stop_token& stop) {
      read_for_ever(source, *directory, log, stop);
    });
  }
  for (directory::FetchSource source : config.directory->attribute_sources) {
    source.tenant = directory_tenant(source.tenant);
    threads_->all.emplace_back([source, directory, &log](const std::stop_token& stop) {
      net::Interruption interruption;
      const std::stop_callback raise(stop, [&] { interruption.raise(); });
      repeat(fetch_task(source, *directory, interruption, log), *directory->store, log, stop);
    });
  }
  const auto add = [&](TurnTask task) {
    threads_->all.emplace_back(
        [task = std::move(task), &store = *directory->store, &log](const std::stop_token& stop) {
          repeat(task, store, log, stop);
        });
  };
  for (const config::Tenant& each : config.tenants) {
    const std::string tenant(directory_tenant(each.name));
    add(review_task(tenant, *directory, log));
    if (directory->glass_desk != nullptr) add(glass_task(tenant, *directory, log));
    add(delegation_task(tenant, *directory, log));
    add(role_request_task(tenant, *directory, log));
    add(told_task(tenant, *directory, log));
    const bool has_rules =
        std::ranges::find(config.directory->role_rules, each.name, &directory::RoleRule::tenant) !=
        config.directory->role_rules.end();
    if (has_rules) add(role_task(tenant, *config.directory, *directory, log));
  }
  for (const auto& desk : directory->policy_desks) {
    add(approval_task(*desk, *directory, log));
    if (desk->settings().source) add(source_task(*desk, *directory, log));
  }
  if (directory->secrets == nullptr) return;
  threads_->all.emplace_back(
      [directory, &log](const std::stop_token& stop) { seal_anew(*directory, log, stop); });
}

DirectoryTasks::~DirectoryTasks() {
  for (std::jthread& thread : threads_->all) thread.request_stop();
}

}  // namespace wardlock::server
