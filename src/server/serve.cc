#include "server/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/wall_clock.h"
#include "config/listen_address.h"
#include "net/http_server.h"
#include "server/approval_task.h"
#include "server/current_world.h"
#include "server/directory.h"
#include "server/directory_follower.h"
#include "server/directory_tasks.h"
#include "server/entrance.h"
#include "server/identity_provider.h"
#include "server/log.h"
#include "server/managed_tenants.h"
#include "server/metrics.h"
#include "server/network_watch.h"
#include "server/recording.h"
#include "server/reloader.h"
#include "server/request_handler.h"
#include "server/service_notice.h"
#include "server/signal_thread.h"

namespace wardlock::server {
namespace {

std::vector<std::string> urls_of(const config::Config& config, const net::HttpServer& server) {
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < config.server.listeners.size(); ++i) {
    const net::Listener& listener = config.server.listeners[i];
    const config::ListenAddress bound{listener.address, server.ports().at(i)};
    urls.push_back((listener.tls ? "https://" : "http://") + bound.text());
  }
  return urls;
}

void log_start(const config::Config& config, const std::vector<std::string>& urls,
               const World& world, Log& log) {
  for (const std::string& url : urls) log.info("listening", {{"url", url}});
  if (!config.audit && !config.is_lenient) log.warning("nothing_recorded", {});
  for (const ServedTenant& tenant : world.tenants) {
    const pdp::Snapshot& snapshot = *tenant.snapshot;
    log.info("policies_loaded",
             {{"tenant", tenant.name},
              {"revision", static_cast<std::int64_t>(snapshot.revision)},
              {"policies", static_cast<std::int64_t>(snapshot.policies().policies().size())},
              {"policy_set", snapshot.policy_set()}});
    if (config.is_lenient) continue;  // told by whoever asked for it
    if (tenant.sources == nullptr && !tenant.bundle) {
      log.warning("policies_unmanaged", {{"tenant", tenant.name}});
    }
    for (const std::string& warning : snapshot.warnings()) {
      log.warning("policies_warning", {{"tenant", tenant.name}, {"warning", warning}});
    }
  }
}

/// A connection needs a descriptor; the soft limit is made for programs that use select(2).
void raise_descriptor_limit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<void> serve(const config::Config& config, const ServeHooks& hooks) {
  raise_descriptor_limit();
  const sigset_t signals = take_over_signals();
  Log log(config.log);
  const std::unique_ptr<Recording> recording = TRY(Recording::start(config, log));
  const std::unique_ptr<Directory> directory =
      TRY(Directory::open(config, recording == nullptr ? nullptr : recording->audit.get(), log));
  if (directory != nullptr && recording != nullptr) directory->index = recording->index.get();
  const std::unique_ptr<IdentityProvider> provider =
      directory == nullptr ? nullptr : TRY(IdentityProvider::open(config, *directory, log));
  if (directory != nullptr) TRY_VOID(warn_of_few_approvers(*directory, log));
  const std::unique_ptr<Entrance> entrance =
      directory == nullptr ? nullptr : TRY(Entrance::open(config, *directory, provider.get(), log));
  const Views views = directory == nullptr ? Views() : Views(directory->views);
  const auto managed = TRY(ManagedTenants::start(config, directory.get(), log));
  LoadedWorld loaded = TRY(managed->load(views));
  PublishedWorld published(loaded.world);
  CurrentWorld world(published, *loaded.world);
  Metrics metrics;
  authn::FailureThrottle throttle(config.failed_authentications);
  const crypto::SealingKey page_key;
  std::atomic<bool> is_draining = false;
  std::function<net::ServerCounters()> net_counters;
  const ServingParts parts{.config = config,
                           .published = published,
                           .log = log,
                           .metrics = metrics,
                           .recording = recording.get(),
                           .directory = directory.get(),
                           .entrance = entrance.get(),
                           .provider = provider.get(),
                           .throttle = throttle,
                           .is_draining = is_draining,
                           .page_key = page_key,
                           .started_at = wall_clock_ms(),
                           .net_counters = net_counters};
  const auto server = TRY(net::HttpServer::listen(config.server, make_services(parts)));
  net_counters = [&server] { return server->counters(); };
  if (recording != nullptr) TRY_VOID(recording->record_start(*loaded.world));
  const ServiceNotice notice;
  const std::vector<std::string> urls = urls_of(config, *server);
  log_start(config, urls, *loaded.world, log);
  if (recording != nullptr) {
    warn_of_lost_spool(*recording->audit, log);
    warn_of_distrusted_classes(*recording->audit, *loaded.world, log);
  }
  if (config.audit) warn_of_unknown_classes(*config.audit, *loaded.world, log);
  const auto log_tls_warnings = [&] {
    for (const std::string& warning : server->tls_warnings()) {
      log.warning("certificates_warning", {{"warning", warning}});
    }
  };
  log_tls_warnings();
  hooks.on_listening(urls, *loaded.world);

  const DirectoryTasks tasks(config, directory.get(), log);
  NetworkWatch watch(net_counters, log);
  Reloader reloader(config, std::move(loaded.watched),
                    {.world = world,
                     .log = log,
                     .metrics = metrics,
                     .audit = recording == nullptr ? nullptr : recording->audit.get(),
                     .notice = notice,
                     .reload_tls = [&]() -> Result<void> {
                       TRY_VOID(server->reload_tls());
                       log_tls_warnings();
                       return {};
                     },
                     .each_interval = [&watch] { watch.look(); },
                     .read_config = hooks.read_config,
                     .views = views});
  std::optional<DirectoryFollower> follower;
  if (directory != nullptr) {
    follower.emplace(FollowerParts{.config = config,
                                   .store = *directory->store,
                                   .views = views,
                                   .world = world,
                                   .log = log,
                                   .published = [&] { directory->followed.ring(); }});
  }
  std::unique_ptr<ManagedTenants::Following> following;
  if (directory != nullptr) {
    following = managed->follow({.config = config,
                                 .store = *directory->store,
                                 .in_force = {},
                                 .views = views,
                                 .world = world,
                                 .log = log,
                                 .metrics = metrics,
                                 .audit = recording == nullptr ? nullptr : recording->audit.get()});
  }
  std::function<void()> reload;
  if (hooks.read_config) reload = [&] { reloader.reload(); };
  const SignalThread stop(signals, reload, [&] {
    is_draining = true;
    notice.stopping();
    log.info("stopping", {});
    std::this_thread::sleep_for(config.unready_time);
    server->stop();
  });
  notice.ready();
  auto result = server->run();
  if (recording != nullptr) recording->record_stop(log);
  log.info("stopped", {});
  return result;
}

}  // namespace wardlock::server
