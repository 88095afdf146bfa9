#include "audit/forward/stream_transport.h"

#include <string>
#include <utility>

#include "audit/forward/framing.h"

namespace wardlock::audit {
namespace {

net::ClientOptions client_options(const ForwarderOptions& options) {
  net::ClientOptions out{.host = options.host, .port = options.port, .name = options.server_name};
  if (options.has_tls) out.tls = options.tls;
  out.connect_timeout = options.timeout;
  out.write_timeout = options.timeout;
  return out;
}

}  // namespace

StreamTransport::StreamTransport(const ForwarderOptions& options,
                                 const net::Interruption& interruption)
    : options_(client_options(options)), framing_(options.framing), interruption_(interruption) {}

Result<bool> StreamTransport::open() {
  if (connection_ != nullptr) return false;
  connection_ = TRY(net::ClientConnection::connect(options_, interruption_));
  return true;
}

Delivery StreamTransport::deliver(std::span<const Message> messages) {
  std::string framed;
  for (const Message& message : messages) append_framed(message.text, framing_, framed);
  auto sent = connection_->send(framed);
  if (sent) sent = connection_->wait_until_confirmed();
  if (sent) return {.delivered = messages.size()};
  connection_.reset();
  return {.error = std::move(sent).error()};
}

bool StreamTransport::is_open() {
  if (connection_ != nullptr && !connection_->is_open()) connection_.reset();
  return connection_ != nullptr;
}

}  // namespace wardlock::audit
