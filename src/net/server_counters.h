#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>

namespace wardlock::net {

/// What a server has seen since it started. The figures of one moment may be a little apart.
struct ServerCounters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< there were too many
  std::uint64_t connections_open = 0;     ///< now
  std::uint64_t http1_requests = 0;       ///< that reached the handler
  std::uint64_t http2_requests = 0;
  std::map<int, std::uint64_t> refusals = {};  ///< requests that did not, by status
  std::uint64_t tls_handshakes = 0;
  std::uint64_t tls_handshakes_failed = 0;  ///< time-outs included
  std::uint64_t timeouts = 0;               ///< a peer was too slow; idle connections don't count
  std::uint64_t http2_streams_reset = 0;    ///< by the peer, or for an error of the peer's
  std::uint64_t floods = 0;                 ///< connections cut off for wasting our work
};

/// A count that one thread writes and any thread reads.
class Count {
 public:
  void add(std::uint64_t by = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// The share of one thread.
struct alignas(64) LoopCounters {
  static constexpr int kFirstRefusal = 400;

  Count connections_accepted;
  Count connections_refused;
  Count connections_closed;
  Count http1_requests;
  Count http2_requests;
  Count tls_handshakes;
  Count tls_handshakes_failed;
  Count timeouts;
  Count http2_streams_reset;
  Count floods;
  std::array<Count, 200> refusals;  ///< from status 400 on

  void count_refusal(int status) {
    refusals.at(static_cast<std::size_t>(status - kFirstRefusal)).add();
  }
  void add_to(ServerCounters& sum) const;
};

}  // namespace wardlock::net
