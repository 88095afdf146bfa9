#include "server/reloader.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>

#include <utility>

#include "server/wall_clock.h"

namespace wardlock::server {
namespace {

/// Read between two looks that are the same, what was read is what lay there.
constexpr int kFirstReadAttempts = 50;
constexpr std::chrono::milliseconds kFirstReadPause{20};

/// What the log may say: an error about entities quotes ids of persons.
std::string loggable(const config::Config& config, const config::Tenant& tenant,
                     const Error& error) {
  if (tenant.entities.empty()) return error.message;
  config::Tenant without = tenant;
  without.entities.clear();
  if (!load_snapshot(config, without, 0)) return error.message;
  return fmt::format("`{}` does not fit; `wardlock config check` says what is wrong",
                     tenant.entities);
}

/// Reads a tenant's files as they lie there, unless they change meanwhile.
Result<std::pair<ServedTenant, Fingerprint>> load_tenant(const config::Config& config,
                                                         const config::Tenant& tenant) {
  for (int attempt = 0; attempt < kFirstReadAttempts; ++attempt) {
    const Fingerprint before = take_fingerprint(tenant);
    auto snapshot = load_snapshot(config, tenant, 1);
    if (before == take_fingerprint(tenant) && !is_being_written(before)) {
      if (!snapshot) return std::unexpected(snapshot.error());
      return std::pair(ServedTenant{.name = tenant.name,
                                    .base_path = tenant.name.empty() ? "" : "/" + tenant.name,
                                    .snapshot = *std::move(snapshot),
                                    .loaded_at = wall_clock_ms()},
                       before);
    }
    std::this_thread::sleep_for(kFirstReadPause);
  }
  return fail(ErrorCode::kUnavailable,
              fmt::format("the files of `{}` change while they are read; wait until they are "
                          "complete",
                          tenant.policies));
}

}  // namespace

Result<LoadedWorld> load_world(const config::Config& config) {
  auto world = std::make_shared<World>();
  LoadedWorld loaded;
  for (const config::Tenant& tenant : config.tenants) {
    auto [served, fingerprint] = TRY(load_tenant(config, tenant));
    world->tenants.push_back(std::move(served));
    loaded.watched.push_back({.taken = std::move(fingerprint)});
  }
  world->callers = std::make_shared<const authn::CallerRegistry>(
      TRY(authn::CallerRegistry::build(config.callers)));
  loaded.world = std::move(world);
  return loaded;
}

Reloader::Reloader(const config::Config& config, LoadedWorld loaded, ReloadParts parts)
    : config_(config),
      parts_(std::move(parts)),
      watched_(std::move(loaded.watched)),
      world_(*loaded.world),
      thread_([this] { run(); }) {}

Reloader::~Reloader() {
  wake(Wish::kStop);
  thread_.join();
}

void Reloader::reload() {
  parts_.notice.reloading();
  reload_certificates();
  reload_configuration();
  wake(Wish::kLook);
  parts_.notice.ready();
}

void Reloader::run() {
  pthread_setname_np(pthread_self(), "reload");
  // Runs only when nobody else wants to, so that it delays no decision.
  const sched_param none = {};
  pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
  while (true) {
    const Wish wish = wait();
    if (wish == Wish::kStop) return;
    for (std::size_t i = 0; i < watched_.size(); ++i) look_at(i, wish == Wish::kLook);
    if (parts_.each_interval) parts_.each_interval();
    parts_.published.collect();
  }
}

Reloader::Wish Reloader::wait() {
  std::unique_lock lock(wish_mutex_);
  wished_.wait_for(lock, config_.reload.interval, [this] { return wish_ != Wish::kNothing; });
  return wish_ == Wish::kStop ? Wish::kStop : std::exchange(wish_, Wish::kNothing);
}

void Reloader::wake(Wish wish) {
  {
    const std::scoped_lock lock(wish_mutex_);
    if (wish_ != Wish::kStop) wish_ = wish;
  }
  wished_.notify_one();
}

/// `is_urgent`: somebody said that the files are complete, so they need not be quiet first.
void Reloader::look_at(std::size_t tenant, bool is_urgent) {
  WatchedTenant& watched = watched_[tenant];
  Fingerprint now = take_fingerprint(config_.tenants[tenant]);
  if (now == watched.taken) {
    watched.seen.reset();
  } else if ((watched.seen != now && !is_urgent) || is_being_written(now)) {
    watched.seen = std::move(now);
  } else {
    take_over(tenant, now);
  }
}

void Reloader::take_over(std::size_t tenant, const Fingerprint& before) {
  const config::Tenant& files = config_.tenants[tenant];
  WatchedTenant& watched = watched_[tenant];
  auto snapshot = load_snapshot(config_, files, watched.revision + 1);
  if (take_fingerprint(files) != before || is_being_written(before)) {
    watched.seen.reset();  // begin again
    return;
  }
  watched.taken = before;
  watched.seen.reset();
  if (snapshot) ++watched.revision;
  const std::string fault = snapshot ? "" : loggable(config_, files, snapshot.error());
  const World world = change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    if (snapshot) {
      served.snapshot = *std::move(snapshot);
      served.loaded_at = wall_clock_ms();
    } else if (served.stale.empty()) {
      served.stale_since = wall_clock_ms();
    }
    served.stale = fault;
  });
  log_outcome(world.tenants[tenant]);
}

