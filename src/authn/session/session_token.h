#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/sha256.h"

namespace wardlock::authn {

// What a session's token is made of. Private to the room.

/// A UUID's bytes.
using IdBytes = std::array<std::uint8_t, 16>;
/// Nothing where the text is no UUID in lowercase.
std::optional<IdBytes> id_bytes(std::string_view uuid);
std::string id_text(const IdBytes& bytes);

/// Of its three parts the id finds the session, the family stays, and the secret changes: who has
/// the family and not the secret had a token once. Who knows the id alone shows neither.
struct TokenHashes {
  crypto::Sha256Digest family = {};
  crypto::Sha256Digest current = {};
  crypto::Sha256Digest before = {};  ///< all zeros: there was none

  bool operator==(const TokenHashes&) const = default;
};

/// A token that was sent, as far as it is kept.
struct ReadToken {
  IdBytes id = {};
  crypto::Sha256Digest family = {};
  crypto::Sha256Digest secret = {};
};
/// Nothing: it has not the form of one.
std::optional<ReadToken> read_token(std::string_view token);

using FillRandom = std::function<void(std::span<std::uint8_t>)>;

/// `wls_` and 86 letters: a fresh token, its hashes set in `hashes` where they belong. A family has
/// 128 bits, a secret 256.
Secret new_session_token(const IdBytes& id, const FillRandom& fill_random, TokenHashes& hashes);
/// The next token of the one that was sent: the same family, another secret; `hashes.before` is
/// what was current. Requires a token that can be read.
Secret next_session_token(std::string_view token, const FillRandom& fill_random,
                          TokenHashes& hashes);

}  // namespace wardlock::authn
