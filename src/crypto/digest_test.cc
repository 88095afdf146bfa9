#include "crypto/digest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace wardlock::crypto {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

TEST(Digest, IsTheStandards) {
  // FIPS 180-4's example "abc".
  EXPECT_EQ(hex(digest(HashAlgorithm::kSha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(digest(HashAlgorithm::kSha256, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(digest(HashAlgorithm::kSha384, "abc")).substr(0, 32),
            "cb00753f45a35e8bb5a03d699ac65007");
  EXPECT_EQ(hex(digest(HashAlgorithm::kSha512, "abc")).substr(0, 32),
            "ddaf35a193617abacc417349ae204131");
}

TEST(Hmac, IsTheStandards) {
  // RFC 2202, case 2; RFC 4231, case 2.
  const Secret key("Jefe");
  constexpr std::string_view kText = "what do ya want for nothing?";
  EXPECT_EQ(hex(hmac(HashAlgorithm::kSha1, key, kText)),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex(hmac(HashAlgorithm::kSha256, key, kText)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac(HashAlgorithm::kSha512, key, kText)).substr(0, 32),
            "164b7a7bfcf819e2e395fbe73b56e0a3");
  EXPECT_EQ(hex(hmac(HashAlgorithm::kSha256, Secret(), "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ConstantTime, ComparesContents) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

}  // namespace
}  // namespace wardlock::crypto
