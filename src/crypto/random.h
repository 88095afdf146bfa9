#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace wardlock::crypto {

/// Fills the span from OpenSSL's generator. Thread-safe.
void fill_random(std::span<std::uint8_t> bytes);

using UuidText = std::array<char, 36>;

/// A random UUID (RFC 9562, version 4), lowercase, from OpenSSL's generator. Thread-safe.
UuidText random_uuid();

}  // namespace wardlock::crypto
