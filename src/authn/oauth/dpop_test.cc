#include "authn/oauth/dpop.h"

#include <gtest/gtest.h>

#include "authn/oauth/oauth_for_test.h"
#include "codec/base64url.h"
#include "crypto/sha256.h"

namespace wardlock::oauth {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

class DpopTest : public testing::Test {
 protected:
  Answer<std::string> verify(const std::string& proof, std::string_view token = "",
                             std::string_view key = "", std::int64_t now_ms = kNow) {
    return proofs_.verify({.proof = proof,
                           .method = "POST",
                           .url = kTokenUrl,
                           .access_token = token,
                           .key = key,
                           .now_ms = now_ms});
  }
  std::string proof(std::string id = "1") const {
    return dpop_proof(
        {.key = key_, .nonce = proofs_.nonce(kNow), .id = std::move(id), .now_ms = kNow});
  }
  std::string with(std::string_view claim, const codec::Json& value) const {
    boost::json::object claims = {{"htm", "POST"},
                                  {"htu", kTokenUrl},
                                  {"jti", "x"},
                                  {"iat", kNow / 1000},
                                  {"nonce", proofs_.nonce(kNow)}};
    if (value.is_null()) {
      claims.erase(claim);
    } else {
      claims[claim] = value;
    }
    return signed_with_header(key_, header(), claims);
  }
  boost::json::object header() const {
    return {{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", to_jwk(key_.verification_key())}};
  }

  jose::SigningKey key_ = new_key();
  DpopProofs proofs_{crypto::HmacKey("secret"), 3};
};

TEST_F(DpopTest, AProofNamesItsKey) {
  const auto found = verify(proof());
  ASSERT_TRUE(found) << found.error().description;
  EXPECT_EQ(*found, jose::thumbprint(key_.key.public_key()));
}

TEST_F(DpopTest, AProofIsTakenOnce) {
  const std::string once = proof();
  EXPECT_TRUE(verify(once));
  EXPECT_REFUSED(verify(once), Fault::kInvalidDpopProof);
  EXPECT_TRUE(verify(proof("2")));
}

TEST_F(DpopTest, WhatIsRememberedOfProofsHasASize) {
  for (const char* id : {"1", "2", "3"}) EXPECT_TRUE(verify(proof(id)));
  EXPECT_REFUSED(verify(proof("4")), Fault::kTemporarilyUnavailable);
}

TEST_F(DpopTest, AProofNeedsANonceOfOursThatIsFresh) {
  const auto refused = [&](const std::string& nonce) {
    EXPECT_REFUSED(verify(dpop_proof({.key = key_, .nonce = nonce, .now_ms = kNow})),
                   Fault::kUseDpopNonce)
        << nonce;
  };
  refused("");
  refused("made up");
  refused(proofs_.nonce(kNow - 120'000));
  refused(proofs_.nonce(kNow + 60'000));
  refused(DpopProofs(crypto::HmacKey("another house")).nonce(kNow));
  EXPECT_TRUE(
      verify(dpop_proof({.key = key_, .nonce = proofs_.nonce(kNow - 60'000), .now_ms = kNow})));
}

TEST_F(DpopTest, AProofForSomethingElseIsRefused) {
  for (const auto& [claim, value] : std::initializer_list<std::pair<const char*, codec::Json>>{
           {"htm", "GET"},
           {"htm", nullptr},
           {"htu", "https://evil.example/oauth2/token"},
           {"htu", "https://id.example/oauth2/par"},
           {"htu", "http://id.example/oauth2/token"},
           {"htu", "https://id.example:8443/oauth2/token"},
           {"htu", nullptr},
           {"iat", kNow / 1000 - 600},
           {"iat", kNow / 1000 + 600},
           {"iat", "now"},
           {"iat", nullptr},
           {"jti", nullptr},
           {"jti", codec::Json(std::string(300, 'a'))}}) {
    EXPECT_REFUSED(verify(with(claim, value)), Fault::kInvalidDpopProof) << claim;
  }
  EXPECT_TRUE(verify(with("htu", "HTTPS://ID.example:443/oauth2/token?a=b")));
}

TEST_F(DpopTest, AProofIsOfTheTokenItComesWith) {
  const auto with_token = [&](std::string_view token) {
    return dpop_proof(
        {.key = key_, .nonce = proofs_.nonce(kNow), .token = std::string(token), .now_ms = kNow});
  };
  EXPECT_REFUSED(verify(with_token(""), "token"), Fault::kInvalidDpopProof);
  EXPECT_REFUSED(verify(with_token("another"), "token"), Fault::kInvalidDpopProof);
  EXPECT_REFUSED(verify(with_token("token"), "token", "another key"), Fault::kInvalidDpopProof);
  EXPECT_TRUE(verify(with_token("token"), "token", jose::thumbprint(key_.key.public_key())));
}

TEST_F(DpopTest, AProofThatItsKeyDidNotSignIsRefused) {
  const boost::json::object claims = {{"htm", "POST"},
                                      {"htu", kTokenUrl},
                                      {"jti", "x"},
                                      {"iat", kNow / 1000},
                                      {"nonce", proofs_.nonce(kNow)}};
  const auto thief = new_key();
  EXPECT_REFUSED(verify(signed_with_header(thief, header(), claims)), Fault::kInvalidDpopProof);
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, codec::Json>>{{"typ", "JWT"},
                                                                  {"typ", "at+jwt"},
                                                                  {"alg", "none"},
                                                                  {"alg", "HS256"},
                                                                  {"alg", "RS256"}}) {
    auto wrong = header();
    wrong[name] = value;
    EXPECT_REFUSED(verify(signed_with_header(key_, wrong, claims)), Fault::kInvalidDpopProof)
        << name << codec::to_json_text(value);
  }
  auto keyless = header();
  keyless.erase("jwk");
  EXPECT_REFUSED(verify(signed_with_header(key_, keyless, claims)), Fault::kInvalidDpopProof);
  for (const std::string& text : {std::string(), std::string("a.b.c"), std::string("x"),
                                  proof() + "." + proof(), std::string(20'000, 'a')}) {
    EXPECT_REFUSED(verify(text), Fault::kInvalidDpopProof);
  }
}

}  // namespace
}  // namespace wardlock::oauth
