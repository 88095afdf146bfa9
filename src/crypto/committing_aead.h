#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "crypto/symmetric_key.h"

namespace wardlock::crypto {

// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) that commits to its key. The cipher alone lets
// its author make one text that opens under two keys, differently. Here key, nonce and what the
// text belongs to are first hashed (BLAKE2b-512 under the key) into the key that seals and into a
// commitment that travels with the text: to open the same bytes otherwise, one would have to find
// a collision of the hash.
//
// Sealed: nonce || commitment || ciphertext || tag.

inline constexpr std::size_t kAeadNonceBytes = 24;
inline constexpr std::size_t kAeadOverhead = kAeadNonceBytes + 32 + 16;

/// Random, and never used before with that key: 24 bytes are enough to draw them.
using AeadNonce = std::span<const std::uint8_t, kAeadNonceBytes>;

/// Appends the sealed text; what `out` has room for takes no memory. `belongs_to` is bound to it
/// and not in it. Thread-safe.
void seal_aead(const SymmetricKey& key, AeadNonce nonce, std::string_view text,
               std::string_view belongs_to, std::string& out);

/// Writes the text, which has `kAeadOverhead` bytes less. False: it was not sealed with this key,
/// for this, or was changed; `text` is then zeroed. Requires `text` to have exactly the size, where
/// `sealed` is no shorter than the overhead. Thread-safe.
[[nodiscard]] bool open_aead(const SymmetricKey& key, std::string_view sealed,
                             std::string_view belongs_to, std::span<char> text);

}  // namespace wardlock::crypto
