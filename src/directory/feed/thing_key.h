#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::directory {

/// The id of a thing, in the 16 bytes of the UUID that it is.
struct ThingKey {
  std::array<std::uint8_t, 16> bytes = {};

  /// Error: kDataLoss, it is no UUID in the form that the directory writes.
  static Result<ThingKey> read(std::string_view id);
  std::string text() const;

  friend auto operator<=>(const ThingKey&, const ThingKey&) = default;
};

struct ThingKeyHash {
  /// The last bytes of a UUID of version 7 are random.
  std::size_t operator()(const ThingKey& key) const {
    std::size_t hash = 0;
    std::memcpy(&hash, key.bytes.data() + 8, sizeof(hash));
    return hash;
  }
};

}  // namespace wardlock::directory
