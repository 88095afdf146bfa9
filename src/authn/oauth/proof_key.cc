#include "authn/oauth/proof_key.h"

#include <algorithm>

#include "codec/base64url.h"
#include "crypto/digest.h"
#include "crypto/sha256.h"

namespace wardlock::oauth {
namespace {

constexpr std::size_t kChallengeSize = 43;  // base64url of SHA-256
constexpr std::size_t kShortestVerifier = 43;
constexpr std::size_t kLongestVerifier = 128;

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

Answer<void> check_challenge(std::string_view challenge, std::string_view method) {
  if (challenge.empty()) {
    return refuse(Fault::kInvalidRequest, "the parameter 'code_challenge' is missing (PKCE)");
  }
  // Without a method it would be `plain` (RFC 7636, 4.3).
  if (method != "S256") {
    return refuse(Fault::kInvalidRequest, "the only 'code_challenge_method' is S256");
  }
  if (challenge.size() != kChallengeSize || !codec::from_base64url(challenge)) {
    return refuse(Fault::kInvalidRequest, "the 'code_challenge' is no base64url of SHA-256");
  }
  return {};
}

Answer<void> check_verifier(std::string_view verifier, std::string_view challenge) {
  const bool is_formed = verifier.size() >= kShortestVerifier &&
                         verifier.size() <= kLongestVerifier &&
                         std::ranges::all_of(verifier, is_unreserved);
  if (!is_formed) {
    return refuse(Fault::kInvalidGrant, "the 'code_verifier' is missing or malformed");
  }
  const std::string found = codec::to_base64url(crypto::sha256(verifier));
  if (crypto::equal_in_constant_time(found, challenge)) return {};
  return refuse(Fault::kInvalidGrant, "the 'code_verifier' is not the code's");
}

}  // namespace wardlock::oauth
