#include "jose/jwt.h"

#include <gtest/gtest.h>

#include <array>
#include <span>

#include "codec/base64url.h"

namespace wardlock::jose {
namespace {

using crypto::KeyType;
using crypto::PrivateKey;

constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
constexpr std::int64_t kNowSeconds = kNow.time_since_epoch().count();

const SigningKey& es256() {
  static const SigningKey key = {.key = PrivateKey::generate(KeyType::kP256),
                                 .algorithm = SignatureAlgorithm::kEs256,
                                 .id = "k1"};
  return key;
}
const SigningKey& rs256() {
  static const SigningKey key = {.key = PrivateKey::generate(KeyType::kRsa),
                                 .algorithm = SignatureAlgorithm::kRs256,
                                 .id = "r1"};
  return key;
}
const KeySet& keys() {
  static const KeySet set({es256().verification_key(), rs256().verification_key()});
  return set;
}

boost::json::object claims() {
  return {{"iss", "https://wardlock.example"},
          {"aud", {"https://pump.example", "https://other.example"}},
          {"sub", "dr-grey"},
          {"iat", kNowSeconds},
          {"exp", kNowSeconds + 300}};
}

JwtExpectations expectations() {
  return {.type = "at+jwt",
          .issuer = "https://wardlock.example",
          .audience = "https://pump.example",
          .now = kNow};
}

/// "" where the token is taken, otherwise why not.
std::string refusal(std::string_view token, const JwtExpectations& expected = expectations()) {
  const auto jws = UnverifiedJws::parse(token);
  if (!jws) return jws.error().message;
  const auto jwt = verify_jwt(*jws, keys(), expected);
  return jwt ? "" : jwt.error().message;
}

/// A token with one claim changed; null takes it away.
std::string refusal_with(std::string_view name, codec::Json value,
                         const JwtExpectations& expected = expectations()) {
  boost::json::object changed = claims();
  if (value.is_null()) {
    changed.erase(name);
  } else {
    changed[name] = std::move(value);
  }
  return refusal(sign_jwt(es256(), "at+jwt", changed), expected);
}

std::string encoded(std::string_view text) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

TEST(Jwt, IsVerified) {
  for (const SigningKey* key : {&es256(), &rs256()}) {
    const auto jws = UnverifiedJws::parse(sign_jwt(*key, "at+jwt", claims()));
    ASSERT_TRUE(jws) << jws.error().message;
    const auto jwt = verify_jwt(*jws, keys(), expectations());
    ASSERT_TRUE(jwt) << jwt.error().message;
    EXPECT_EQ(jwt->text("sub"), "dr-grey");
    EXPECT_EQ(jwt->text("iat"), "");
    EXPECT_EQ(jwt->expires(), kNow + std::chrono::seconds(300));
    EXPECT_EQ(jwt->key_id(), key->id);
  }
}

TEST(Jwt, TheStandardsExampleIsVerified) {
  // RFC 7515, A.3: ES256. Its claims have expired.
  const KeySet set = KeySet::parse(R"({"keys":[{"kty":"EC","crv":"P-256",
      "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})")
                         .value();
  const auto jws = UnverifiedJws::parse(
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
      "LmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8IS"
      "lSApmWQxfKTUJqPP3-Kg6NU1Q");
  ASSERT_TRUE(jws);
  EXPECT_TRUE(jws->is_signed_by(*set.find("")));
  const auto at = [&](std::int64_t seconds) {
    return verify_jwt(*jws, set,
                      {.type = "",
                       .issuer = "joe",
                       .audience = "",
                       .now = std::chrono::sys_seconds(std::chrono::seconds(seconds))});
  };
  EXPECT_TRUE(at(1'300'819'000));
  EXPECT_FALSE(at(1'300'819'411));
}

TEST(Jwt, ClaimsAreChecked) {
  EXPECT_EQ(refusal_with("iss", "https://evil.example"), "the token comes from another issuer");
  EXPECT_EQ(refusal_with("iss", "https://wardlock.example/"),
            "the token comes from another issuer");
  EXPECT_EQ(refusal_with("iss", nullptr), "the token comes from another issuer");
  EXPECT_EQ(refusal_with("aud", "https://pump.example"), "");
  EXPECT_EQ(refusal_with("aud", "https://pump.example.evil"), "the token is for another audience");
  EXPECT_EQ(refusal_with("aud", boost::json::array()), "the token is for another audience");
  EXPECT_EQ(refusal_with("aud", nullptr), "the token is for another audience");
  EXPECT_EQ(refusal_with("aud", 1), "the token is for another audience");
}

TEST(Jwt, TimesAreChecked) {
  EXPECT_EQ(refusal_with("exp", nullptr), "the token has no `exp`");
  EXPECT_EQ(refusal_with("exp", kNowSeconds - 31), "the token has expired");
  EXPECT_EQ(refusal_with("exp", kNowSeconds - 30), "the token has expired");
  EXPECT_EQ(refusal_with("exp", kNowSeconds - 29), "");
  EXPECT_EQ(refusal_with("exp", codec::Json(std::to_string(kNowSeconds + 300))),
            "a time in the token is not a number");
  EXPECT_EQ(refusal_with("exp", 1e300), "a time in the token is out of range");
  EXPECT_EQ(refusal_with("exp", -1), "a time in the token is out of range");
  EXPECT_EQ(refusal_with("exp", static_cast<double>(kNowSeconds) + 60.5), "");
  EXPECT_EQ(refusal_with("nbf", kNowSeconds + 31), "the token is not valid yet");
  EXPECT_EQ(refusal_with("nbf", kNowSeconds + 30), "");
  EXPECT_EQ(refusal_with("iat", kNowSeconds + 31), "the token was issued in the future");
  JwtExpectations short_lived = expectations();
  short_lived.max_lifetime = std::chrono::seconds(60);
  EXPECT_EQ(refusal_with("exp", kNowSeconds + 61, short_lived), "the token lives too long");
  EXPECT_EQ(refusal_with("exp", kNowSeconds + 60, short_lived), "");
  EXPECT_EQ(refusal_with("iat", nullptr, short_lived), "the token has no `iat`");
}

TEST(Jwt, OneKindIsNotTakenForAnother) {
  const auto with = [](std::string_view type, std::string_view expected) {
    JwtExpectations changed = expectations();
    changed.type = expected;
    return refusal(sign_jwt(es256(), type, claims()), changed);
  };
  EXPECT_EQ(with("at+jwt", "at+jwt"), "");
  EXPECT_EQ(with("application/AT+JWT", "at+jwt"), "");
  EXPECT_EQ(with("", ""), "");
  EXPECT_EQ(with("JWT", ""), "");
  for (const auto& [type, expected] :
       {std::pair("JWT", "at+jwt"), std::pair("", "at+jwt"), std::pair("at+jwt", ""),
        std::pair("dpop+jwt", "at+jwt"), std::pair("at+jwt", "logout+jwt")}) {
    EXPECT_EQ(with(type, expected), "the token is of another type") << type << ' ' << expected;
  }
}

TEST(Jwt, AnotherKeysSignatureIsRefused) {
  const SigningKey stranger = {.key = PrivateKey::generate(KeyType::kP256),
                               .algorithm = SignatureAlgorithm::kEs256,
                               .id = "k1"};
  EXPECT_EQ(refusal(sign_jwt(stranger, "at+jwt", claims())),
            "the signature of the token is not its key's");
  const SigningKey unknown = {.key = stranger.key, .algorithm = stranger.algorithm, .id = "k9"};
  EXPECT_EQ(refusal(sign_jwt(unknown, "at+jwt", claims())),
            "no key that is known has the `kid` of the token");
}

/// A token of ours with another header.
std::string with_header(std::string_view header, const SigningKey& key = es256()) {
  const std::string token = sign_jwt(key, "at+jwt", claims());
  return encoded(header) + token.substr(token.find('.'));
}

TEST(Jws, TheKeyDecidesTheAlgorithm) {
  // As RS256's key signed it, but saying PS256; and the public key taken for a shared secret.
  EXPECT_EQ(refusal(with_header(R"({"alg":"PS256","typ":"at+jwt","kid":"r1"})", rs256())),
            "the signature of the token is not its key's");
  EXPECT_EQ(refusal(with_header(R"({"alg":"HS256","typ":"at+jwt","kid":"k1"})")),
            "the algorithm `HS256` of a signed text is not taken");
  for (const std::string_view none : {"none", "None", "NONE", "nOnE"}) {
    const std::string header = R"({"alg":")" + std::string(none) + R"(","kid":"k1"})";
    EXPECT_NE(refusal(encoded(header) + "." + encoded("{}") + "."), "");
  }
  // A PS256 key verifies no RS256 signature made with it.
  const SigningKey& as_rs = rs256();
  const KeySet ps_only(
      {{.key = as_rs.key.public_key(), .algorithm = SignatureAlgorithm::kPs256, .id = "r1"}});
  const auto jws = UnverifiedJws::parse(sign_jwt(as_rs, "at+jwt", claims()));
  EXPECT_FALSE(verify_jwt(*jws, ps_only, expectations()));
}

TEST(Jws, WhatTheHeaderBringsAlongIsNotBelieved) {
  const SigningKey stranger = {.key = PrivateKey::generate(KeyType::kP256),
                               .algorithm = SignatureAlgorithm::kEs256,
                               .id = ""};
  const std::string header =
      codec::to_json_text(boost::json::object({{"alg", "ES256"},
                                               {"typ", "at+jwt"},
                                               {"kid", "k1"},
                                               {"jwk", to_jwk(stranger.verification_key())}}));
  const std::string text =
      encoded(header) + "." + encoded(codec::to_json_text(codec::Json(claims())));
  const std::string signature = *crypto::ecdsa_from_der(
      SignatureAlgorithm::kEs256, stranger.key.sign(SignatureAlgorithm::kEs256, text));
  const std::string token = text + "." + encoded(signature);
  EXPECT_TRUE(UnverifiedJws::parse(token)->is_signed_by(stranger.verification_key()));
  EXPECT_EQ(refusal(token), "the signature of the token is not its key's");
}

TEST(Jws, RefusesWhatIsNotOne) {
  const std::string token = sign_jwt(es256(), "at+jwt", claims());
  EXPECT_EQ(refusal(token), "");
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("."), "");
  EXPECT_NE(refusal("..."), "");
  EXPECT_NE(refusal(token + "."), "");
  EXPECT_NE(refusal(token + "="), "");
  EXPECT_NE(refusal(token + "A"), "");
  // The last letter's last bits mean nothing; a second spelling of one token is refused.
  std::string spelt_otherwise = token;
  ++spelt_otherwise.back();
  EXPECT_NE(refusal(spelt_otherwise), "");
  EXPECT_NE(refusal(" " + token), "");
  EXPECT_NE(refusal(token.substr(0, token.rfind('.') + 1)), "");
  EXPECT_NE(refusal(with_header("[]")), "");
  EXPECT_NE(refusal(with_header("{}")), "");
  EXPECT_NE(refusal(with_header(R"({"alg":"ES256","kid":1})")), "");
  EXPECT_NE(refusal(with_header(R"({"alg":"ES256","alg":"RS256"})")), "");
  EXPECT_TRUE(refusal(with_header(R"({"alg":"ES256","crit":["exp"],"exp":1})")).contains("crit"));
  EXPECT_TRUE(
      refusal(with_header(R"({"alg":"ES256","b64":false,"crit":["b64"]})")).contains("crit"));
}

TEST(Jws, ThatIsRightIsNotReadWhereItIsTooLong) {
  const auto of_size = [](std::size_t bytes) {
    boost::json::object more = claims();
    more["more"] = std::string(bytes, 'a');
    return sign_jwt(es256(), "at+jwt", more);
  };
  std::size_t bytes = kMaxJwsBytes / 2;
  while (of_size(bytes + 64).size() <= kMaxJwsBytes) bytes += 64;
  EXPECT_EQ(refusal(of_size(bytes)), "");
  EXPECT_TRUE(refusal(of_size(bytes + 64)).contains("at most 16384 are read"));
}

TEST(Jws, EveryBitIsSigned) {
  std::string token = sign_jwt(es256(), "at+jwt", claims());
  for (std::size_t place = 0; place < token.size(); ++place) {
    const char was = token[place];
    token[place] = was == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(token).empty(), false) << place;
    token[place] = was;
  }
}

}  // namespace
}  // namespace wardlock::jose
