#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

// Eight characters looked at together.
namespace wardlock {

inline constexpr std::uint64_t kEachByte = 0x0101010101010101U;  // times a byte: eight of them
inline constexpr std::uint64_t kHighBits = 0x80 * kEachByte;

/// The first character becomes the lowest byte.
inline std::uint64_t load_eight(const char* at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
  return eight;
}

/// Sets the high bit of the first byte that equals `c` (of later ones, perhaps of others too).
inline std::uint64_t find_byte(std::uint64_t eight, char c) {
  const std::uint64_t other = eight ^ (static_cast<unsigned char>(c) * kEachByte);
  return (other - kEachByte) & ~other & kHighBits;
}

/// The same for what lies below the space.
inline std::uint64_t find_control(std::uint64_t eight) {
  return (eight - 0x20 * kEachByte) & ~eight & kHighBits;
}

/// The same for what cannot stand in a JSON string as it is: quotes, backslashes, controls.
inline std::uint64_t find_special(std::uint64_t eight) {
  return find_control(eight) | find_byte(eight, '"') | find_byte(eight, '\\');
}

inline bool is_special(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

}  // namespace wardlock
