#include "crypto/ed25519.h"

#include <sodium/crypto_sign_ed25519.h>
#include <sodium/utils.h>

#include "base/check.h"
#include "crypto/random.h"

namespace wardlock::crypto {
namespace {

static_assert(kEd25519SeedBytes == crypto_sign_ed25519_SEEDBYTES);
static_assert(sizeof(Ed25519PublicKey) == crypto_sign_ed25519_PUBLICKEYBYTES);
static_assert(sizeof(Ed25519Signature) == crypto_sign_ed25519_BYTES);

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

Ed25519SigningKey Ed25519SigningKey::generate() {
  std::array<std::uint8_t, kEd25519SeedBytes> seed;
  fill_random(seed);
  Ed25519SigningKey key{std::span<const std::uint8_t, kEd25519SeedBytes>(seed)};
  sodium_memzero(seed.data(), seed.size());
  return key;
}

Ed25519SigningKey::Ed25519SigningKey(std::span<const std::uint8_t, kEd25519SeedBytes> seed) {
  static_assert(sizeof(seed_and_public_key_) == crypto_sign_ed25519_SECRETKEYBYTES);
  Ed25519PublicKey ignored;
  CHECK(crypto_sign_ed25519_seed_keypair(ignored.data(), seed_and_public_key_.data(),
                                         seed.data()) == 0);
}

Ed25519SigningKey::~Ed25519SigningKey() {
  sodium_memzero(seed_and_public_key_.data(), seed_and_public_key_.size());
}

Ed25519Signature Ed25519SigningKey::sign(std::string_view message) const {
  Ed25519Signature signature;
  CHECK(crypto_sign_ed25519_detached(signature.data(), nullptr, bytes_of(message), message.size(),
                                     seed_and_public_key_.data()) == 0);
  return signature;
}

Ed25519PublicKey Ed25519SigningKey::public_key() const {
  Ed25519PublicKey key;
  CHECK(crypto_sign_ed25519_sk_to_pk(key.data(), seed_and_public_key_.data()) == 0);
  return key;
}

std::span<const std::uint8_t, kEd25519SeedBytes> Ed25519SigningKey::seed() const {
  return std::span(seed_and_public_key_).first<kEd25519SeedBytes>();
}

bool ed25519_verify(const Ed25519PublicKey& key, std::string_view message,
                    const Ed25519Signature& signature) {
  return crypto_sign_ed25519_verify_detached(signature.data(), bytes_of(message), message.size(),
                                             key.data()) == 0;
}

}  // namespace wardlock::crypto
