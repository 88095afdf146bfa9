#include "server/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <optional>
#include <thread>

#include "base/version.h"
#include "config/listen_address.h"
#include "net/http_server.h"
#include "server/cosigning.h"
#include "server/forwarders.h"
#include "server/log.h"
#include "server/log_index.h"
#include "server/metrics.h"
#include "server/network_watch.h"
#include "server/reloader.h"
#include "server/request_handler.h"
#include "server/service_notice.h"
#include "server/signal_thread.h"
#include "server/wall_clock.h"

namespace wardlock::server {
namespace {

/// What is recorded last, that the server stops, is worth a moment.
constexpr std::chrono::milliseconds kLastWords{2000};

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
  for (const ServedTenant& tenant : world.tenants) {
    const pdp::Snapshot& snapshot = *tenant.snapshot;
    log.info("policies_loaded",
             {{"tenant", tenant.name},
              {"revision", static_cast<std::int64_t>(snapshot.revision)},
              {"policies", static_cast<std::int64_t>(snapshot.policies().policies().size())},
              {"policy_set", snapshot.policy_set()}});
    if (config.is_lenient) continue;  // told by whoever asked for it
    for (const std::string& warning : snapshot.warnings()) {
      log.warning("policies_warning", {{"tenant", tenant.name}, {"warning", warning}});
    }
  }
}

/// A server whose start cannot be recorded does not serve, unless it was told to go on without.
Result<void> record_start(const World& world, AuditLog& audit) {
  const std::uint64_t found = audit.log().status().found_unsigned;
  const auto count = found > 0 ? std::optional(static_cast<std::int64_t>(found)) : std::nullopt;
  for (const ServedTenant& tenant : world.tenants) {
    const auto recorded =
        audit.record_now({.kind = event::Kind::kServiceStart,
                          .tenant = tenant.name,
                          .count = count,
                          .policy_set = tenant.snapshot->policy_set(),
                          .revision = static_cast<std::int64_t>(tenant.snapshot->revision),
                          .changed = "wardlock",
                          .value_after = version()});
    if (recorded) continue;
    if (audit.on_failure("") != config::OnFailure::kProceed) return recorded;
    audit.note_unrecorded();
  }
  return {};
}

void record_stop(AuditLog& audit, Log& log) {
  const auto recorded =
      audit.record_now({.kind = event::Kind::kServiceStop, .changed = "wardlock"});
  if (!recorded) log.error("audit_stop_unrecorded", {{"reason", recorded.error().message}});
}

/// A class that no schema knows is set for nothing: most likely it is misspelt.
void warn_of_unknown_classes(const config::Audit& audit, const World& world, Log& log) {
  std::vector<std::string_view> known = {"administration"};
  for (const ServedTenant& tenant : world.tenants) {
    std::ranges::copy(tenant.snapshot->rulebook->accountability.classes(),
                      std::back_inserter(known));
  }
  const auto warn = [&](std::string_view name) {
    if (std::ranges::find(known, name) != known.end()) return;
    log.warning("audit_class_unknown",
                {{"class", name}, {"reason", "no action in any schema is of this class"}});
  };
  for (const auto& [name, on_failure] : audit.on_failure) warn(name);
  for (const std::string& name : audit.unawaited) warn(name);
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
  LoadedWorld loaded = TRY(load_world(config));
  PublishedWorld published(loaded.world);
  Log log(config.log);
  const std::unique_ptr<AuditLog> audit = TRY(open_audit_log(config));
  std::unique_ptr<Cosigning> cosigning;
  if (audit != nullptr) cosigning = TRY(Cosigning::start(config, audit->files(), log));
  std::unique_ptr<Forwarders> forwarders;  // null where nothing is recorded
  if (audit != nullptr) forwarders = TRY(Forwarders::start(*config.audit, *audit, log));
  std::optional<LogIndex> audit_index;
  if (audit != nullptr) audit_index.emplace(*audit, log);
  Metrics metrics;
  authn::FailureThrottle throttle(config.failed_authentications);
  const crypto::SealingKey page_key;
  std::atomic<bool> is_draining = false;
  std::function<net::ServerCounters()> net_counters;
  const ServingParts parts{.config = config,
                           .published = published,
                           .log = log,
                           .metrics = metrics,
                           .audit = audit.get(),
                           .audit_index = audit_index ? &*audit_index : nullptr,
                           .cosigning = cosigning.get(),
                           .forwarders = forwarders.get(),
                           .throttle = throttle,
                           .is_draining = is_draining,
                           .page_key = page_key,
                           .started_at = wall_clock_ms(),
                           .net_counters = net_counters};
  const auto server = TRY(net::HttpServer::listen(config.server, make_services(parts)));
  net_counters = [&server] { return server->counters(); };
  if (audit != nullptr) TRY_VOID(record_start(*loaded.world, *audit));
  const ServiceNotice notice;
  const std::vector<std::string> urls = urls_of(config, *server);
  log_start(config, urls, *loaded.world, log);
  if (config.audit) warn_of_unknown_classes(*config.audit, *loaded.world, log);
  const auto log_tls_warnings = [&] {
    for (const std::string& warning : server->tls_warnings()) {
      log.warning("certificates_warning", {{"warning", warning}});
    }
  };
  log_tls_warnings();
  hooks.on_listening(urls, *loaded.world);

  NetworkWatch watch(net_counters, log);
  Reloader reloader(config, std::move(loaded),
                    {.published = published,
                     .log = log,
                     .metrics = metrics,
                     .audit = audit.get(),
                     .notice = notice,
                     .reload_tls = [&]() -> Result<void> {
                       TRY_VOID(server->reload_tls());
                       log_tls_warnings();
                       return {};
                     },
                     .each_interval = [&watch] { watch.look(); },
                     .read_config = hooks.read_config});
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
  if (audit != nullptr) {
    record_stop(*audit, log);
    forwarders->wait_until_sent(kLastWords);
  }
  log.info("stopped", {});
  return result;
}

}  // namespace wardlock::server
