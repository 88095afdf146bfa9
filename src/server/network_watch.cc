#include "server/network_watch.h"

#include <string>
#include <utility>
#include <vector>

namespace wardlock::server {

NetworkWatch::NetworkWatch(std::function<net::ServerCounters()> counters, Log& log)
    : counters_(std::move(counters)), log_(log) {}

void NetworkWatch::look() {
  const net::ServerCounters now = counters_();
  std::vector<std::pair<std::string, std::uint64_t>> changed;
  const auto compare = [&](std::string name, std::uint64_t before, std::uint64_t after) {
    if (after != before) changed.emplace_back(std::move(name), after - before);
  };
  for (const auto& [status, count] : now.refusals) {
    const auto before = last_.refusals.find(status);
    compare("status_" + std::to_string(status), before == last_.refusals.end() ? 0 : before->second,
            count);
  }
  compare("connections_refused", last_.connections_refused, now.connections_refused);
  compare("tls_handshakes_failed", last_.tls_handshakes_failed, now.tls_handshakes_failed);
  compare("timeouts", last_.timeouts, now.timeouts);
  compare("floods", last_.floods, now.floods);
  last_ = now;
  if (changed.empty()) return;
  std::vector<LogField> fields;
  for (const auto& [name, count] : changed) {
    fields.push_back({name, static_cast<std::int64_t>(count)});
  }
  log_.write(config::LogLevel::kWarning, "network_refusals", fields);
}

}  // namespace wardlock::server
