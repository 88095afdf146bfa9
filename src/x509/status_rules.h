#pragma once

#include <openssl/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"
#include "x509/revocation.h"

namespace wardlock::x509 {

// What CRLs and OCSP have in common. Private to this room.

/// The reason with that number; an error where it is none that is known.
Result<RevocationReason> reason_of(long number);

/// Seconds since the epoch; an error where it is no time.
Result<std::chrono::sys_seconds> time_of(const ASN1_STRING* time);

/// Empty where what was made and is renewed then says something now; otherwise why not.
std::string stale_because(std::string_view what, std::chrono::sys_seconds this_update,
                          std::chrono::sys_seconds next_update, std::chrono::sys_seconds now,
                          const StatusTolerance& tolerance);

/// Whether signatures of that kind count: ECDSA, RSA (PKCS #1 v1.5, and PSS with one hash and a
/// salt as long) with SHA-256 and better, Ed25519.
bool is_taken_signature(const X509_ALGOR* algorithm);

}  // namespace wardlock::x509
