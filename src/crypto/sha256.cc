#define OPENSSL_API_COMPAT 0x10101000L  // for the plain functions of one algorithm

#include "crypto/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

#include "base/check.h"

namespace wardlock::crypto {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  CHECK(state_->context != nullptr);
  CHECK(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view data) {
  CHECK(EVP_DigestUpdate(state_->context, data.data(), data.size()) == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1);
  return digest;
}

Sha256Digest sha256(std::string_view text) {
  // EVP takes memory for each digest, and four times as long for a short text.
  SHA256_CTX context;
  Sha256Digest digest;
  CHECK(SHA256_Init(&context) == 1);
  CHECK(SHA256_Update(&context, text.data(), text.size()) == 1);
  CHECK(SHA256_Final(digest.data(), &context) == 1);
  return digest;
}

Sha256Digest sha256_prefixed(std::uint8_t prefix, std::string_view text) {
  // Put together here, what is short costs one call of the library; of what is long, the first part
  // ends where a block does, so that the library hashes the rest where it lies.
  std::array<std::uint8_t, 16 * SHA256_CBLOCK> first;
  const std::size_t copied = std::min(text.size(), first.size() - 1);
  first[0] = prefix;
  text.copy(reinterpret_cast<char*>(first.data()) + 1, copied);
  SHA256_CTX context;
  Sha256Digest digest;
  CHECK(SHA256_Init(&context) == 1);
  CHECK(SHA256_Update(&context, first.data(), copied + 1) == 1);
  CHECK(SHA256_Update(&context, text.data() + copied, text.size() - copied) == 1);
  CHECK(SHA256_Final(digest.data(), &context) == 1);
  return digest;
}

std::string to_hex(const Sha256Digest& digest) {
  std::string out(64, '\0');
  write_hex(digest, std::span<char, 64>(out));
  return out;
}

void write_hex(const Sha256Digest& digest, std::span<char, 64> out) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (std::size_t i = 0; i < digest.size(); ++i) {
    out[2 * i] = kHex[digest[i] >> 4];
    out[2 * i + 1] = kHex[digest[i] & 0x0F];
  }
}

}  // namespace wardlock::crypto
