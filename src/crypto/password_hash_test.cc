#include "crypto/password_hash.h"

#include <gtest/gtest.h>

namespace wardlock::crypto {
namespace {

constexpr Argon2idCost kCheap = {.passes = 1, .memory_kib = 64};

TEST(PasswordHash, VerifiesThePasswordAlone) {
  const std::string hash = hash_password(Secret("correct horse"), kCheap);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << hash;
  EXPECT_TRUE(verify_password(hash, Secret("correct horse")));
  EXPECT_FALSE(verify_password(hash, Secret("correct hors")));
  EXPECT_FALSE(verify_password(hash, Secret("")));
  EXPECT_NE(hash, hash_password(Secret("correct horse"), kCheap));
}

TEST(PasswordHash, IsNotCutAtAZero) {
  const std::string hash = hash_password(Secret(std::string_view("a\0b", 3)), kCheap);
  EXPECT_FALSE(verify_password(hash, Secret("a")));
  EXPECT_TRUE(verify_password(hash, Secret(std::string_view("a\0b", 3))));
}

TEST(PasswordHash, AgreesWithAnotherLibrary) {
  // Made by the reference implementation's `argon2` with -id -t 2 -m 8 -p 1.
  const Secret password("password");
  EXPECT_TRUE(verify_password(
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      password));
}

TEST(PasswordHash, RefusesWhatIsNoHash) {
  for (const std::string_view hash : {"", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "x"}) {
    EXPECT_FALSE(verify_password(hash, Secret("x")));
    EXPECT_TRUE(was_hashed_at_another_cost(hash, kCheap));
  }
  const std::string hash = hash_password(Secret("x"), kCheap);
  EXPECT_FALSE(verify_password(hash + std::string(1, '\0'), Secret("x")));
  EXPECT_FALSE(verify_password(hash + std::string(200, 'A'), Secret("x")));
}

TEST(PasswordHash, KnowsItsCost) {
  const std::string hash = hash_password(Secret("x"), kCheap);
  EXPECT_FALSE(was_hashed_at_another_cost(hash, kCheap));
  EXPECT_TRUE(was_hashed_at_another_cost(hash, {.passes = 2, .memory_kib = 64}));
  EXPECT_TRUE(was_hashed_at_another_cost(hash, {.passes = 1, .memory_kib = 128}));
}

}  // namespace
}  // namespace wardlock::crypto
