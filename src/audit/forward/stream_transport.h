#pragma once

#include "audit/forward/transport.h"
#include "net/client_connection.h"

namespace wardlock::audit {

/// Syslog messages over TLS (RFC 5425) or TCP (RFC 6587). The protocol has no answer: messages
/// count as delivered when the receiver's machine has confirmed them, and what it may have lost
/// when the connection breaks is sent again.
class StreamTransport final : public Transport {
 public:
  StreamTransport(const ForwarderOptions& options, const net::Interruption& interruption);

  Result<bool> open() override;
  Delivery deliver(std::span<const Message> messages) override;
  bool is_open() override;
  std::chrono::milliseconds silence() const override { return connection_->silence(); }

 private:
  const net::ClientOptions options_;
  const Framing framing_;
  const net::Interruption& interruption_;
  std::unique_ptr<net::ClientConnection> connection_;  // null while there is none
};

}  // namespace wardlock::audit
