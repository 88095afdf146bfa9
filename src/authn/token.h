#pragma once

#include <array>
#include <string>
#include <string_view>

namespace wardlock::authn {

/// A fresh static token for a caller: `wlk_` and 256 random bits, base64url.
std::string new_token();

/// Whether the text has the form that `new_token` gives.
bool is_token(std::string_view text);

/// What a configuration keeps of a token: `sha256:` and 64 hex digits, over its whole text. A token
/// is random, so that its hash needs neither salt nor stretching.
std::string token_hash(std::string_view token);
/// The same, for looking a caller up: without memory from the heap.
std::array<char, 71> token_hash_text(std::string_view token);

/// Whether the text is `sha256:` and 64 lowercase hex digits: a token's hash, or a certificate's
/// fingerprint.
bool is_sha256_text(std::string_view text);

}  // namespace wardlock::authn
