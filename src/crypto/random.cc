#include "crypto/random.h"

#include <openssl/rand.h>

#include <array>
#include <cstdint>

#include "base/check.h"

namespace wardlock::crypto {

void fill_random(std::span<std::uint8_t> bytes) {
  // Without randomness nothing this process says can be trusted.
  CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
}

namespace {

/// Random bytes are drawn for many uuids at once: each draw costs as much as a decision.
std::array<std::uint8_t, 16> next_random_16() {
  thread_local std::array<std::array<std::uint8_t, 16>, 64> drawn;
  thread_local std::size_t left = 0;
  if (left == 0) {
    fill_random({drawn.front().data(), sizeof drawn});
    left = drawn.size();
  }
  return drawn[--left];
}

}  // namespace

UuidText random_uuid() {
  std::array<std::uint8_t, 16> bytes = next_random_16();
  bytes[6] = (bytes[6] & 0x0F) | 0x40;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  static constexpr char kHex[] = "0123456789abcdef";
  UuidText out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out[at++] = '-';
    out[at++] = kHex[bytes[i] >> 4];
    out[at++] = kHex[bytes[i] & 0x0F];
  }
  return out;
}

}  // namespace wardlock::crypto
