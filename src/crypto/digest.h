#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace wardlock::crypto {

// Hashes that a protocol chooses among. Where it is SHA-256 alone, `sha256.h` is quicker.

/// SHA-1 stands here for what protocols still demand of it (HOTP's HMAC, the names of keys in
/// TPMs, lists of lost passwords), never for a signature or a certificate.
enum class HashAlgorithm : std::uint8_t { kSha1, kSha256, kSha384, kSha512 };

std::size_t digest_size(HashAlgorithm algorithm);

/// The hash's bytes. Thread-safe.
std::string digest(HashAlgorithm algorithm, std::string_view text);

/// HMAC (RFC 2104) of a text under a key of any length. Thread-safe.
std::string hmac(HashAlgorithm algorithm, const Secret& key, std::string_view text);

/// Whether the two are the same, in a time that tells nothing but their lengths. Thread-safe.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace wardlock::crypto
