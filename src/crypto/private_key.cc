#include "crypto/private_key.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "crypto/key_state.h"

namespace wardlock::crypto {
namespace {

EVP_PKEY* new_key(KeyType type) {
  constexpr std::size_t kRsaBits = 3072;
  switch (type) {
    case KeyType::kP256: return EVP_EC_gen("prime256v1");
    case KeyType::kP384: return EVP_EC_gen("secp384r1");
    case KeyType::kP521: return EVP_EC_gen("secp521r1");
    case KeyType::kRsa: return EVP_RSA_gen(kRsaBits);
    case KeyType::kEd25519: return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  __builtin_unreachable();
}

struct FreePkcs8 {
  void operator()(PKCS8_PRIV_KEY_INFO* key) const { PKCS8_PRIV_KEY_INFO_free(key); }
};
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreePkcs8>;

}  // namespace

PrivateKey PrivateKey::generate(KeyType type) {
  auto state = std::make_shared<const PublicKey::State>(new_key(type));
  CHECK(state->key != nullptr);
  auto public_key = PublicKey::from_state(state);
  CHECK(public_key);
  return {std::move(state), *std::move(public_key)};
}

Result<PrivateKey> PrivateKey::from_pkcs8(const Secret& der) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(der.reveal().data());
  const std::uint8_t* at = begin;
  const Pkcs8 pkcs8(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  EVP_PKEY* key = pkcs8 && at == begin + der.size() ? EVP_PKCS82PKEY(pkcs8.get()) : nullptr;
  if (key == nullptr) {
    ERR_clear_error();
    return invalid("the private key is not PKCS #8");
  }
  auto state = std::make_shared<const PublicKey::State>(key);
  PublicKey public_key = TRY(PublicKey::from_state(state));
  return PrivateKey(std::move(state), std::move(public_key));
}

Secret PrivateKey::pkcs8() const {
  const Pkcs8 pkcs8(EVP_PKEY2PKCS8(state_->key));
  CHECK(pkcs8);
  const int size = i2d_PKCS8_PRIV_KEY_INFO(pkcs8.get(), nullptr);
  CHECK(size > 0);
  Secret out = Secret::of_size(static_cast<std::size_t>(size));
  auto* at = reinterpret_cast<std::uint8_t*>(out.data());
  CHECK(i2d_PKCS8_PRIV_KEY_INFO(pkcs8.get(), &at) == size);
  return out;
}

std::string PrivateKey::sign(SignatureAlgorithm algorithm, std::string_view message) const {
  CHECK(fits(public_key_.type(), algorithm));
  const DigestContext context(EVP_MD_CTX_new());
  CHECK(context);
  EVP_PKEY_CTX* settings = nullptr;
  CHECK(EVP_DigestSignInit(context.get(), &settings, hash_of(algorithm), nullptr, state_->key) ==
        1);
  CHECK(set_padding(settings, algorithm));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(message.data());
  std::size_t size = 0;
  CHECK(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1);
  std::string out(size, '\0');
  CHECK(EVP_DigestSign(context.get(), reinterpret_cast<std::uint8_t*>(out.data()), &size, bytes,
                       message.size()) == 1);
  out.resize(size);
  return out;
}

}  // namespace wardlock::crypto
