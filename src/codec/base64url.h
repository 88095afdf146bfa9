#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace wardlock::codec {

/// RFC 4648 §5, without padding.
std::string to_base64url(std::span<const std::uint8_t> bytes);

}  // namespace wardlock::codec
