#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "codec/cbor.h"
#include "crypto/public_key.h"

namespace wardlock::webauthn {

using crypto::SignatureAlgorithm;

/// The algorithm of COSE's number (RFC 9053; IANA's registry), of those that are taken.
std::optional<SignatureAlgorithm> cose_algorithm(std::int64_t number);
std::int64_t cose_number(SignatureAlgorithm algorithm);

/// A credential's key, and the one algorithm it is for.
struct CredentialKey {
  crypto::PublicKey key;
  SignatureAlgorithm algorithm;
};

/// Reads a COSE_Key as credentials have them (Level 3, 6.5.1.1): with `alg`, points uncompressed on
/// the algorithm's own curve, and no other parameter.
Result<CredentialKey> read_cose_key(const codec::Cbor& key);

}  // namespace wardlock::webauthn
