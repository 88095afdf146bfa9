#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/http_server.h"
#include "net/request_rules.h"
#include "net/server_counters.h"
#include "net/socket.h"

namespace wardlock::net {

/// Who is at the other end of a connection, and what answers it. Outlives the session.
struct SessionContext {
  const ServerOptions& options;
  const Handler& handler;
  HttpResponse& response;             ///< in the making; one for all connections of a thread
  const std::atomic<bool>& stopping;  ///< the server wants connections to end
  LoopCounters& counters;
  std::string remote_address = {};
  bool is_secure = false;
  std::optional<PeerCertificate> peer_certificate = {};
  Tickets awaited = {};  ///< by the answers that were made and not yet sent

  /// Completes the request with what the connection knows, and has it answered. The answer is there
  /// until the next one is made. `unfinished` is what was left of an earlier attempt, and of this
  /// one: not null, there is no answer yet.
  HttpResponse& answer(HttpRequest& request, std::shared_ptr<Unfinished>& unfinished);
  /// The answer to what never becomes a request.
  HttpResponse& refuse(const Refusal& refusal) const;
};

/// One connection's requests and answers in the form of a protocol: eats bytes, emits bytes, knows
/// no sockets. INVARIANT: what it holds is bounded by the limits, whatever arrives.
class Session {
 public:
  enum class Next : std::uint8_t {
    kReceive,      ///< send, then wait for more of the peer until `deadline`
    kReceiveRest,  ///< send, then take what has already come; if nothing has, end
    kSend,         ///< send, then go on: there is more to say
    kAwait,        ///< send, then go on when there is a change at the gate
    kUpgrade,      ///< the peer speaks HTTP/2: what was received is for another session
    kEnd,          ///< send, then end
  };

  virtual ~Session() = default;

  /// Where to put the next bytes; never empty. Valid until the next call of any other member.
  virtual std::span<char> space() = 0;
  virtual void received(std::size_t bytes) = 0;

  /// Answers what has been received, and appends to `out` what is to be sent: not much more at once
  /// than `kMuch`.
  virtual Next advance(Clock::time_point now, std::string& out) = 0;

  /// After kReceive: when to stop waiting.
  virtual Clock::time_point deadline() const = 0;
  /// That time has come. `advance` follows.
  virtual void expire(Clock::time_point now) = 0;

  /// What is said in place of answers that may not be sent; the connection ends.
  virtual void withdraw(std::string& out) = 0;

 protected:
  static constexpr std::size_t kMuch = std::size_t{32} << 10;
};

}  // namespace wardlock::net
