#include "jose/jwk.h"

#include <gtest/gtest.h>

#include <array>

namespace wardlock::jose {
namespace {

using crypto::KeyType;
using crypto::PrivateKey;

VerificationKey key_of(KeyType type, SignatureAlgorithm algorithm, std::string id = "k1") {
  return {
      .key = PrivateKey::generate(type).public_key(), .algorithm = algorithm, .id = std::move(id)};
}

/// The message with which a key is refused; "" where it is taken.
std::string refusal(std::string_view text) {
  const auto key = parse_jwk(codec::parse_json(text).value());
  return key ? "" : key.error().message;
}

// RFC 7517, A.1, and RFC 8037, A.2.
constexpr std::string_view kEc =
    R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"})";
constexpr std::string_view kOkp =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
// RFC 7638, 3.1.
constexpr std::string_view kRsa =
    R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})";

TEST(Jwk, ReadsTheStandardsExamples) {
  EXPECT_EQ(refusal(kEc), "");
  EXPECT_EQ(refusal(kOkp), "");
  EXPECT_EQ(refusal(kRsa), "");
  const auto rsa = parse_jwk(codec::parse_json(kRsa).value());
  EXPECT_EQ(rsa->id, "2011-04-29");
  EXPECT_EQ(rsa->algorithm, SignatureAlgorithm::kRs256);
  EXPECT_EQ(thumbprint(rsa->key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  const auto okp = parse_jwk(codec::parse_json(kOkp).value());
  EXPECT_EQ(thumbprint(okp->key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Jwk, IsTheSameWhenWritten) {
  for (const auto& key : {key_of(KeyType::kP256, SignatureAlgorithm::kEs256),
                          key_of(KeyType::kP384, SignatureAlgorithm::kEs384),
                          key_of(KeyType::kRsa, SignatureAlgorithm::kPs256),
                          key_of(KeyType::kEd25519, SignatureAlgorithm::kEdDsa)}) {
    const auto again = parse_jwk(to_jwk(key));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->key, key.key);
    EXPECT_EQ(again->algorithm, key.algorithm);
    EXPECT_EQ(again->id, "k1");
  }
}

TEST(Jwk, ThumbprintFollowsFromTheKeyAlone) {
  const auto key = key_of(KeyType::kP384, SignatureAlgorithm::kEs384, "one");
  auto other = key;
  other.id = "two";
  EXPECT_EQ(thumbprint(key.key), thumbprint(other.key));
  EXPECT_NE(thumbprint(key.key),
            thumbprint(key_of(KeyType::kP384, SignatureAlgorithm::kEs384).key));
}

TEST(Jwk, RefusesSecrets) {
  EXPECT_TRUE(refusal(R"({"kty":"oct","k":"c2VjcmV0"})").contains("secret key"));
  EXPECT_TRUE(
      refusal(
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})")
          .contains("secret key"));
}

TEST(Jwk, RefusesWhatIsNoKeyToVerifyWith) {
  for (
      const std::string_view text : {
          "[]",
          "{}",
          R"({"kty":"EC"})",
          R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
          R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"})",
          R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})",
          R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="})",
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"})",
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","key_ops":["encrypt"]})",
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"ES256"})",
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"HS256"})",
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":1})",
      }) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST(Jwk, AnRsaKeyHasOneAlgorithm) {
  const std::string text = R"({"kty":"RSA","n":")" +
                           std::string(codec::parse_json(kRsa)->at("n").as_string()) +
                           R"(","e":"AQAB"})";
  const codec::Json json = codec::parse_json(text).value();
  EXPECT_EQ(parse_jwk(json)->algorithm, SignatureAlgorithm::kRs256);
  EXPECT_EQ(parse_jwk(json, SignatureAlgorithm::kRs384)->algorithm, SignatureAlgorithm::kRs384);
}

TEST(KeySet, FindsByIdAndTheOnlyOneWithout) {
  const auto one = key_of(KeyType::kP256, SignatureAlgorithm::kEs256, "a");
  const auto two = key_of(KeyType::kP256, SignatureAlgorithm::kEs256, "b");
  const KeySet both({one, two});
  EXPECT_EQ(both.find("b")->key, two.key);
  EXPECT_EQ(both.find("c"), nullptr);
  EXPECT_EQ(both.find(""), nullptr);
  EXPECT_NE(KeySet({one}).find(""), nullptr);
  const auto again = KeySet::parse(codec::to_json_text(both.to_json()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->keys().size(), 2U);
}

TEST(KeySet, PassesOverKeysForOthers) {
  const std::string others =
      R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"},{"kty":"AKP","pub":"AA"},)"
      R"({"kty":"RSA","use":"enc","n":"AA","e":"AQAB"},)"
      R"({"kty":"OKP","crv":"X25519","x":"AA"},{"kty":"RSA","alg":"RSA-OAEP","n":"AA","e":"AQAB"})";
  const auto set = KeySet::parse(R"({"keys":[)" + others + "," + std::string(kEc) + "]}");
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->keys().size(), 1U);
}

TEST(KeySet, RefusesADamagedSet) {
  const std::string key(kEc);
  EXPECT_TRUE(KeySet::parse(R"({"keys":[]})"));
  EXPECT_FALSE(KeySet::parse(R"({"keys":{}})"));
  EXPECT_FALSE(KeySet::parse(R"([])"));
  EXPECT_FALSE(KeySet::parse(R"({"keys":[1]})"));
  EXPECT_FALSE(KeySet::parse(R"({"keys":[)" + key + "," + key + "]}"));  // one id twice
  EXPECT_FALSE(KeySet::parse(R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})"));
  std::string many = R"({"keys":[)";
  for (int i = 0; i < 65; ++i) many += "{},";
  many.back() = ']';
  EXPECT_TRUE(KeySet::parse(many + "}").error().message.contains("more than 64"));
}

}  // namespace
}  // namespace wardlock::jose
