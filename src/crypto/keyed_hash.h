#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "crypto/symmetric_key.h"

namespace wardlock::crypto {

using KeyedDigest = std::array<std::uint8_t, 32>;

/// BLAKE2b-256 (RFC 7693) under a key: who lacks the key can neither find nor confirm what was
/// hashed. `purpose` says what the hash is for, so that no two uses of a key ever meet; the parts
/// are told apart: ("ab", "c") and ("a", "bc") differ. Takes no memory from the heap. Thread-safe.
KeyedDigest keyed_hash(const SymmetricKey& key, std::string_view purpose,
                       std::initializer_list<std::string_view> parts);

/// A key that is made from another one for a purpose; neither reveals the other.
SymmetricKey derive_key(const SymmetricKey& key, std::string_view purpose);

}  // namespace wardlock::crypto
