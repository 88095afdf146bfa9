#include "crypto/keyed_hash.h"

#include <sodium/crypto_generichash.h>
#include <sodium/utils.h>

#include "base/check.h"
#include "crypto/sodium.h"

namespace wardlock::crypto {
namespace {

void update(crypto_generichash_state& state, std::string_view part) {
  std::array<std::uint8_t, 8> size;
  for (std::size_t i = 0; i < size.size(); ++i) {
    size[i] = static_cast<std::uint8_t>(part.size() >> (8 * i));
  }
  crypto_generichash_update(&state, size.data(), size.size());
  crypto_generichash_update(&state, reinterpret_cast<const std::uint8_t*>(part.data()),
                            part.size());
}

}  // namespace

KeyedDigest keyed_hash(const SymmetricKey& key, std::string_view purpose,
                       std::initializer_list<std::string_view> parts) {
  prepare_sodium();
  KeyedDigest digest;
  crypto_generichash_state state;
  CHECK(crypto_generichash_init(&state, key.bytes().data(), key.bytes().size(), digest.size()) ==
        0);
  update(state, purpose);
  for (const std::string_view part : parts) update(state, part);
  CHECK(crypto_generichash_final(&state, digest.data(), digest.size()) == 0);
  sodium_memzero(&state, sizeof state);
  return digest;
}

SymmetricKey derive_key(const SymmetricKey& key, std::string_view purpose) {
  KeyedDigest digest = keyed_hash(key, "derive key", {purpose});
  const SymmetricKey derived(digest);
  sodium_memzero(digest.data(), digest.size());
  return derived;
}

}  // namespace wardlock::crypto
