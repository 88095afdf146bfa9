#include "hsm/signing_token.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "hsm/token_for_test.h"

namespace wardlock::hsm {
namespace {

class SigningTokenTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!TokenForTest::is_possible()) GTEST_SKIP() << "SoftHSM is not installed";
    token_.emplace();
  }
  Error refused(std::string_view key, std::string_view pin = "1234") const {
    const auto opened = SigningToken::open(token_->name(key), pin);
    EXPECT_FALSE(opened) << key;
    return opened ? Error{} : opened.error();
  }

  std::optional<TokenForTest> token_;
};

TEST_F(SigningTokenTest, SignsWithEitherCurve) {
  for (const auto& [name, algorithm] : {std::pair("p256", crypto::SignatureAlgorithm::kEs256),
                                        std::pair("ed25519", crypto::SignatureAlgorithm::kEdDsa)}) {
    auto key = SigningToken::open(token_->name(name), "1234");
    ASSERT_TRUE(key) << name << key.error().message;
    const SigningToken moved = *std::move(key);
    for (const std::string& message :
         {std::string("a bundle"), std::string(), std::string(9'000, 'x')}) {
      const auto signature = moved.sign(message);
      ASSERT_TRUE(signature) << name << signature.error().message;
      EXPECT_TRUE(moved.public_key().verify(algorithm, message, *signature)) << name;
      EXPECT_FALSE(moved.public_key().verify(algorithm, message + "x", *signature)) << name;
    }
  }
}

TEST_F(SigningTokenTest, RefusesWhatIsNoKeyToSignWith) {
  EXPECT_EQ(refused("nowhere").code, ErrorCode::kNotFound);
  EXPECT_EQ(refused("first").code, ErrorCode::kNotFound) << "an AES key";
  EXPECT_EQ(refused("p384").code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(refused("p256", "4321").code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(refused("p256", "4321").message.find("4321"), std::string::npos);
  TokenKeyName name = token_->name("p256");
  name.token = "other";
  EXPECT_EQ(SigningToken::open(name, "1234").error().code, ErrorCode::kNotFound);
  name.module = "/nowhere.so";
  EXPECT_EQ(SigningToken::open(name, "1234").error().code, ErrorCode::kNotFound);
}

TEST(TokenAddress, IsAPkcs11Uri) {
  const auto address = parse_token_address(
      "pkcs11:token=Ward%20keys;object=signer;type=private?module-path=/usr/lib/x.so&"
      "pin-source=file:/etc/pin");
  ASSERT_TRUE(address) << address.error().message;
  EXPECT_EQ(address->name.token, "Ward keys");
  EXPECT_EQ(address->name.key, "signer");
  EXPECT_EQ(address->name.module, "/usr/lib/x.so");
  EXPECT_EQ(address->pin_file, "/etc/pin");
}

TEST(TokenAddress, RefusesWhatIsMissingUnknownOrTwice) {
  const auto fault = [](std::string_view uri) {
    const auto address = parse_token_address(uri);
    EXPECT_FALSE(address) << uri;
    return address ? "" : address.error().message;
  };
  const std::string good = "pkcs11:token=t;object=o?module-path=m&pin-source=p";
  ASSERT_TRUE(parse_token_address(good));
  fault("");
  fault("file:/key.pem");
  fault("pkcs11:");
  fault("pkcs11:token=t;object=o");
  fault("pkcs11:token=t?module-path=m&pin-source=p");
  fault("pkcs11:token=;object=o?module-path=m&pin-source=p");
  fault("pkcs11:token=t;token=u;object=o?module-path=m&pin-source=p");
  fault("pkcs11:token=t;object=o;serial=1?module-path=m&pin-source=p");
  fault("pkcs11:token=t;object=o;type=public?module-path=m&pin-source=p");
  fault("pkcs11:token=t;object=o;module-path=m?pin-source=p");
  fault(good + "&module-path=n");
  fault(good + "&pin-source=%2");
  fault("pkcs11:token=%zz;object=o?module-path=m&pin-source=p");
  fault("pkcs11:token=%0a;object=o?module-path=m&pin-source=p");
  fault("pkcs11:token=%ff;object=o?module-path=m&pin-source=p");
  const std::string said = fault(good + "&pin-value=1234");
  EXPECT_EQ(said.find("1234"), std::string::npos);
  EXPECT_NE(said.find("pin-source"), std::string::npos);
}

}  // namespace
}  // namespace wardlock::hsm
