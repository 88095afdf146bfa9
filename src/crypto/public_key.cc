#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/ed25519.h"
#include "crypto/key_state.h"

namespace wardlock::crypto {
namespace {

struct FreeParameter {
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeParameter>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeParameter>;
using Number = std::unique_ptr<BIGNUM, FreeParameter>;

constexpr std::size_t kMinRsaBits = 2048;
constexpr std::size_t kMaxRsaBits = 4096;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

struct Curve {
  KeyType type;
  const char* name;
  std::size_t size;  ///< of a coordinate
};
constexpr std::array<Curve, 3> kCurves = {
    Curve{.type = KeyType::kP256, .name = "prime256v1", .size = 32},
    Curve{.type = KeyType::kP384, .name = "secp384r1", .size = 48},
    Curve{.type = KeyType::kP521, .name = "secp521r1", .size = 66},
};

const Curve* find_curve(KeyType type) {
  for (const Curve& curve : kCurves) {
    if (curve.type == type) return &curve;
  }
  return nullptr;
}

Number parameter_of(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  return Number(number);
}

/// What can be said of an RSA key at once. OpenSSL's own check also looks for a modulus that is
/// prime, which takes 9 ms and would harm nobody but the key's owner.
Result<void> check_rsa(EVP_PKEY* key) {
  const Number modulus = parameter_of(key, OSSL_PKEY_PARAM_RSA_N);
  const Number exponent = parameter_of(key, OSSL_PKEY_PARAM_RSA_E);
  const auto bits = static_cast<std::size_t>(BN_num_bits(modulus.get()));
  if (bits < kMinRsaBits || bits > kMaxRsaBits || BN_is_odd(modulus.get()) == 0) {
    return invalid("an RSA key must have 2048 to 4096 bits and an odd modulus");
  }
  // NIST SP 800-56B, 6.2: odd, and more than 2^16; smaller ones invite forgeries, larger ones work.
  constexpr int kMinExponentBits = 17;
  constexpr int kMaxExponentBits = 64;
  const int exponent_bits = BN_num_bits(exponent.get());
  if (BN_is_odd(exponent.get()) == 0 || exponent_bits < kMinExponentBits ||
      exponent_bits > kMaxExponentBits) {
    return invalid("the exponent of an RSA key must be odd, from 65537 to 64 bits");
  }
  return {};
}

/// What the key is, where it is one that is taken.
Result<KeyType> type_of(EVP_PKEY* key) {
  const int id = EVP_PKEY_get_base_id(key);
  if (id == EVP_PKEY_ED25519) return KeyType::kEd25519;
  if (id == EVP_PKEY_RSA) {
    TRY_VOID(check_rsa(key));
    return KeyType::kRsa;
  }
  std::array<char, 64> name = {};
  if (id == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1) {
    for (const Curve& curve : kCurves) {
      if (std::string_view(name.data()) == curve.name) return curve.type;
    }
  }
  return invalid("the key is none of P-256, P-384, P-521, RSA and Ed25519");
}

Result<PublicKey> refuse_key() {
  ERR_clear_error();
  return invalid("the public key is not valid");
}

Result<PublicKey> from_parameters(const char* algorithm, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  CHECK(parameters && context);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return refuse_key();
  }
  return PublicKey::from_state(std::make_shared<const PublicKey::State>(key));
}

Number to_number(std::string_view bytes) {
  Number number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
  CHECK(number);
  return number;
}

/// A number among the key's parameters, as bytes of that size, or its own.
std::string number_of(EVP_PKEY* key, const char* name, std::size_t size) {
  const Number number = parameter_of(key, name);
  if (size == 0) size = static_cast<std::size_t>(BN_num_bytes(number.get()));
  std::string out(size, '\0');
  CHECK(BN_bn2binpad(number.get(), reinterpret_cast<std::uint8_t*>(out.data()),
                     static_cast<int>(size)) >= 0);
  return out;
}

bool is_minimal(std::string_view number) { return !number.empty() && number.front() != '\0'; }

bool verify_ed25519(std::string_view key, std::string_view message, std::string_view signature) {
  Ed25519PublicKey key_bytes;
  Ed25519Signature signature_bytes;
  if (key.size() != key_bytes.size() || signature.size() != signature_bytes.size()) return false;
  std::ranges::copy(key, key_bytes.begin());
  std::ranges::copy(signature, signature_bytes.begin());
  return ed25519_verify(key_bytes, message, signature_bytes);
}

struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeSignature>;

/// The size of r and s; 0 where the algorithm is not ECDSA.
std::size_t half_size(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEs256: return 32;
    case SignatureAlgorithm::kEs384: return 48;
    case SignatureAlgorithm::kEs512: return 66;
    default: return 0;
  }
}

}  // namespace

std::string_view to_string(SignatureAlgorithm algorithm) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"};
  return kNames.at(static_cast<std::size_t>(algorithm));
}

bool fits(KeyType type, SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEs256: return type == KeyType::kP256;
    case SignatureAlgorithm::kEs384: return type == KeyType::kP384;
    case SignatureAlgorithm::kEs512: return type == KeyType::kP521;
    case SignatureAlgorithm::kEdDsa: return type == KeyType::kEd25519;
    default: return type == KeyType::kRsa;
  }
}

const EVP_MD* hash_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEs256:
    case SignatureAlgorithm::kRs256:
    case SignatureAlgorithm::kPs256: return EVP_sha256();
    case SignatureAlgorithm::kEs384:
    case SignatureAlgorithm::kRs384:
    case SignatureAlgorithm::kPs384: return EVP_sha384();
    case SignatureAlgorithm::kEs512:
    case SignatureAlgorithm::kRs512:
    case SignatureAlgorithm::kPs512: return EVP_sha512();
    case SignatureAlgorithm::kEdDsa: return nullptr;
  }
  __builtin_unreachable();
}

