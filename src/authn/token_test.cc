#include "authn/token.h"

#include <gtest/gtest.h>

#include <set>

namespace wardlock::authn {
namespace {

TEST(Token, IsNewAndOfItsForm) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string token = new_token();
    EXPECT_TRUE(is_token(token)) << token;
    EXPECT_TRUE(seen.insert(token).second);
  }
}

TEST(Token, OtherTextIsNone) {
  const std::string token = new_token();
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("wlk_"));
  EXPECT_FALSE(is_token(token + "A"));
  EXPECT_FALSE(is_token(token.substr(1)));
  EXPECT_FALSE(is_token("WLK_" + token.substr(4)));
  EXPECT_FALSE(is_token(token.substr(0, 46) + "="));
  EXPECT_FALSE(is_token(token.substr(0, 46) + " "));
  EXPECT_FALSE(is_token(token_hash(token)));
}

TEST(Token, ItsHashIsOverTheWholeText) {
  // printf 'wlk_' | sha256sum
  EXPECT_EQ(token_hash("wlk_"),
            "sha256:8933ed9005818b175fc8aea117fb67073fb2eb5e352211b82c62c9b67d85838b");
}

TEST(Token, AHashIsLowercaseHex) {
  const std::string hash = token_hash("x");
  EXPECT_TRUE(is_sha256_text(hash));
  EXPECT_FALSE(is_sha256_text(hash.substr(7)));
  EXPECT_FALSE(is_sha256_text(hash + "0"));
  EXPECT_FALSE(is_sha256_text(hash.substr(0, 70)));
  EXPECT_FALSE(is_sha256_text("sha256:" + std::string(64, 'A')));
  EXPECT_FALSE(is_sha256_text("sha512:" + std::string(64, 'a')));
}

}  // namespace
}  // namespace wardlock::authn
