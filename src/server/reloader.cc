#include "server/reloader.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "base/wall_clock.h"
#include "server/taken_policies.h"

namespace wardlock::server {
namespace {

/// Read between two looks that are the same, what was read is what lay there.
constexpr int kFirstReadAttempts = 50;
constexpr std::chrono::milliseconds kFirstReadPause{20};
/// Between the two looks that somebody asked for.
constexpr std::chrono::milliseconds kQuietTime{1000};
/// How long a change may stay incomplete before somebody is told.
constexpr std::int64_t kIntervalsOfPatience = 10;
constexpr std::chrono::milliseconds kLeastPatience{5000};

/// What may be said in the log and to everybody at /readyz: where something is wrong. What is wrong
/// would quote the files, and those name persons and hold secrets.
std::string loggable(const Error& error) {
  constexpr std::string_view kAdvice = "`wardlock config check` says what is wrong";
  const std::string_view message = error.message;
  const std::string_view place = message.substr(0, message.find(": "));
  const auto is_place = [&] {  // `FILE:LINE` or `FILE:LINE:COLUMN`
    const std::size_t colon = place.rfind(':');
    return colon != std::string_view::npos && colon + 1 < place.size() &&
           place.find_first_not_of("0123456789", colon + 1) == std::string_view::npos &&
           place.find_first_of(" \n\"`") == std::string_view::npos;
  };
  return is_place() ? fmt::format("{}: {}", place, kAdvice) : std::string(kAdvice);
}

/// A pipe would keep the reader waiting.
Result<void> check_regular(const Fingerprint& files) {
  for (const Fingerprint::File& file : files.files) {
    if (file.inode != 0 && !file.is_regular) {
      return invalid(fmt::format("`{}` is a pipe, socket or device, not a file", file.path));
    }
  }
  return {};
}

/// Reads a tenant's files as they lie there, unless they change meanwhile.
Result<std::pair<ServedTenant, Fingerprint>> load_tenant(const config::Config& config,
                                                         const config::Tenant& tenant,
                                                         DirectoryView* view,
                                                         const VerifiedPolicies* policies) {
  for (int attempt = 0; attempt < kFirstReadAttempts; ++attempt) {
    const config::Tenant files = follow_links(tenant);
    const Fingerprint before = take_fingerprint(files);
    std::optional<DirectoryView::Change> change;
    if (view != nullptr) change.emplace(*view);
    const auto bundle = look_into_bundle(files);
    const auto sources =
        policies == nullptr ? read_tenant(files) : read_tenant(files, policies->policies);
    auto snapshot = sources
                        ? build_served(config, *sources, 1, nullptr, change ? &*change : nullptr)
                        : std::unexpected(sources.error());
    if (before == take_fingerprint(files) && !is_being_written(before)) {
      if (!snapshot) return std::unexpected(snapshot.error());
      if (!bundle) return std::unexpected(bundle.error());
      ServedTenant served{.name = tenant.name,
                          .base_path = tenant.name.empty() ? "" : "/" + tenant.name,
                          .snapshot = *std::move(snapshot),
                          .loaded_at = wall_clock_ms(),
                          .bundle = *bundle,
                          .directory = view,
                          .directory_revision = change ? change->keep() : 0};
      if (policies != nullptr) {
        served.bundle = policies->bundle;
        served.sources = std::make_shared<const pdp::Sources>(*sources);
        served.refused = policies->fault;
        served.refused_since = served.loaded_at;
      }
      return std::pair(std::move(served), before);
    }
    std::this_thread::sleep_for(kFirstReadPause);
  }
  return fail(ErrorCode::kUnavailable,
              fmt::format("the files of `{}` change while they are read; wait until they are "
                          "complete",
                          tenant.policies));
}

}  // namespace

Result<LoadedWorld> load_world(const config::Config& config, Views views, StartPolicies policies) {
  auto world = std::make_shared<World>();
  LoadedWorld loaded;
  for (std::size_t i = 0; i < config.tenants.size(); ++i) {
    DirectoryView* view = views.empty() ? nullptr : views[i].get();
    const VerifiedPolicies* managed = policies.empty() || !policies[i] ? nullptr : &*policies[i];
    auto [served, fingerprint] = TRY(load_tenant(config, config.tenants[i], view, managed));
    world->tenants.push_back(std::move(served));
    loaded.watched.push_back({.taken = std::move(fingerprint)});
  }
  world->callers = std::make_shared<const authn::CallerRegistry>(
      TRY(authn::CallerRegistry::build(config.callers)));
  loaded.world = std::move(world);
  return loaded;
}

Reloader::Reloader(const config::Config& config, std::vector<WatchedTenant> watched,
                   ReloadParts parts)
    : config_(config),
      parts_(std::move(parts)),
      watched_(std::move(watched)),
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
    look_at_all();
    // Who asks for it does not wait for the interval; what is half copied is still not taken.
    if (wish == Wish::kLook &&
        pause(std::min<std::chrono::milliseconds>(config_.reload.interval, kQuietTime))) {
      look_at_all();
    }
    if (parts_.each_interval) parts_.each_interval();
    parts_.world.collect();
  }
}

