#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/peer_certificate.h"

namespace wardlock::net {

/// What came of reading or writing.
struct Transfer {
  enum class Outcome : std::uint8_t {
    kDone,
    kWantsRead,   ///< nothing yet: try again when there is something to read
    kWantsWrite,  ///< nothing yet: try again when there is room to write
    kCancelled,   ///< the wait was broken off
    kEnded,       ///< the peer has closed, or the connection is broken
  };
  Outcome outcome = Outcome::kEnded;
  std::size_t bytes = 0;

  bool is_done() const { return outcome == Outcome::kDone; }
};

/// One end of TLS on a connected, non-blocking socket; it never waits. Not thread-safe.
///
/// OpenSSL writes through a BIO of ours: its own raises SIGPIPE when the peer is gone.
class TlsChannel {
 public:
  /// `context` may go; `socket` must stay open as long as this is used. Null: out of memory.
  static std::unique_ptr<TlsChannel> accept(SSL_CTX* context, int socket);
  /// The client's end; `name`, a host's or an IP address, is what the server must prove to be.
  static std::unique_ptr<TlsChannel> connect(SSL_CTX* context, int socket, const std::string& name);

  Transfer handshake();
  /// May return less than there is: read until it wants.
  Transfer read(std::span<char> space);
  Transfer write(std::string_view bytes);
  /// Tells the peer that nothing more will come.
  void finish();

  /// After the handshake.
  bool speaks_http2() const;
  /// Of a client that has proved to hold it.
  std::optional<PeerCertificate> peer_certificate() const;

  /// What broke the connection, in words; empty where the peer just closed it.
  std::string what_broke() const;

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  explicit TlsChannel(SSL* ssl) : ssl_(ssl) {}
  static std::unique_ptr<TlsChannel> on(SSL_CTX* context, int socket);
  Transfer to_transfer(int result, std::size_t bytes);

  std::unique_ptr<SSL, Free> ssl_;
  bool is_broken_ = false;   ///< OpenSSL wants no more calls
  unsigned long error_ = 0;  ///< OpenSSL's, that broke it
};

}  // namespace wardlock::net
