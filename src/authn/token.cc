#include "authn/token.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "codec/base64url.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace wardlock::authn {
namespace {

constexpr std::string_view kTokenPrefix = "wlk_";
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kRandomLetters = 43;
constexpr std::string_view kHashPrefix = "sha256:";

bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string new_token() {
  std::array<std::uint8_t, kRandomBytes> bytes;
  crypto::fill_random(bytes);
  return std::string(kTokenPrefix) + codec::to_base64url(bytes);
}

bool is_token(std::string_view text) {
  return text.size() == kTokenPrefix.size() + kRandomLetters && text.starts_with(kTokenPrefix) &&
         std::ranges::all_of(text, is_base64url);
}

std::string token_hash(std::string_view token) {
  const auto text = token_hash_text(token);
  return {text.begin(), text.end()};
}

std::array<char, 71> token_hash_text(std::string_view token) {
  std::array<char, 71> hash;
  char* const digits = std::ranges::copy(kHashPrefix, hash.data()).out;
  crypto::write_hex(crypto::sha256(token), std::span<char, 64>(digits, 64));
  return hash;
}

bool is_sha256_text(std::string_view text) {
  return text.size() == kHashPrefix.size() + 64 && text.starts_with(kHashPrefix) &&
         std::ranges::all_of(text.substr(kHashPrefix.size()), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace wardlock::authn
