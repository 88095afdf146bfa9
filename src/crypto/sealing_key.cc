#include "crypto/sealing_key.h"

#include <openssl/evp.h>

#include <memory>

#include "base/check.h"
#include "crypto/random.h"

namespace wardlock::crypto {
namespace {

// A sealed text is nonce, ciphertext, tag.
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

using Context =
    std::unique_ptr<EVP_CIPHER_CTX,
                    decltype([](EVP_CIPHER_CTX* context) { EVP_CIPHER_CTX_free(context); })>;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::uint8_t* bytes_of(std::string& text, std::size_t from = 0) {
  return reinterpret_cast<std::uint8_t*>(text.data()) + from;
}

}  // namespace

std::string SealingKey::seal(std::string_view text, std::string_view belongs_to) const {
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  fill_random({bytes_of(sealed), kNonceBytes});
  const Context context(EVP_CIPHER_CTX_new());
  CHECK(context != nullptr);
  int length = 0;
  CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.bytes().data(),
                           bytes_of(sealed)) == 1);
  CHECK(EVP_EncryptUpdate(context.get(), nullptr, &length, bytes_of(belongs_to),
                          static_cast<int>(belongs_to.size())) == 1);
  CHECK(EVP_EncryptUpdate(context.get(), bytes_of(sealed, kNonceBytes), &length, bytes_of(text),
                          static_cast<int>(text.size())) == 1);
  CHECK(EVP_EncryptFinal_ex(context.get(), bytes_of(sealed, kNonceBytes + text.size()), &length) ==
        1);
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                            bytes_of(sealed, kNonceBytes + text.size())) == 1);
  return sealed;
}

std::optional<std::string> SealingKey::open(std::string_view sealed,
                                            std::string_view belongs_to) const {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string text(body.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  CHECK(context != nullptr);
  int length = 0;
  CHECK(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.bytes().data(),
                           bytes_of(sealed)) == 1);
  CHECK(EVP_DecryptUpdate(context.get(), nullptr, &length, bytes_of(belongs_to),
                          static_cast<int>(belongs_to.size())) == 1);
  CHECK(EVP_DecryptUpdate(context.get(), bytes_of(text), &length, bytes_of(body),
                          static_cast<int>(body.size())) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, bytes_of(tag)) == 1);
  std::uint8_t rest[EVP_MAX_BLOCK_LENGTH];
  if (EVP_DecryptFinal_ex(context.get(), rest, &length) != 1) return std::nullopt;
  return text;
}

}  // namespace wardlock::crypto
