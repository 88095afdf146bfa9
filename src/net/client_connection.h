#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/client_tls_files.h"
#include "net/interruption.h"

namespace wardlock::net {

class TlsChannel;

struct ClientOptions {
  std::string host;  ///< a name or an IP address
  std::uint16_t port = 0;
  std::optional<ClientTlsFiles> tls = {};  ///< nothing: what is sent can be read on the way
  std::string name = {};                   ///< what the server must prove to be; empty: `host`
  std::chrono::milliseconds connect_timeout{10'000};  ///< until the handshake is done
  std::chrono::milliseconds write_timeout{30'000};    ///< without any progress
};

/// A connection over TCP, with TLS or without, for a thread that may wait. Not thread-safe.
///
/// Errors: kCancelled, it was interrupted; kDeadlineExceeded; kUnauthenticated, the peer did not
/// prove to be who it must be, or does not take us; kUnavailable, all else. After one it is of no
/// more use.
class ClientConnection {
 public:
  /// Files are read anew, so that renewed certificates count. `interruption` must outlive it.
  static Result<std::unique_ptr<ClientConnection>> connect(const ClientOptions& options,
                                                           const Interruption& interruption);
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Returns when the operating system has taken all of it; what the peer says is dropped.
  Result<void> send(std::string_view bytes);

  /// Returns when the peer's machine has confirmed all that was sent. Whether the peer has read it,
  /// TCP does not tell.
  Result<void> wait_until_confirmed();

  /// Whether it still stands, as far as is known without sending.
  bool is_open();

  /// How long ago the peer's machine was last heard of. When nothing is sent it is asked every half
  /// minute.
  std::chrono::milliseconds silence() const;

 private:
  explicit ClientConnection(const ClientOptions& options, const Interruption& interruption);
  Result<void> open();
  Result<void> open_socket(const struct Address& address, std::chrono::milliseconds timeout);
  Result<void> shake_hands();
  Result<void> drop_what_comes();
  Result<void> wait(short events, std::chrono::steady_clock::time_point deadline) const;
  std::unexpected<Error> broken() const;

  const ClientOptions options_;
  const Interruption& interruption_;
  int socket_ = -1;
  std::unique_ptr<TlsChannel> tls_;  // null without TLS
};

}  // namespace wardlock::net
