#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string_view>

#include "crypto/public_key.h"

namespace wardlock::crypto {

/// OpenSSL's key. Private to the room.
struct PublicKey::State {
  explicit State(EVP_PKEY* taken) : key(taken) {}
  ~State() { EVP_PKEY_free(key); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  EVP_PKEY* key;
};

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

/// The hash that the algorithm signs; none for Ed25519.
const EVP_MD* hash_of(SignatureAlgorithm algorithm);
/// Sets the padding where the algorithm is one of RSA.
bool set_padding(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm);

}  // namespace wardlock::crypto
