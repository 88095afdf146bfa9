#include "directory/identifier/uuid7.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "directory/identifier/numbers.h"

namespace wardlock::directory {

std::string make_uuid7(std::int64_t unix_ms, const UuidEntropy& entropy) {
  constexpr std::int64_t kMaxTime = (std::int64_t{1} << 48) - 1;
  const auto time = static_cast<std::uint64_t>(std::clamp<std::int64_t>(unix_ms, 0, kMaxTime));
  const unsigned version_and_random = 0x70U | (entropy[0] & 0x0FU);
  const unsigned variant_and_random = 0x80U | (entropy[2] & 0x3FU);
  std::string uuid =
      fmt::format("{:08x}-{:04x}-{:02x}{:02x}-{:02x}{:02x}-", time >> 16, time & 0xFFFF,
                  version_and_random, entropy[1], variant_and_random, entropy[3]);
  for (std::size_t place = 4; place < entropy.size(); ++place) {
    uuid += fmt::format("{:02x}", entropy[place]);
  }
  return uuid;
}

std::optional<std::int64_t> uuid7_time(std::string_view uuid) {
  constexpr std::size_t kVersionPlace = 14;
  constexpr std::size_t kVariantPlace = 19;
  const auto normal = normalise_uuid(uuid);
  if (!normal || *normal != uuid) return std::nullopt;
  if (uuid[kVersionPlace] != '7' || !std::string_view("89ab").contains(uuid[kVariantPlace])) {
    return std::nullopt;
  }
  const std::string digits = std::string(uuid.substr(0, 8)) + std::string(uuid.substr(9, 4));
  std::int64_t time = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), time, 16);
  return time;
}

}  // namespace wardlock::directory
