#include "hsm/token_key.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "hsm/token_for_test.h"

namespace wardlock::hsm {
namespace {

class TokenKeyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!TokenForTest::is_possible()) GTEST_SKIP() << "SoftHSM is not installed";
    token_.emplace();
  }
  TokenKey open(std::string_view key = "first") const {
    auto opened = TokenKey::open(token_->name(key), "1234");
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(opened.value());
  }
  static Error refused(const TokenKeyName& name, std::string_view pin = "1234") {
    const auto opened = TokenKey::open(name, pin);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }

  std::optional<TokenForTest> token_;
};

TEST_F(TokenKeyTest, OpensWhatItSealed) {
  std::string sealed;
  {
    const TokenKey key = open();
    sealed = key.seal("a key of the database", "place").value();
    EXPECT_EQ(sealed.find("database"), std::string::npos);
    EXPECT_NE(key.seal("a key of the database", "place").value(), sealed);
    EXPECT_EQ(key.unseal(key.seal("", "").value(), "").value(), "");
  }
  EXPECT_EQ(open().unseal(sealed, "place").value(), "a key of the database");
}

TEST_F(TokenKeyTest, OpensNothingElse) {
  const TokenKey key = open();
  const std::string sealed = key.seal("secret", "place").value();
  EXPECT_EQ(key.unseal(sealed, "another place").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(key.unseal("", "place").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(key.unseal(sealed.substr(0, sealed.size() - 1), "place").error().code,
            ErrorCode::kDataLoss);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] ^= 1;
    EXPECT_FALSE(key.unseal(changed, "place")) << at;
  }
  EXPECT_EQ(key.unseal(sealed, "place").value(), "secret") << "the session goes on after refusals";
}

TEST_F(TokenKeyTest, AnotherKeyOpensNothing) {
  const std::string sealed = open("first").seal("secret", "place").value();
  EXPECT_EQ(open("second").unseal(sealed, "place").error().code, ErrorCode::kDataLoss);
}

TEST_F(TokenKeyTest, WhatIsNotThereIsNamed) {
  TokenKeyName name = token_->name("third");
  EXPECT_EQ(refused(name).code, ErrorCode::kNotFound);
  EXPECT_EQ(refused(name).message, "the token `ward` has no AES key with the label `third`");
  EXPECT_EQ(refused(token_->name("double")).message,
            "the token `ward` has more than one AES key with the label `double`");
  name.token = "yard";
  EXPECT_EQ(refused(name).message, "there is no token `yard`");
  name.module = "/nowhere/libpkcs11.so";
  EXPECT_EQ(refused(name).code, ErrorCode::kNotFound);
  EXPECT_TRUE(refused(name).message.contains("`/nowhere/libpkcs11.so`"));
}

TEST_F(TokenKeyTest, AWrongPinIsRefused) {
  for (const std::string_view pin : {"", "4321", "12345"}) {
    const Error error = refused(token_->name(), pin);
    EXPECT_EQ(error.code, ErrorCode::kPermissionDenied) << error.message;
    EXPECT_EQ(error.message, "signing in to the token `ward` failed: the PIN is wrong");
  }
}

TEST(TokenKey, NeedsALibraryOfPkcs11) {
  const auto opened = TokenKey::open({"libc.so.6", "ward", "first"}, "1234");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "`libc.so.6` is no PKCS#11 library");
}

}  // namespace
}  // namespace wardlock::hsm