Reloader::Wish Reloader::wait() {
  std::unique_lock lock(wish_mutex_);
  wished_.wait_for(lock, config_.reload.interval, [this] { return wish_ != Wish::kNothing; });
  return wish_ == Wish::kStop ? Wish::kStop : std::exchange(wish_, Wish::kNothing);
}

/// False: it is time to stop.
bool Reloader::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(wish_mutex_);
  return !wished_.wait_for(lock, time, [this] { return wish_ == Wish::kStop; });
}

void Reloader::look_at_all() {
  for (std::size_t i = 0; i < watched_.size(); ++i) look_at(i);
}

void Reloader::wake(Wish wish) {
  {
    const std::scoped_lock lock(wish_mutex_);
    if (wish_ != Wish::kStop) wish_ = wish;
  }
  wished_.notify_one();
}

void Reloader::look_at(std::size_t tenant) {
  WatchedTenant& watched = watched_[tenant];
  const config::Tenant files = follow_links(config_.tenants[tenant]);
  Fingerprint now = take_fingerprint(files);
  if (now == watched.taken) {
    watched.seen.reset();
    if (watched.waits_since) note_waiting(tenant, {});
    note_expiry(tenant);
  } else if (watched.seen != now || is_being_written(now)) {
    watched.seen = std::move(now);
    note_waiting(tenant, wall_clock_ms());
  } else {
    take_over(tenant, files, now);
  }
}

/// A change that is never quiet must not go unnoticed: the older set is in use meanwhile.
void Reloader::note_waiting(std::size_t tenant, std::optional<std::int64_t> now) {
  WatchedTenant& watched = watched_[tenant];
  if (!now) {
    const bool was_told = std::exchange(watched.is_waiting_told, false);
    watched.waits_since.reset();
    if (was_told) parts_.world.change([&](World& next) { next.tenants[tenant].stale.clear(); });
    return;
  }
  if (!watched.waits_since) watched.waits_since = now;
  const std::int64_t patience = std::max<std::int64_t>(
      kLeastPatience.count(),
      kIntervalsOfPatience * std::chrono::milliseconds(config_.reload.interval).count());
  if (watched.is_waiting_told || *now - *watched.waits_since < patience) return;
  watched.is_waiting_told = true;
  const World world = parts_.world.change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    served.stale =
        "the files have changed and are not complete: they keep changing, or somebody has "
        "one open for writing";
    served.stale_since = *watched.waits_since;
  });
  const ServedTenant& served = world.tenants[tenant];
  parts_.log.warning("policies_waiting", {{"tenant", served.name}, {"reason", served.stale}});
}

/// Policies that were good yesterday are better than none: what has expired stays in use, and is
/// told, until a newer bundle comes.
void Reloader::note_expiry(std::size_t tenant) {
  const ServedTenant served = parts_.world.tenant(tenant);
  // Of what is in force its follower tells.
  if (served.sources != nullptr || !served.bundle || !served.stale.empty()) return;
  if (bundle_time() < served.bundle->expires) return;
  const std::string reason =
      fmt::format("the bundle expired at {} and stays in use; bring a newer one",
                  bundle::to_text(served.bundle->expires));
  parts_.world.change([&](World& next) {
    next.tenants[tenant].stale = reason;
    next.tenants[tenant].stale_since = wall_clock_ms();
  });
  parts_.log.error("policies_expired", {{"tenant", served.name}, {"reason", reason}});
}

/// The bundle that the tenant's policies come in, if they come in one, where it may follow the one
/// in use.
Result<std::optional<ServedBundle>> Reloader::next_bundle(std::size_t tenant,
                                                          const config::Tenant& files) const {
  if (!files.bundle) return std::nullopt;
  std::optional<ServedBundle> now = parts_.world.tenant(tenant).bundle;
  if (now && bundle_time() >= now->expires) {
    // That the one in use has expired meanwhile keeps no change of the entities out.
    const auto same = open_bundle(files, now->expires - std::chrono::seconds(1));
    if (same && same->statement().serial == now->serial && same->content().name() == now->content) {
      return now;
    }
  }
  auto next = TRY(look_into_bundle(files));
  if (next && now) {
    if (auto follows = check_follows(*now, *next); !follows) {
      return std::unexpected(follows.error().in(files.policies));
    }
  }
  return next;
}

