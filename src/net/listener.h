#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace wardlock::net {

/// What TLS needs, as paths of PEM files. They are read anew by `HttpServer::reload_tls`.
struct TlsFiles {
  std::string certificate = {};  ///< the server's, then the intermediate ones
  std::string key = {};          ///< its private key, not encrypted
  std::string client_ca =
      {};  ///< who may vouch for clients; empty: none is asked for a certificate
  bool is_client_certificate_required = false;
  bool allows_tls12 = true;  ///< beside TLS 1.3
};

/// Whether a listener could use the files now. Error: as HttpServer::listen gives.
Result<void> check_tls(const TlsFiles& files);

/// A place to listen on. Without TLS it must be a loopback address.
struct Listener {
  std::string address = "127.0.0.1";  ///< an IP address; `::` is all of IPv6, and no IPv4
  std::uint16_t port = 0;             ///< 0: one that is free
  std::optional<TlsFiles> tls = {};
};

}  // namespace wardlock::net
