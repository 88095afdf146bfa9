#pragma once

#include <atomic>
#include <functional>

#include "authn/failure_throttle.h"
#include "config/config.h"
#include "crypto/sealing_key.h"
#include "net/http_server.h"
#include "server/directory.h"
#include "server/entrance.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/recording.h"
#include "server/world.h"

namespace wardlock::server {

/// What the handlers of all threads share. Outlives them.
struct ServingParts {
  const config::Config& config;
  PublishedWorld& published;
  Log& log;
  Metrics& metrics;
  const Recording* recording = nullptr;  ///< null: nothing is recorded
  Directory* directory = nullptr;        ///< null: there is none
  Entrance* entrance = nullptr;          ///< null: nobody signs in here
  authn::FailureThrottle& throttle;
  const std::atomic<bool>& is_draining;
  const crypto::SealingKey& page_key;
  std::int64_t started_at = 0;  ///< ms since the epoch
  /// Null before the server listens.
  const std::function<net::ServerCounters()>& net_counters;
};

/// Makes what one thread serves with: it finds out who asks, what for, and whether it may ask that
/// much, has the question answered from the World of that moment, and counts and logs it.
///   GET  /healthz  200 while the process lives
///   GET  /readyz   200 while it should be asked; 503 while it drains, or its files have been
///                  unusable for too long
///   GET  /metrics  for callers with that right
/// and AuthZEN's and the forward-auth endpoints, below each tenant's path.
net::ServiceFactory make_services(const ServingParts& parts);

}  // namespace wardlock::server
