#pragma once

#include <string>

#include "base/error.h"

namespace wardlock::net {

/// Whom a client trusts, and what it shows, as paths of PEM files.
struct ClientTlsFiles {
  std::string ca = {};           ///< who may vouch for servers; empty: the system's authorities
  std::string certificate = {};  ///< the client's, then the intermediate ones; empty: it shows none
  std::string key = {};          ///< its private key, not encrypted
};

/// Whether a client could use the files. Error: one is missing or malformed, the key is encrypted
/// or another's. Whether the certificate is valid today is for servers to say.
Result<void> check_client_tls(const ClientTlsFiles& files);

}  // namespace wardlock::net
