#include "crypto/public_key.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "crypto/private_key.h"

namespace wardlock::crypto {
namespace {

constexpr std::array kAlgorithms = {SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384,
                                    SignatureAlgorithm::kEs512, SignatureAlgorithm::kRs256,
                                    SignatureAlgorithm::kRs384, SignatureAlgorithm::kRs512,
                                    SignatureAlgorithm::kPs256, SignatureAlgorithm::kPs384,
                                    SignatureAlgorithm::kPs512, SignatureAlgorithm::kEdDsa};

const PrivateKey& key_of(KeyType type) {
  static const std::array keys = {
      PrivateKey::generate(KeyType::kP256), PrivateKey::generate(KeyType::kP384),
      PrivateKey::generate(KeyType::kP521), PrivateKey::generate(KeyType::kRsa),
      PrivateKey::generate(KeyType::kEd25519)};
  return keys.at(static_cast<std::size_t>(type));
}
constexpr std::array kTypes = {KeyType::kP256, KeyType::kP384, KeyType::kP521, KeyType::kRsa,
                               KeyType::kEd25519};

TEST(PublicKey, VerifiesWhatItsPrivateKeySigned) {
  for (const KeyType type : kTypes) {
    for (const SignatureAlgorithm algorithm : kAlgorithms) {
      const PrivateKey& key = key_of(type);
      if (!fits(type, algorithm)) {
        EXPECT_FALSE(key.public_key().verify(algorithm, "message", std::string(64, 'x')));
        continue;
      }
      std::string signature = key.sign(algorithm, "message");
      EXPECT_TRUE(key.public_key().verify(algorithm, "message", signature)) << to_string(algorithm);
      EXPECT_FALSE(key.public_key().verify(algorithm, "massage", signature));
      EXPECT_FALSE(key.public_key().verify(algorithm, "message", ""));
      signature[signature.size() / 2] ^= 1;
      EXPECT_FALSE(key.public_key().verify(algorithm, "message", signature));
      signature[signature.size() / 2] ^= 1;
      EXPECT_FALSE(key.public_key().verify(algorithm, "message", signature + '\0'));
    }
  }
}

TEST(PublicKey, AnAlgorithmVerifiesNoOthersSignature) {
  const PrivateKey& rsa = key_of(KeyType::kRsa);
  const std::string signature = rsa.sign(SignatureAlgorithm::kRs256, "message");
  for (const SignatureAlgorithm algorithm : kAlgorithms) {
    EXPECT_EQ(rsa.public_key().verify(algorithm, "message", signature),
              algorithm == SignatureAlgorithm::kRs256);
  }
}

TEST(PublicKey, IsTheSameInEveryForm) {
  for (const KeyType type : kTypes) {
    const PublicKey& key = key_of(type).public_key();
    const auto again = PublicKey::from_spki(key.spki());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, key);
    EXPECT_FALSE(PublicKey::from_spki(key.spki() + '\0'));
    EXPECT_FALSE(PublicKey::from_spki(key.spki().substr(1)));
  }
  const PublicKey& p384 = key_of(KeyType::kP384).public_key();
  const auto [x, y] = p384.point();
  EXPECT_EQ(*PublicKey::from_point(KeyType::kP384, x, y), p384);
  const PublicKey& rsa = key_of(KeyType::kRsa).public_key();
  EXPECT_EQ(*PublicKey::from_rsa(rsa.rsa().modulus, rsa.rsa().exponent), rsa);
  const PublicKey& ed25519 = key_of(KeyType::kEd25519).public_key();
  EXPECT_EQ(*PublicKey::from_ed25519(ed25519.ed25519()), ed25519);
}

TEST(PublicKey, RefusesAPointThatIsNotOnItsCurve) {
  auto [x, y] = key_of(KeyType::kP256).public_key().point();
  EXPECT_TRUE(PublicKey::from_point(KeyType::kP256, x, y));
  EXPECT_FALSE(PublicKey::from_point(KeyType::kP256, y, x));
  EXPECT_FALSE(PublicKey::from_point(KeyType::kP256, std::string(32, '\0'), std::string(32, '\0')));
  EXPECT_FALSE(PublicKey::from_point(KeyType::kP384, x, y));
  EXPECT_FALSE(PublicKey::from_point(KeyType::kRsa, x, y));
  EXPECT_FALSE(PublicKey::from_point(KeyType::kP256, x + '\0', y));
}

TEST(PublicKey, RefusesWeakRsa) {
  const auto [modulus, exponent] = key_of(KeyType::kRsa).public_key().rsa();
  EXPECT_FALSE(PublicKey::from_rsa(modulus, "\x03"));
  EXPECT_FALSE(PublicKey::from_rsa(modulus, std::string("\x01\x00\x00", 3)));
  std::string even = modulus;
  even.back() = static_cast<char>(even.back() & ~1);
  EXPECT_FALSE(PublicKey::from_rsa(even, exponent));
  EXPECT_FALSE(PublicKey::from_rsa(modulus, std::string(9, '\x01')));
  EXPECT_FALSE(PublicKey::from_rsa('\0' + modulus, exponent));
  EXPECT_FALSE(PublicKey::from_rsa(std::string(128, '\xFF'), exponent));
  EXPECT_FALSE(PublicKey::from_rsa(std::string(513, '\xFF'), exponent));
  EXPECT_FALSE(PublicKey::from_rsa("", exponent));
}

TEST(EcdsaForms, AreTurnedIntoEachOther) {
  const PrivateKey& key = key_of(KeyType::kP521);
  const std::string der = key.sign(SignatureAlgorithm::kEs512, "message");
  const auto plain = ecdsa_from_der(SignatureAlgorithm::kEs512, der);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->size(), 132U);
  EXPECT_EQ(ecdsa_to_der(SignatureAlgorithm::kEs512, *plain), der);
  EXPECT_FALSE(ecdsa_from_der(SignatureAlgorithm::kEs256, der));
  EXPECT_FALSE(ecdsa_from_der(SignatureAlgorithm::kEs512, der + '\0'));
  EXPECT_FALSE(ecdsa_from_der(SignatureAlgorithm::kRs256, der));
  EXPECT_FALSE(ecdsa_to_der(SignatureAlgorithm::kEs512, plain->substr(1)));
  EXPECT_FALSE(ecdsa_to_der(SignatureAlgorithm::kEdDsa, *plain));
}

TEST(PrivateKey, IsTheSameAsPkcs8) {
  for (const KeyType type : kTypes) {
    const PrivateKey& key = key_of(type);
    const auto again = PrivateKey::from_pkcs8(key.pkcs8());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->public_key(), key.public_key());
  }
  EXPECT_FALSE(PrivateKey::from_pkcs8(Secret("not a key")));
  EXPECT_FALSE(
      PrivateKey::from_pkcs8(Secret(std::string(key_of(KeyType::kP256).pkcs8().reveal()) + '\0')));
}

}  // namespace
}  // namespace wardlock::crypto
