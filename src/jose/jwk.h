#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"

namespace wardlock::jose {

using crypto::SignatureAlgorithm;

/// The algorithm of that name (RFC 7518, 3.1; RFC 8037), of those that are taken; never `none`, nor
/// a symmetric one.
std::optional<SignatureAlgorithm> signature_algorithm(std::string_view name);

/// A key to verify with, and the one algorithm it is for: what a token says of its algorithm is
/// compared with it, and decides nothing.
struct VerificationKey {
  crypto::PublicKey key;
  SignatureAlgorithm algorithm;
  std::string id;  ///< `kid`; empty: it has none
};

/// A key to sign with. Requires an algorithm that fits the key.
struct SigningKey {
  crypto::PrivateKey key;
  SignatureAlgorithm algorithm;
  std::string id;

  VerificationKey verification_key() const {
    return {.key = key.public_key(), .algorithm = algorithm, .id = id};
  }
};

/// Reads a public key as JSON (RFC 7517). Refuses private and symmetric ones, and keys that are for
/// something else than signatures. The algorithm is what `alg` says; without it a curve has one
/// only, and an RSA key is for `rsa_algorithm`, OpenID Connect's default.
Result<VerificationKey> parse_jwk(const codec::Json& json,
                                  SignatureAlgorithm rsa_algorithm = SignatureAlgorithm::kRs256);

/// With `kty`, its parameters, `use`, `alg` and `kid`.
codec::Json to_jwk(const VerificationKey& key);

/// The key's name that follows from the key alone: base64url of SHA-256 (RFC 7638).
std::string thumbprint(const crypto::PublicKey& key);

/// Keys to verify with, told apart by their ids. Immutable.
class KeySet {
 public:
  /// At most so many keys in a set that was fetched.
  static constexpr std::size_t kMaxKeys = 64;

  KeySet() = default;
  explicit KeySet(std::vector<VerificationKey> keys) : keys_(std::move(keys)) {}

  /// Reads a JWK Set (RFC 7517, 5). Keys of a kind or algorithm that is not taken, or for
  /// encryption, are left out, as the RFC asks; a private key, a damaged one or an id that two keys
  /// share is an error.
  static Result<KeySet> parse(std::string_view text,
                              SignatureAlgorithm rsa_algorithm = SignatureAlgorithm::kRs256);
  codec::Json to_json() const;

  /// The key of that id; where there is none in the token, the only key. Lives as long as the set.
  const VerificationKey* find(std::string_view id) const;
  const std::vector<VerificationKey>& keys() const { return keys_; }

 private:
  std::vector<VerificationKey> keys_;
};

}  // namespace wardlock::jose
