#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "net/socket.h"
#include "net/tls_channel.h"

namespace wardlock::net {

/// A connected socket, with TLS or without: the same to whoever reads and writes. Lives on one
/// thread. At most one coroutine waits at a time.
class Stream {
 public:
  /// Null `tls`: plain.
  Stream(TcpSocket socket, std::unique_ptr<TlsChannel> tls);

  /// Null: plain.
  const TlsChannel* tls() const { return tls_.get(); }

  /// Plain: done at once.
  Task<Transfer> handshake();
  Transfer handshake_now();
  /// Some bytes, as soon as there are any.
  Task<Transfer> read(std::span<char> space);
  /// Some of the bytes, as soon as there is room.
  Task<Transfer> write(std::string_view bytes);
  /// The same, without waiting.
  Transfer read_now(std::span<char> space);
  Transfer write_now(std::string_view bytes);

  /// Tells the peer that nothing more will come.
  void finish();
  /// Reads over what the peer still sends, up to so much; until it ends or the wait is cancelled.
  Task<> discard(std::size_t limit);

  /// Breaks off the wait, if there is one.
  void cancel();
  void close();

 private:
  Task<Transfer> wait(Transfer wanted);

  TcpSocket socket_;
  std::unique_ptr<TlsChannel> tls_;
};

}  // namespace wardlock::net
