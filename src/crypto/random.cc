#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

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

using HexPair = std::array<char, 2>;

consteval std::array<HexPair, 256> make_hex_pairs() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<HexPair, 256> pairs;
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kDigits[i / 16], kDigits[i % 16]};
  return pairs;
}

/// A byte in hexadecimal.
constexpr std::array<HexPair, 256> kHexPairs = make_hex_pairs();
/// Where the bytes of a uuid stand in its text.
constexpr std::array<std::uint8_t, 16> kPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                                  19, 21, 24, 26, 28, 30, 32, 34};

}  // namespace

UuidText random_uuid() {
  std::array<std::uint8_t, 16> bytes = next_random_16();
  bytes[6] = (bytes[6] & 0x0F) | 0x40;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  UuidText out;
  out[8] = out[13] = out[18] = out[23] = '-';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::ranges::copy(kHexPairs[bytes[i]], out.begin() + kPlaces[i]);
  }
  return out;
}

}  // namespace wardlock::crypto
