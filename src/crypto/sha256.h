#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wardlock::crypto {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) over data that comes in parts. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view data);
  /// The digest of all that was given. Call once.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Of a text at once, without memory from the heap. Thread-safe.
Sha256Digest sha256(std::string_view text);

/// Of a byte and the text after it, which a Merkle tree's leaf is; as quick as `sha256` of both in
/// one piece. Thread-safe.
Sha256Digest sha256_prefixed(std::uint8_t prefix, std::string_view text);

/// Lowercase hexadecimal.
std::string to_hex(const Sha256Digest& digest);
void write_hex(const Sha256Digest& digest, std::span<char, 64> out);

}  // namespace wardlock::crypto
