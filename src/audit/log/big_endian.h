#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wardlock::audit {

/// Numbers as the log's files have them: big-endian.
template <std::unsigned_integral T>
void append_number(std::string& out, T number) {
  for (std::size_t i = sizeof(T); i-- > 0;) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i)));
  }
}

/// The number at the start of `bytes`, which must hold it.
template <std::unsigned_integral T>
T read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  return static_cast<T>(number);
}

}  // namespace wardlock::audit
