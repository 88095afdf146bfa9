#include "directory/feed/thing_key.h"

#include <fmt/format.h>

#include <optional>

#include "base/utf8.h"

namespace wardlock::directory {
namespace {

constexpr std::size_t kTextSize = 36;

constexpr bool is_dash(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

Result<ThingKey> ThingKey::read(std::string_view id) {
  ThingKey key;
  std::size_t digits = 0;
  for (std::size_t place = 0; place < id.size() && place < kTextSize; ++place) {
    if (is_dash(place)) {
      if (id[place] != '-') break;
      continue;
    }
    const auto value = digit(id[place]);
    if (!value) break;
    std::uint8_t& byte = key.bytes[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | *value);
    ++digits;
  }
  if (digits == 2 * key.bytes.size() && id.size() == kTextSize) return key;
  return fail(ErrorCode::kDataLoss, fmt::format("`{}` is no id of the directory", printable(id)));
}

std::string ThingKey::text() const {
  std::string out;
  out.reserve(kTextSize);
  for (const std::uint8_t byte : bytes) {
    if (is_dash(out.size())) out += '-';
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

}  // namespace wardlock::directory
