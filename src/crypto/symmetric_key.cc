#include "crypto/symmetric_key.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "crypto/random.h"

namespace wardlock::crypto {

SymmetricKey::SymmetricKey(Bytes bytes) { std::ranges::copy(bytes, bytes_.begin()); }

SymmetricKey::~SymmetricKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

SymmetricKey SymmetricKey::random() {
  SymmetricKey key;
  fill_random(key.bytes_);
  return key;
}

bool SymmetricKey::operator==(const SymmetricKey& other) const {
  return CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), kBytes) == 0;
}

}  // namespace wardlock::crypto