bool set_padding(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRs256:
    case SignatureAlgorithm::kRs384:
    case SignatureAlgorithm::kRs512:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case SignatureAlgorithm::kPs256:
    case SignatureAlgorithm::kPs384:
    case SignatureAlgorithm::kPs512:
      return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
    default: return true;
  }
}

Result<PublicKey> PublicKey::from_state(std::shared_ptr<const State> state) {
  const KeyType type = TRY(type_of(state->key));
  if (type == KeyType::kRsa) return PublicKey(std::move(state), type);
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, state->key, nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1) return refuse_key();
  return PublicKey(std::move(state), type);
}

Result<PublicKey> PublicKey::from_point(KeyType type, std::string_view x, std::string_view y) {
  const Curve* curve = find_curve(type);
  if (!curve || x.size() != curve->size || y.size() != curve->size) {
    return invalid("the coordinates of a public key have not the size of its curve");
  }
  std::string point = "\x04";  // uncompressed
  point.append(x).append(y);
  const Builder builder(OSSL_PARAM_BLD_new());
  CHECK(builder);
  CHECK(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->name,
                                        0) == 1);
  CHECK(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) == 1);
  return from_parameters("EC", builder.get());
}

Result<PublicKey> PublicKey::from_ed25519(std::string_view key) {
  constexpr std::size_t kBytes = 32;
  if (key.size() != kBytes) return invalid("an Ed25519 key has 32 bytes");
  EVP_PKEY* made =
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(key), key.size());
  if (made == nullptr) return refuse_key();
  return from_state(std::make_shared<const State>(made));
}

Result<PublicKey> PublicKey::from_rsa(std::string_view modulus, std::string_view exponent) {
  if (!is_minimal(modulus) || !is_minimal(exponent) || exponent.size() > 8 ||
      modulus.size() > kMaxRsaBits / 8) {
    return invalid(
        "modulus and exponent of an RSA key are numbers without leading zeros, of at "
        "most 4096 and 64 bits");
  }
  const Number n = to_number(modulus);
  const Number e = to_number(exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  CHECK(builder);
  CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
  CHECK(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  return from_parameters("RSA", builder.get());
}

Result<PublicKey> PublicKey::from_spki(std::string_view der) {
  const std::uint8_t* at = bytes_of(der);
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
  if (key == nullptr) return refuse_key();
  auto state = std::make_shared<const State>(key);
  if (at != bytes_of(der) + der.size()) return invalid("something follows the public key");
  return from_state(std::move(state));
}

std::string PublicKey::spki() const {
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(state_->key, &der);
  CHECK(size > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

PublicKey::Point PublicKey::point() const {
  const Curve* curve = find_curve(type_);
  CHECK(curve != nullptr);
  return {.x = number_of(state_->key, OSSL_PKEY_PARAM_EC_PUB_X, curve->size),
          .y = number_of(state_->key, OSSL_PKEY_PARAM_EC_PUB_Y, curve->size)};
}

PublicKey::Rsa PublicKey::rsa() const {
  CHECK(type_ == KeyType::kRsa);
  return {.modulus = number_of(state_->key, OSSL_PKEY_PARAM_RSA_N, 0),
          .exponent = number_of(state_->key, OSSL_PKEY_PARAM_RSA_E, 0)};
}

std::string PublicKey::ed25519() const {
  CHECK(type_ == KeyType::kEd25519);
  std::string out(32, '\0');
  std::size_t size = out.size();
  CHECK(EVP_PKEY_get_raw_public_key(state_->key, reinterpret_cast<std::uint8_t*>(out.data()),
                                    &size) == 1);
  return out;
}

bool PublicKey::verify(SignatureAlgorithm algorithm, std::string_view message,
                       std::string_view signature) const {
  if (!fits(type_, algorithm)) return false;
  if (type_ == KeyType::kEd25519) return verify_ed25519(ed25519(), message, signature);
  const DigestContext context(EVP_MD_CTX_new());
  CHECK(context);
  EVP_PKEY_CTX* settings = nullptr;
  const bool is_good = EVP_DigestVerifyInit(context.get(), &settings, hash_of(algorithm), nullptr,
                                            state_->key) == 1 &&
                       set_padding(settings, algorithm) &&
                       EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                        bytes_of(message), message.size()) == 1;
  if (!is_good) ERR_clear_error();
  return is_good;
}

bool PublicKey::operator==(const PublicKey& other) const {
  return EVP_PKEY_eq(state_->key, other.state_->key) == 1;
}

std::optional<std::string> ecdsa_from_der(SignatureAlgorithm algorithm, std::string_view der) {
  const std::size_t half = half_size(algorithm);
  const std::uint8_t* at = bytes_of(der);
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (half == 0 || !signature || at != bytes_of(der) + der.size()) return std::nullopt;
  std::string out(2 * half, '\0');
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
  const int size = static_cast<int>(half);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes, size) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes + half, size) < 0) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> ecdsa_to_der(SignatureAlgorithm algorithm, std::string_view signature) {
  const std::size_t half = half_size(algorithm);
  if (half == 0 || signature.size() != 2 * half) return std::nullopt;
  const EcdsaSignature made(ECDSA_SIG_new());
  Number r = to_number(signature.substr(0, half));
  Number s = to_number(signature.substr(half));
  CHECK(made && ECDSA_SIG_set0(made.get(), r.release(), s.release()) == 1);
  std::uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(made.get(), &der);
  CHECK(size > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

}  // namespace wardlock::crypto
