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

Reloader::Reloader(const config::Config& config, LoadedWorld loaded, const ReloadParts& parts)
    : config_(config),
      watched_(std::move(loaded.watched)),
      parts_(parts),
      world_(*loaded.world),
      thread_([this] { run(); }) {}

Reloader::~Reloader() {
  {
    const std::scoped_lock lock(mutex_);
    wish_ = Wish::kStop;
  }
  changed_.notify_one();
  thread_.join();
}

void Reloader::request() {
  {
    const std::scoped_lock lock(mutex_);
    if (wish_ == Wish::kNothing) wish_ = Wish::kReload;
  }
  changed_.notify_one();
}

void Reloader::run() {
  pthread_setname_np(pthread_self(), "reload");
  // Runs only when nobody else wants to, so that it delays no decision.
  const sched_param none = {};
  pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
  while (true) {
    const Wish wish = wait();
    if (wish == Wish::kStop) return;
    if (wish == Wish::kReload) {
      reload_everything();
    } else {
      look_at_files();
    }
    if (parts_.each_interval) parts_.each_interval();
    parts_.published.collect();
  }
}

Reloader::Wish Reloader::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, config_.reload.interval, [this] { return wish_ != Wish::kNothing; });
  return wish_ == Wish::kStop ? Wish::kStop : std::exchange(wish_, Wish::kNothing);
}

void Reloader::look_at_files() {
  for (std::size_t i = 0; i < watched_.size(); ++i) look_at(i);
}

void Reloader::look_at(std::size_t tenant) {
  WatchedTenant& watched = watched_[tenant];
  Fingerprint now = take_fingerprint(config_.tenants[tenant]);
  if (now == watched.taken) {
    watched.seen.reset();
  } else if (watched.seen != now || is_being_written(now)) {
    watched.seen = std::move(now);
  } else {
    take_over(tenant, now);
  }
}

void Reloader::take_over(std::size_t tenant, const Fingerprint& before) {
  const config::Tenant& files = config_.tenants[tenant];
  WatchedTenant& watched = watched_[tenant];
  World next = world_;
  ServedTenant& served = next.tenants[tenant];
  auto snapshot = load_snapshot(config_, files, served.snapshot->revision + 1);
  if (take_fingerprint(files) != before || is_being_written(before)) {
    watched.seen.reset();  // begin again
    return;
  }
  watched = {.taken = before};
  if (snapshot) {
    served.snapshot = *std::move(snapshot);
    served.loaded_at = wall_clock_ms();
    served.stale.clear();
    parts_.metrics.reloads_taken.add();
    parts_.log.info(
        "policies_loaded",
        {{"tenant", served.name},
         {"revision", static_cast<std::int64_t>(served.snapshot->revision)},
         {"policies", static_cast<std::int64_t>(served.snapshot->policies.policies().size())},
         {"policy_set", served.snapshot->policy_set}});
  } else {
    if (served.stale.empty()) served.stale_since = wall_clock_ms();
    served.stale = loggable(config_, files, snapshot.error());
    parts_.metrics.reloads_failed.add();
    parts_.log.error("policies_refused",
                     {{"tenant", served.name},
                      {"reason", served.stale},
                      {"serving_revision", static_cast<std::int64_t>(served.snapshot->revision)}});
  }
  publish(std::move(next));
}

void Reloader::reload_everything() {
  parts_.notice.reloading();
  if (parts_.reload_tls) {
    if (const auto reloaded = parts_.reload_tls(); reloaded) {
      parts_.log.info("certificates_loaded", {});
    } else {
      parts_.metrics.reloads_failed.add();
      parts_.log.error("certificates_refused", {{"reason", reloaded.error().message}});
    }
  }
  reload_configuration();
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const Fingerprint now = take_fingerprint(config_.tenants[i]);
    if (now != watched_[i].taken) take_over(i, now);
  }
  parts_.notice.ready();
}

void Reloader::reload_configuration() {
  if (!parts_.read_config) return;
  World next = world_;
  const auto refuse = [&](const Error& error) {
    next.stale_configuration = error.message;
    parts_.metrics.reloads_failed.add();
    parts_.log.error("configuration_refused", {{"reason", error.message}});
    publish(std::move(next));
  };
  const auto config = parts_.read_config();
  if (!config) return refuse(config.error());
  for (const std::string& key : config::changes_beyond_callers(config_, *config)) {
    parts_.log.warning("needs_a_restart", {{"setting", key}});
  }
  if (!config::has_same_tenants(config_, *config)) {
    return refuse({ErrorCode::kFailedPrecondition, "other tenants need a restart"});
  }
  auto callers = authn::CallerRegistry::build(config->callers, world_.callers.get());
  if (!callers) return refuse(callers.error());
  parts_.log.info("callers_loaded", {{"callers", static_cast<std::int64_t>(callers->size())}});
  parts_.metrics.reloads_taken.add();
  next.callers = std::make_shared<const authn::CallerRegistry>(*std::move(callers));
  next.stale_configuration.clear();
  publish(std::move(next));
}

void Reloader::publish(World world) {
  world_ = world;
  parts_.published.publish(std::make_shared<const World>(std::move(world)));
}

}  // namespace wardlock::server
