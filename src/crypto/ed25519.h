#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wardlock::crypto {

inline constexpr std::size_t kEd25519SeedBytes = 32;

using Ed25519PublicKey = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

/// Signs with Ed25519 (RFC 8032 §5.1). The key is wiped when this goes. Thread-safe.
class Ed25519SigningKey {
 public:
  /// A new key from OpenSSL's generator.
  static Ed25519SigningKey generate();
  /// The key of that seed, which is what RFC 8032 calls the private key.
  explicit Ed25519SigningKey(std::span<const std::uint8_t, kEd25519SeedBytes> seed);
  ~Ed25519SigningKey();
  Ed25519SigningKey(const Ed25519SigningKey&) = default;
  Ed25519SigningKey& operator=(const Ed25519SigningKey&) = default;

  Ed25519Signature sign(std::string_view message) const;
  Ed25519PublicKey public_key() const;
  /// The secret, to be kept where nobody else reads it. Lives as long as the key.
  std::span<const std::uint8_t, kEd25519SeedBytes> seed() const;

 private:
  std::array<std::uint8_t, 64> seed_and_public_key_;
};

/// Whether the signature is that key's of that message. Stricter than RFC 8032 asks: no `s` beyond
/// the group's order, no key and no `R` of small order, no encoding but the canonical one.
/// Thread-safe.
bool ed25519_verify(const Ed25519PublicKey& key, std::string_view message,
                    const Ed25519Signature& signature);

}  // namespace wardlock::crypto
