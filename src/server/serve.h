#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/config.h"
#include "server/world.h"

namespace wardlock::server {

struct ServeHooks {
  /// Reads the configuration anew at SIGHUP. Null: SIGHUP stops the server, as SIGTERM does.
  std::function<Result<config::Config>()> read_config;
  /// Told once, with a URL for each listener, when requests are taken.
  std::function<void(const std::vector<std::string>& urls, const World& world)> on_listening;
};

/// Serves what the configuration says until SIGINT or SIGTERM, then finishes what it has accepted
/// and returns. Error: something that was configured cannot be used; nothing was served then. Call
/// from the main thread, once, before other threads are started: it takes over the signals.
Result<void> serve(const config::Config& config, const ServeHooks& hooks);

}  // namespace wardlock::server
