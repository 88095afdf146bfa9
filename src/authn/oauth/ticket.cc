#include "authn/oauth/ticket.h"

#include <algorithm>
#include <array>

#include "codec/base64url.h"
#include "crypto/sha256.h"

namespace wardlock::oauth {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kRandomLetters = 43;
constexpr std::array<std::string_view, 8> kPrefixes = {"wlc_", "wlr_", "wla_", "wlq_",
                                                       "wld_", "wls_", "wli_", "wlm_"};
/// Without vowels, so that no word comes of it (RFC 8628, 6.1).
constexpr std::string_view kUserCodeLetters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t kUserCodeSize = 8;

std::string_view prefix_of(Ticket kind) { return kPrefixes.at(static_cast<std::size_t>(kind)); }

bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::string with_hyphen(std::string code) { return code.insert(kUserCodeSize / 2, "-"); }

}  // namespace

std::string new_ticket(Ticket kind, const FillRandom& fill_random) {
  std::array<std::uint8_t, kRandomBytes> bytes;
  fill_random(bytes);
  return std::string(prefix_of(kind)) + codec::to_base64url(bytes);
}

bool is_ticket(Ticket kind, std::string_view text) {
  const std::string_view prefix = prefix_of(kind);
  return text.size() == prefix.size() + kRandomLetters && text.starts_with(prefix) &&
         std::ranges::all_of(text, is_base64url);
}

std::string hash_of(std::string_view ticket) { return crypto::to_hex(crypto::sha256(ticket)); }

std::string new_user_code(const FillRandom& fill_random) {
  std::string code;
  while (code.size() < kUserCodeSize) {
    std::array<std::uint8_t, kUserCodeSize> bytes;
    fill_random(bytes);
    for (const std::uint8_t byte : bytes) {
      // So many are drawn alike: 240 is a multiple of 20.
      if (byte < 240 && code.size() < kUserCodeSize) {
        code += kUserCodeLetters[byte % kUserCodeLetters.size()];
      }
    }
  }
  return with_hyphen(std::move(code));
}

std::string normal_user_code(std::string_view typed) {
  std::string code;
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (!kUserCodeLetters.contains(upper)) return {};
    code += upper;
  }
  return code.size() == kUserCodeSize ? with_hyphen(std::move(code)) : std::string();
}

}  // namespace wardlock::oauth
