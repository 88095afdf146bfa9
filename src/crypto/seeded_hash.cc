#include "crypto/seeded_hash.h"

#include <sodium/crypto_shorthash.h>

#include <array>
#include <bit>

#include "crypto/random.h"

namespace wardlock::crypto {
namespace {

using Key = std::array<std::uint8_t, crypto_shorthash_KEYBYTES>;

/// One key for the process, not one for each table: hashes are kept and compared across tables.
const Key& key() {
  static const Key drawn = [] {
    Key bytes;
    fill_random(bytes);
    return bytes;
  }();
  return drawn;
}

}  // namespace

std::uint64_t seeded_hash(std::string_view text) {
  std::array<std::uint8_t, crypto_shorthash_BYTES> hash;
  crypto_shorthash(hash.data(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                   key().data());
  return std::bit_cast<std::uint64_t>(hash);
}

}  // namespace wardlock::crypto
