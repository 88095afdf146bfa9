#include "authn/otp/enrolment.h"

#include <gtest/gtest.h>

namespace wardlock::authn {
namespace {

const Secret& secret() {
  static const Secret secret("12345678901234567890");
  return secret;
}

TEST(OtpEnrolment, UriIsWhatAppsRead) {
  EXPECT_EQ(
      otpauth_uri(secret(), {.issuer = "Wardlock St. Mary", .account = "m\u00E9d@ward", .form = {}})
          .reveal(),
      "otpauth://totp/Wardlock%20St.%20Mary:m%C3%A9d%40ward"
      "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Wardlock%20St.%20Mary"
      "&algorithm=SHA1&digits=6&period=30");
}

TEST(OtpEnrolment, CodesThatAreCountedSayWhereTheyBegin) {
  EXPECT_EQ(
      otpauth_uri(secret(), {.issuer = "W", .account = "a", .form = {}, .counter = 0}).reveal(),
      "otpauth://hotp/W:a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=W&algorithm=SHA1"
      "&digits=6&counter=0");
}

TEST(OtpEnrolment, NothingBreaksOutOfTheUri) {
  const Secret uri =
      otpauth_uri(secret(), {.issuer = "a&secret=x#", .account = "b?/%\n\"<>", .form = {}});
  EXPECT_TRUE(uri.reveal().contains("a%26secret%3Dx%23:b%3F%2F%25%0A%22%3C%3E?secret=GEZD"));
}

TEST(OtpEnrolment, SecretIsTypedInGroups) {
  EXPECT_EQ(typed_secret(secret()).reveal(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
}

TEST(OtpEnrolment, QrIsAnSvgWithoutText) {
  const Secret svg = qr_svg(otpauth_uri(secret(), {.issuer = "W", .account = "a", .form = {}}));
  EXPECT_TRUE(svg.reveal().starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.reveal().ends_with("/></svg>"));
  EXPECT_FALSE(svg.reveal().contains("GEZD"));
}

}  // namespace
}  // namespace wardlock::authn
