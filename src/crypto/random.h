#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace wardlock::crypto {

/// Fills the span from OpenSSL's generator. Thread-safe.
void fill_random(std::span<std::uint8_t> bytes);

/// A random UUID (RFC 9562, version 4), lowercase, from OpenSSL's generator. Thread-safe.
std::string random_uuid();

}  // namespace wardlock::crypto
