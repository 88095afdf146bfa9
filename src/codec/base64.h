#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wardlock::codec {

/// RFC 4648 §4, with padding.
std::string to_base64(std::span<const std::uint8_t> bytes);

/// The bytes, or nothing where the text is not what `to_base64` writes: another letter, missing or
/// wrong padding, last bits that cannot be.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace wardlock::codec
