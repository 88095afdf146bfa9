#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace wardlock::crypto {
namespace {

const EVP_MD* find(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1: return EVP_sha1();
    case HashAlgorithm::kSha256: return EVP_sha256();
    case HashAlgorithm::kSha384: return EVP_sha384();
    case HashAlgorithm::kSha512: return EVP_sha512();
  }
  __builtin_unreachable();
}

std::uint8_t* bytes_of(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }
const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

std::size_t digest_size(HashAlgorithm algorithm) {
  return static_cast<std::size_t>(EVP_MD_get_size(find(algorithm)));
}

std::string digest(HashAlgorithm algorithm, std::string_view text) {
  std::string out(digest_size(algorithm), '\0');
  CHECK(EVP_Digest(text.data(), text.size(), bytes_of(out), nullptr, find(algorithm), nullptr) ==
        1);
  return out;
}

std::string hmac(HashAlgorithm algorithm, const Secret& key, std::string_view text) {
  std::string out(digest_size(algorithm), '\0');
  const std::string_view secret = key.reveal();
  // OpenSSL takes a missing key for that of the last call.
  CHECK(HMAC(find(algorithm), secret.empty() ? "" : secret.data(), static_cast<int>(secret.size()),
             bytes_of(text), text.size(), bytes_of(out), nullptr) != nullptr);
  return out;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace wardlock::crypto
