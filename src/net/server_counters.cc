#include "net/server_counters.h"

namespace wardlock::net {

void LoopCounters::add_to(ServerCounters& sum) const {
  const std::uint64_t closed = connections_closed.get();  // first: never more than were accepted
  const std::uint64_t accepted = connections_accepted.get();
  sum.connections_accepted += accepted;
  sum.connections_refused += connections_refused.get();
  sum.connections_open += accepted - closed;
  sum.http1_requests += http1_requests.get();
  sum.http2_requests += http2_requests.get();
  sum.tls_handshakes += tls_handshakes.get();
  sum.tls_handshakes_failed += tls_handshakes_failed.get();
  sum.timeouts += timeouts.get();
  sum.http2_streams_reset += http2_streams_reset.get();
  sum.floods += floods.get();
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    const std::uint64_t count = refusals[i].get();
    if (count > 0) sum.refusals[kFirstRefusal + static_cast<int>(i)] += count;
  }
}

}  // namespace wardlock::net
