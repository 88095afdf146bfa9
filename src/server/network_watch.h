#pragma once

#include <functional>

#include "net/server_counters.h"
#include "server/log.h"

namespace wardlock::server {

/// Logs what the network refused before it became a request: not each, but what came together since
/// the last look. Not thread-safe.
class NetworkWatch {
 public:
  NetworkWatch(std::function<net::ServerCounters()> counters, Log& log);

  void look();

 private:
  std::function<net::ServerCounters()> counters_;
  Log& log_;
  net::ServerCounters last_;
};

}  // namespace wardlock::server
