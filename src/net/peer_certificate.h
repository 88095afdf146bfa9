#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wardlock::net {

/// The certificate of a client that has proved, when it connected, to hold its key.
struct PeerCertificate {
  std::string fingerprint;         ///< `sha256:` and 64 lowercase hex digits, of its DER
  std::vector<std::string> names;  ///< its subject alternative names: `dns:…`, `uri:…`
  std::int64_t expires_at = 0;     ///< ms since the epoch
  std::string der = {};            ///< all of it
  /// What the client sent beside it, in DER: its issuers, it says.
  std::vector<std::string> others = {};
};

}  // namespace wardlock::net
