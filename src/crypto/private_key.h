#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "crypto/public_key.h"

namespace wardlock::crypto {

/// A key that signs, of the types of `PublicKey`. OpenSSL wipes it when its last copy goes.
/// Thread-safe.
class PrivateKey {
 public:
  /// A new one from OpenSSL's generator; RSA keys have 3072 bits.
  static PrivateKey generate(KeyType type);
  /// PKCS #8's PrivateKeyInfo in DER (RFC 5958), unencrypted.
  static Result<PrivateKey> from_pkcs8(const Secret& der);

  Secret pkcs8() const;
  const PublicKey& public_key() const { return public_key_; }

  /// ECDSA's signatures are DER. Requires an algorithm that fits the key.
  std::string sign(SignatureAlgorithm algorithm, std::string_view message) const;

 private:
  PrivateKey(std::shared_ptr<const PublicKey::State> state, PublicKey public_key)
      : state_(std::move(state)), public_key_(std::move(public_key)) {}

  std::shared_ptr<const PublicKey::State> state_;
  PublicKey public_key_;
};

}  // namespace wardlock::crypto
