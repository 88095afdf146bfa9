#include "crypto/hmac.h"

#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/utils.h>

#include <algorithm>

#include "crypto/sodium.h"

namespace wardlock::crypto {

HmacKey::HmacKey(std::string_view secret) {
  if (secret.size() <= block_.size()) {
    std::ranges::copy(secret, block_.begin());
    return;
  }
  Sha256Digest digest = sha256(secret);
  std::ranges::copy(digest, block_.begin());
  sodium_memzero(digest.data(), digest.size());
}

HmacKey::~HmacKey() { sodium_memzero(block_.data(), block_.size()); }

Sha256Digest HmacKey::sign(std::initializer_list<std::string_view> parts) const {
  prepare_sodium();
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, block_.data(), block_.size());
  for (const std::string_view part : parts) {
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                                  part.size());
  }
  Sha256Digest out;
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

}  // namespace wardlock::crypto
