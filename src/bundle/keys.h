#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"

namespace wardlock::bundle {

/// What a bundle's key is called: SHA-256 of its SubjectPublicKeyInfo in DER, in lowercase
/// hexadecimal, as `openssl pkey -pubin -in KEY -outform DER | sha256sum` prints it.
std::string key_id(const crypto::PublicKey& key);

/// How the key signs bundles: Ed25519, or ECDSA with P-256 and SHA-256. Error kInvalidArgument: no
/// bundle is signed with such a key.
Result<crypto::SignatureAlgorithm> algorithm_of(const crypto::PublicKey& key);

/// All public keys of a text in PEM (`PUBLIC KEY`, RFC 7468), each of which may sign bundles.
/// Error kInvalidArgument: there is none, or one that may not.
Result<std::vector<crypto::PublicKey>> read_public_keys(std::string_view pem);

/// The private key of a text in PEM (`PRIVATE KEY`: PKCS #8, unencrypted). The message of an error
/// holds nothing of it.
Result<crypto::PrivateKey> read_private_key(const Secret& pem);

/// What signs: a key, and how it does so where it is kept. Called for one thread at a time.
struct Signer {
  crypto::PublicKey key;
  /// ECDSA's signatures are DER.
  std::function<Result<std::string>(std::string_view message)> sign;
};

/// One whose key is in memory. Error: as `algorithm_of`.
Result<Signer> signer_of(crypto::PrivateKey key);

}  // namespace wardlock::bundle
