#include "crypto/committing_aead.h"

#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/crypto_generichash.h>
#include <sodium/utils.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/sodium.h"

namespace wardlock::crypto {
namespace {

constexpr std::size_t kCommitmentBytes = 32;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == kAeadNonceBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SymmetricKey::kBytes);
static_assert(kAeadNonceBytes + kCommitmentBytes + kTagBytes == kAeadOverhead);

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

/// The key that seals one text, and what commits to it.
struct TextKey {
  std::array<std::uint8_t, SymmetricKey::kBytes> key;
  std::array<std::uint8_t, kCommitmentBytes> commitment;

  TextKey(const SymmetricKey& from, const std::uint8_t* nonce, std::string_view belongs_to) {
    constexpr std::string_view kPurpose = "wardlock committing aead 1";
    prepare_sodium();
    std::array<std::uint8_t, crypto_generichash_BYTES_MAX> both;
    static_assert(sizeof both == sizeof key + sizeof commitment);
    crypto_generichash_state state;
    CHECK(crypto_generichash_init(&state, from.bytes().data(), SymmetricKey::kBytes, sizeof both) ==
          0);
    // Only the last of the three varies in length.
    crypto_generichash_update(&state, bytes_of(kPurpose), kPurpose.size());
    crypto_generichash_update(&state, nonce, kAeadNonceBytes);
    crypto_generichash_update(&state, bytes_of(belongs_to), belongs_to.size());
    CHECK(crypto_generichash_final(&state, both.data(), both.size()) == 0);
    std::copy_n(both.begin(), key.size(), key.begin());
    std::copy_n(both.begin() + key.size(), commitment.size(), commitment.begin());
    sodium_memzero(both.data(), both.size());
    sodium_memzero(&state, sizeof state);
  }
  ~TextKey() { sodium_memzero(key.data(), key.size()); }
  TextKey(const TextKey&) = delete;
  TextKey& operator=(const TextKey&) = delete;
};

}  // namespace

void seal_aead(const SymmetricKey& key, AeadNonce nonce, std::string_view text,
               std::string_view belongs_to, std::string& out) {
  const TextKey text_key(key, nonce.data(), belongs_to);
  const std::size_t begin = out.size();
  out.resize(begin + kAeadOverhead + text.size());
  auto* at = reinterpret_cast<std::uint8_t*>(out.data() + begin);
  at = std::copy(nonce.begin(), nonce.end(), at);
  at = std::ranges::copy(text_key.commitment, at).out;
  CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(at, nullptr, bytes_of(text), text.size(),
                                                   nullptr, 0, nullptr, nonce.data(),
                                                   text_key.key.data()) == 0);
}

bool open_aead(const SymmetricKey& key, std::string_view sealed, std::string_view belongs_to,
               std::span<char> text) {
  std::ranges::fill(text, '\0');
  if (sealed.size() < kAeadOverhead) return false;
  CHECK(text.size() == sealed.size() - kAeadOverhead);
  const std::uint8_t* const nonce = bytes_of(sealed);
  const std::uint8_t* const commitment = nonce + kAeadNonceBytes;
  const std::uint8_t* const body = commitment + kCommitmentBytes;
  const TextKey text_key(key, nonce, belongs_to);
  if (sodium_memcmp(commitment, text_key.commitment.data(), kCommitmentBytes) != 0) return false;
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             reinterpret_cast<std::uint8_t*>(text.data()), nullptr, nullptr, body,
             sealed.size() - kAeadNonceBytes - kCommitmentBytes, nullptr, 0, nonce,
             text_key.key.data()) == 0;
}

}  // namespace wardlock::crypto