void Reloader::take_over(std::size_t tenant, const config::Tenant& files,
                         const Fingerprint& before) {
  WatchedTenant& watched = watched_[tenant];
  const auto sound = check_regular(before);
  auto bundle = sound ? next_bundle(tenant, files) : std::unexpected(sound.error());
  std::optional<DirectoryView::Change> change;
  if (!parts_.views.empty()) change.emplace(*parts_.views[tenant]);
  const ServedTenant before_reading = parts_.world.tenant(tenant);
  const auto sources = !bundle ? std::unexpected(bundle.error())
                       : before_reading.sources == nullptr
                           ? read_tenant(files)
                           : read_tenant(files, *before_reading.sources);
  auto snapshot = sources ? build_served(config_, *sources, before_reading.snapshot->revision + 1,
                                         before_reading.snapshot.get(), change ? &*change : nullptr)
                          : std::unexpected(sources.error());
  // From here on nobody else changes what the tenant is served.
  const ServedTenant in_use_now = parts_.world.tenant(tenant);
  const bool is_overtaken = in_use_now.sources != before_reading.sources;  // by other policies
  if (is_overtaken || take_fingerprint(files) != before || is_being_written(before)) {
    watched.seen.reset();  // begin again
    note_waiting(tenant, wall_clock_ms());
    return;
  }
  if (snapshot) snapshot = following(*std::move(snapshot), in_use_now, files.types);
  // A bundle's own faults quote nothing of its policies.
  std::string fault = snapshot                           ? ""
                      : files.bundle && sound && !bundle ? bundle.error().message
                                                         : loggable(snapshot.error());
  bool is_recorded = true;
  if (snapshot) {
    if (auto recorded = record_policies(parts_.audit, in_use_now, **snapshot); !recorded) {
      is_recorded = false;
      fault = recorded.error().message;
      snapshot = std::unexpected(recorded.error());
    }
  }
  watched.waits_since.reset();
  watched.is_waiting_told = false;
  if (is_recorded) watched.taken = before;  // what could not be recorded is tried again
  watched.seen.reset();
  const bool keeps_policies = snapshot && (*snapshot)->rulebook == in_use_now.snapshot->rulebook;
  std::shared_ptr<const ServedCanary> canary;
  if (snapshot && in_use_now.canary != nullptr)
    canary = in_use_now.canary->over(config_, *snapshot);
  const World world = parts_.world.change([&](World& next) {
    ServedTenant& served = next.tenants[tenant];
    if (snapshot) {
      if (is_of_one(canary, served.canary)) served.canary = std::move(canary);
      (*snapshot)->index.make_like(served.snapshot->index);  // here nobody waits for it
      served.snapshot = *std::move(snapshot);
      served.loaded_at = wall_clock_ms();
      if (in_use_now.sources == nullptr) {
        served.bundle = *std::move(bundle);
      } else {
        served.sources = std::make_shared<const pdp::Sources>(*sources);
      }
      if (change) served.directory_revision = change->keep();
    } else if (served.stale.empty()) {
      served.stale_since = wall_clock_ms();
    }
    served.stale = fault;
  });
  log_outcome(world.tenants[tenant], keeps_policies);
}

void Reloader::log_outcome(const ServedTenant& served, bool keeps_policies) {
  const auto revision = static_cast<std::int64_t>(served.snapshot->revision);
  if (served.stale.empty()) {
    parts_.metrics.reloads_taken.add();
    const std::size_t policies = served.snapshot->policies().policies().size();
    parts_.log.info("policies_loaded", {{"tenant", served.name},
                                        {"revision", revision},
                                        {"policies", static_cast<std::int64_t>(policies)},
                                        {"policy_set", served.snapshot->policy_set()},
                                        {"policies_kept", keeps_policies}});
    if (served.bundle) {
      parts_.log.info("bundle_loaded",
                      {{"tenant", served.name},
                       {"serial", static_cast<std::int64_t>(served.bundle->serial)},
                       {"content", served.bundle->content},
                       {"expires", bundle::to_text(served.bundle->expires)}});
    }
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
    parts_.world.change([&](World& next) { next.stale_configuration = reason; });
    parts_.metrics.configurations_failed.add();
    parts_.log.error("configuration_refused", {{"reason", reason}});
  }
}

Result<void> Reloader::take_callers() {
  const auto read = parts_.read_config();
  if (!read) return fail(read.error().code, loggable(read.error()));
  const config::Config& config = *read;
  for (const std::string& key : config::changes_beyond_callers(config_, config)) {
    parts_.log.warning("needs_a_restart", {{"setting", key}});
  }
  if (!config::has_same_tenants(config_, config)) {
    return fail(ErrorCode::kFailedPrecondition, "other tenants need a restart");
  }
  const std::shared_ptr<const authn::CallerRegistry> before = parts_.world.now().callers;
  auto callers = std::make_shared<const authn::CallerRegistry>(
      TRY(authn::CallerRegistry::build(config.callers, before.get())));
  const auto count = static_cast<std::int64_t>(callers->size());
  if (parts_.audit != nullptr) {
    TRY_VOID(parts_.audit->record_now({.kind = event::Kind::kConfigurationChange,
                                       .record_class = "administration",
                                       .count = count,
                                       .changed = "callers"}));
  }
  parts_.world.change([&](World& next) {
    next.callers = std::move(callers);
    next.stale_configuration.clear();
  });
  parts_.log.info("callers_loaded", {{"callers", count}});
  return {};
}

}  // namespace wardlock::server
