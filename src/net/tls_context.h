#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/client_tls_files.h"
#include "net/listener.h"
#include "net/tls_channel.h"

namespace wardlock::net {

struct FreeTlsContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

struct LoadedTls {
  TlsContext context;
  std::vector<std::string> warnings;  ///< for the operator's log
};

/// Reads the files. Error: one is missing or malformed, the key is encrypted or another's, the
/// certificate is not valid today.
///
/// TLS 1.3 and 1.2, the latter with ephemeral keys and authenticated encryption only. No resumption
/// of any kind: who returns proves again who he is, against the authorities of that day.
Result<LoadedTls> load_tls(const TlsFiles& files);

/// The same for a client, which takes no server that does not prove to be who it must be. Error: as
/// `check_client_tls`.
Result<TlsContext> load_client_tls(const ClientTlsFiles& files);

/// The TLS context of a listener, which may be replaced while connections are made. Thread-safe.
class TlsPort {
 public:
  explicit TlsPort(TlsFiles files) : files_(std::move(files)) {}

  const TlsFiles& files() const { return files_; }
  void publish(TlsContext context);
  /// Null when out of memory.
  std::unique_ptr<TlsChannel> accept(int socket) const;

 private:
  const TlsFiles files_;
  mutable std::mutex mutex_;
  TlsContext context_;
};

}  // namespace wardlock::net
