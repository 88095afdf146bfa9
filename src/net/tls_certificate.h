#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>

#include "net/peer_certificate.h"

namespace wardlock::net {

/// Names that are not visible ASCII are left out: two readers could take them for different ones.
/// Nothing when it can't be read.
std::optional<PeerCertificate> describe(const X509& certificate,
                                        const STACK_OF(X509) * others = nullptr);

/// Milliseconds since the epoch; nothing when malformed.
std::optional<std::int64_t> to_ms(const ASN1_TIME* time);

}  // namespace wardlock::net