void Reloader::log_outcome(const ServedTenant& served) {
  const auto revision = static_cast<std::int64_t>(served.snapshot->revision);
  if (served.stale.empty()) {
    parts_.metrics.reloads_taken.add();
    const std::size_t policies = served.snapshot->policies.policies().size();
    parts_.log.info("policies_loaded", {{"tenant", served.name},
                                        {"revision", revision},
                                        {"policies", static_cast<std::int64_t>(policies)},
                                        {"policy_set", served.snapshot->policy_set}});
  } else {
    parts_.metrics.reloads_failed.add();
    parts_.log.error(
        "policies_refused",
        {{"tenant", served.name}, {"reason", served.stale}, {"serving_revision", revision}});
  }
}

void Reloader::reload_certificates() {
  const auto reloaded = parts_.reload_tls();
  if (reloaded) {
    parts_.metrics.certificates_taken.add();
    parts_.log.info("certificates_loaded", {});
  } else {
    parts_.metrics.certificates_failed.add();
    parts_.log.error("certificates_refused", {{"reason", reloaded.error().message}});
  }
}

void Reloader::reload_configuration() {
  if (const auto taken = take_callers(); taken) {
    parts_.metrics.configurations_taken.add();
  } else {
    const std::string& reason = taken.error().message;
    change([&](World& next) { next.stale_configuration = reason; });
    parts_.metrics.configurations_failed.add();
    parts_.log.error("configuration_refused", {{"reason", reason}});
  }
}

Result<void> Reloader::take_callers() {
  const config::Config config = TRY(parts_.read_config());
  for (const std::string& key : config::changes_beyond_callers(config_, config)) {
    parts_.log.warning("needs_a_restart", {{"setting", key}});
  }
  if (!config::has_same_tenants(config_, config)) {
    return fail(ErrorCode::kFailedPrecondition, "other tenants need a restart");
  }
  std::shared_ptr<const authn::CallerRegistry> before;
  {
    const std::scoped_lock lock(world_mutex_);
    before = world_.callers;
  }
  auto callers = std::make_shared<const authn::CallerRegistry>(
      TRY(authn::CallerRegistry::build(config.callers, before.get())));
  const auto count = static_cast<std::int64_t>(callers->size());
  change([&](World& next) {
    next.callers = std::move(callers);
    next.stale_configuration.clear();
  });
  parts_.log.info("callers_loaded", {{"callers", count}});
  return {};
}

World Reloader::change(const std::function<void(World&)>& edit) {
  const std::scoped_lock lock(world_mutex_);
  edit(world_);
  parts_.published.publish(std::make_shared<const World>(world_));
  return world_;
}

}  // namespace wardlock::server
