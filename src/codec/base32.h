#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wardlock::codec {

/// RFC 4648 §6, in capitals, without padding.
std::string to_base32(std::span<const std::uint8_t> bytes);

/// The bytes, or nothing where the text is not what `to_base32` writes, but for the letters' case:
/// another letter, padding, a length or last bits that cannot be.
std::optional<std::string> from_base32(std::string_view text);

}  // namespace wardlock::codec
