#include "directory/ldap/simple_bind.h"

#include <gtest/gtest.h>

namespace wardlock::directory {
namespace {

std::string verdict(const BindAnswer& answer, LdapFlavour flavour = LdapFlavour::kStandard) {
  const auto found = verdict_of(answer, flavour);
  return found ? std::string(to_string(*found)) : "none";
}
std::string windows(const std::string& number) {
  return verdict({.code = LDAP_INVALID_CREDENTIALS,
                  .diagnostic = "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext "
                                "error, data " +
                                number + ", v1db1"},
                 LdapFlavour::kActiveDirectory);
}

TEST(Verdict, FollowsTheCode) {
  EXPECT_EQ(verdict({.code = LDAP_SUCCESS, .diagnostic = {}}), "right");
  EXPECT_EQ(verdict({.code = LDAP_INVALID_CREDENTIALS, .diagnostic = {}}), "wrong");
  EXPECT_EQ(verdict({.code = LDAP_NO_SUCH_OBJECT, .diagnostic = {}}), "wrong");
  EXPECT_EQ(verdict({.code = LDAP_INAPPROPRIATE_AUTH, .diagnostic = {}}), "wrong");
  // Whatever else it says, nobody gets in, and it is not the password's fault.
  for (const int code :
       {LDAP_REFERRAL, LDAP_BUSY, LDAP_UNAVAILABLE, LDAP_OTHER, LDAP_UNWILLING_TO_PERFORM,
        LDAP_CONFIDENTIALITY_REQUIRED, LDAP_SASL_BIND_IN_PROGRESS, LDAP_STRONG_AUTH_REQUIRED}) {
    EXPECT_EQ(verdict({.code = code, .diagnostic = {}}), "none") << code;
  }
}

TEST(Verdict, ThePolicyCountsBeforeTheCode) {
  EXPECT_EQ(
      verdict({.code = LDAP_INVALID_CREDENTIALS, .diagnostic = {}, .policy = PP_passwordExpired}),
      "expired");
  EXPECT_EQ(
      verdict({.code = LDAP_INVALID_CREDENTIALS, .diagnostic = {}, .policy = PP_accountLocked}),
      "locked");
  EXPECT_EQ(verdict({.code = LDAP_SUCCESS, .diagnostic = {}, .policy = PP_changeAfterReset}),
            "must_change");
  EXPECT_EQ(verdict({.code = LDAP_SUCCESS, .diagnostic = {}, .policy = PP_passwordExpired}),
            "expired");
}

TEST(Verdict, WindowsSaysItInItsMessage) {
  EXPECT_EQ(windows("52e"), "wrong");
  EXPECT_EQ(windows("525"), "wrong");
  EXPECT_EQ(windows("532"), "expired");
  EXPECT_EQ(windows("773"), "must_change");
  EXPECT_EQ(windows("775"), "locked");
  for (const char* number : {"530", "531", "533", "701"}) EXPECT_EQ(windows(number), "disabled");
  EXPECT_EQ(windows("5320"), "wrong");
  EXPECT_EQ(verdict({.code = LDAP_INVALID_CREDENTIALS, .diagnostic = ", data 532, v1"}), "wrong");
}

}  // namespace
}  // namespace wardlock::directory
