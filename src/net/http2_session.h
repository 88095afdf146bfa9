#pragma once

#include <memory>
#include <string_view>

#include "net/session.h"

namespace wardlock::net {

/// HTTP/2 (RFC 9113), framed by libnghttp2. A request is answered as soon as all of it has come;
/// the answers go out as the peer's windows allow.
///
/// What a peer may waste is bounded: streams at once, sizes of header and body, bodies held for the
/// connection, streams reset, frames that ask for nothing, and the time for each stream. Who goes
/// beyond the latter is told ENHANCE_YOUR_CALM and cut off.
class Http2Session final : public Session {
 public:
  /// `received`: what came of the connection before it was known to be HTTP/2; not much.
  explicit Http2Session(SessionContext& context, std::string_view received = {});
  ~Http2Session() override;

  std::span<char> space() override;
  void received(std::size_t bytes) override;
  Next advance(Clock::time_point now, std::string& out) override;
  Clock::time_point deadline() const override;
  void expire(Clock::time_point now) override;
  void withdraw(std::string& out) override { out.clear(); }

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace wardlock::net
