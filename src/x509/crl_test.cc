#include "x509/crl.h"

#include <gtest/gtest.h>

#include "x509/authority_for_test.h"

namespace wardlock::x509 {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// An authority with a card that is good and one that was lost.
struct Site {
  AuthorityForTest authority{"hospital"};
  IssuedForTest good = authority.issue("good");
  IssuedForTest lost = authority.issue("lost");

  Site() { authority.revoke(lost); }
};
Site& site() {
  static Site site;
  return site;
}

VerifiedCrl verified(const std::string& der, const AuthorityForTest& by) {
  return verify_crl(Crl::from_der(der).value(), by.certificate()).value();
}

/// Why a list is not read, or not believed.
std::string refusal(const std::string& der) {
  const auto read = Crl::from_der(der);
  if (!read) return read.error().message;
  const auto held = verify_crl(*read, site().authority.certificate());
  return held ? "" : held.error().message;
}

TEST(Crl, TellsTheRevokedFromTheOthers) {
  const VerifiedCrl crl = verified(site().authority.crl(), site().authority);
  EXPECT_TRUE(crl.status_of(site().good.certificate, now()).is_good());
  const RevocationStatus status = crl.status_of(site().lost.certificate, now());
  EXPECT_TRUE(status.is_revoked());
  EXPECT_EQ(status.reason, RevocationReason::kKeyCompromise);
  EXPECT_LE(status.since, now());
  EXPECT_GE(status.since, now() - minutes(10));
}

TEST(Crl, SaysWhyEachWasRevoked) {
  AuthorityForTest authority("reasons");
  for (const auto& [text, reason] : {
           std::pair("unspecified", RevocationReason::kUnspecified),
           std::pair("CACompromise", RevocationReason::kCaCompromise),
           std::pair("affiliationChanged", RevocationReason::kAffiliationChanged),
           std::pair("superseded", RevocationReason::kSuperseded),
           std::pair("cessationOfOperation", RevocationReason::kCessationOfOperation),
           std::pair("certificateHold", RevocationReason::kCertificateHold),
       }) {
    const IssuedForTest issued = authority.issue(text);
    authority.revoke(issued, text);
    const VerifiedCrl crl = verified(authority.crl(), authority);
    EXPECT_EQ(crl.status_of(issued.certificate, now()).reason, reason) << text;
    EXPECT_FALSE(to_string(reason).empty());
  }
}

TEST(Crl, CountsInItsTimeAlone) {
  const VerifiedCrl crl = verified(site().authority.crl("-crlhours 2"), site().authority);
  const Certificate& good = site().good.certificate;
  EXPECT_TRUE(crl.status_of(good, now() + hours(2)).is_good());  // clocks may differ
  EXPECT_EQ(crl.status_of(good, now() + hours(2) + minutes(6)).kind,
            RevocationStatus::Kind::kUnknown);
  EXPECT_TRUE(crl.status_of(good, now() - minutes(4)).is_good());
  const RevocationStatus early = crl.status_of(good, now() - minutes(6));
  EXPECT_EQ(early.kind, RevocationStatus::Kind::kUnknown);
  EXPECT_NE(early.why.find("of the future"), std::string::npos) << early.why;
  // The grace is asked for; a skew of more than an hour is no skew.
  EXPECT_TRUE(crl.status_of(good, now() + hours(5), {.grace = hours(4)}).is_good());
  EXPECT_FALSE(crl.status_of(good, now() + hours(7), {.grace = hours(4)}).is_good());
  EXPECT_FALSE(crl.status_of(good, now() + hours(4), {.skew = hours(24)}).is_good());
}

TEST(Crl, WhatWasRevokedStaysSoWhenTheListIsOld) {
  AuthorityForTest authority("old");
  const IssuedForTest lost = authority.issue("lost");
  const IssuedForTest held = authority.issue("held");
  authority.revoke(lost);
  authority.revoke(held, "certificateHold");
  const VerifiedCrl crl = verified(authority.crl("-crlhours 1"), authority);
  EXPECT_TRUE(crl.status_of(lost.certificate, now() + hours(100)).is_revoked());
  EXPECT_TRUE(crl.status_of(held.certificate, now()).is_revoked());
  EXPECT_EQ(crl.status_of(held.certificate, now() + hours(100)).kind,
            RevocationStatus::Kind::kUnknown);
}

TEST(Crl, IsOfItsIssuerAlone) {
  // Of the same name, so that only the key tells them apart.
  AuthorityForTest twin("hospital");
  AuthorityForTest other("elsewhere");
  EXPECT_EQ(refusal(other.crl()), "the CRL is of another issuer");
  EXPECT_EQ(refusal(twin.crl()), "the CRL was signed with another key than the authority's");
  EXPECT_EQ(refusal(twin.crl("-crldays 1", "issuerAltName=DNS:x")),
            "the CRL's signature is not its issuer's");
  const VerifiedCrl crl = verified(site().authority.crl(), site().authority);
  for (AuthorityForTest* each : {&twin, &other}) {
    const IssuedForTest issued = each->issue("somebody");
    const RevocationStatus status = crl.status_of(issued.certificate, now());
    EXPECT_EQ(status.kind, RevocationStatus::Kind::kUnknown);
    EXPECT_NE(status.why.find("another issuer"), std::string::npos) << status.why;
  }
}

TEST(Crl, IsSignedByWhoMaySignLists) {
  const AuthorityForTest weak("weak", "critical,keyCertSign");
  const auto held = verify_crl(Crl::from_der(weak.crl()).value(), weak.certificate());
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message, "the CRL's issuer may not sign CRLs");
  AuthorityForTest authority("authority");
  const IssuedForTest person =
      authority.issue("authority", "basicConstraints=critical,CA:FALSE\nkeyUsage=cRLSign");
  const auto by_person =
      verify_crl(Crl::from_der(authority.crl("-crldays 1", "issuerAltName=DNS:x")).value(),
                 person.certificate);
  ASSERT_FALSE(by_person);
  EXPECT_EQ(by_person.error().message, "the CRL's issuer is no authority");
}

TEST(Crl, WeakSignaturesDoNotCount) {
  EXPECT_EQ(refusal(site().authority.crl("-crldays 1 -md sha1")),
            "the CRL's signature is of a kind that is not taken");
}

TEST(Crl, PssCountsWithOneHashAndASaltOfItsLength) {
  AuthorityForTest authority("pss", "critical,keyCertSign,cRLSign", "rsa:2048");
  const auto told = [&](const std::string& options) {
    const auto read =
        Crl::from_der(authority.crl("-crldays 1 -sigopt rsa_padding_mode:pss " + options));
    const auto held = verify_crl(read.value(), authority.certificate());
    return held ? "" : held.error().message;
  };
  EXPECT_EQ(told("-md sha256 -sigopt rsa_pss_saltlen:32"), "");
  EXPECT_EQ(told("-md sha384 -sigopt rsa_pss_saltlen:48"), "");
  EXPECT_EQ(told("-md sha512 -sigopt rsa_pss_saltlen:64"), "");
  const std::string refused = "the CRL's signature is of a kind that is not taken";
  EXPECT_EQ(told("-md sha1 -sigopt rsa_pss_saltlen:20"), refused);
  EXPECT_EQ(told("-md sha256 -sigopt rsa_pss_saltlen:20"), refused);
  EXPECT_EQ(told("-md sha256 -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha1"), refused);
}

TEST(Crl, APssSignatureIsItsIssuers) {
  AuthorityForTest authority("pss", "critical,keyCertSign,cRLSign", "rsa:2048");
  std::string der = authority.crl(
      "-crldays 1 -md sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32");
  der.back() = static_cast<char>(der.back() ^ 1);
  const auto held = verify_crl(Crl::from_der(der).value(), authority.certificate());
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().message, "the CRL's signature is not its issuer's");
}

TEST(Crl, WhatIsNotUnderstoodIsRefused) {
  const auto with = [](const std::string& extensions) {
    return refusal(site().authority.crl("-crldays 1", extensions));
  };
  EXPECT_EQ(with("2.5.29.27=critical,DER:020101"),
            "a delta CRL is not taken: the complete one is wanted");
  EXPECT_EQ(with("2.5.29.27=DER:020101"), "a delta CRL is not taken: the complete one is wanted");
  EXPECT_EQ(with("1.2.3.4=critical,DER:0500"),
            "a CRL has the critical extension 1.2.3.4, which is not understood");
  EXPECT_EQ(with("1.2.3.4=DER:0500"), "");
  EXPECT_EQ(with("issuingDistributionPoint=critical,@point\n[point]\nindirectCRL=TRUE"),
            "an indirect CRL is not taken: one of the certificates' own issuer is wanted");
  EXPECT_EQ(with("issuingDistributionPoint=critical,@point\n[point]\n"
                 "onlysomereasons=keyCompromise"),
            "a CRL for some reasons alone is not taken: one for all of them is wanted");
  EXPECT_EQ(with("issuingDistributionPoint=critical,@point\n[point]\nonlyuser=TRUE\nonlyCA=TRUE"),
            "a CRL is for two kinds of certificates alone");
  EXPECT_EQ(with("2.5.29.28=critical,DER:0500"), "a CRL's issuing distribution point is malformed");
}

TEST(Crl, AnEntryThatIsNotUnderstoodIsRefused) {
  const auto with = [](const std::string& oid, std::string_view value) {
    return refusal(site().authority.crl_with_entry(site().lost, oid, value));
  };
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(with("2.5.29.21", "\x0A\x01\x01"), "");  // a reason
  EXPECT_EQ(with("2.5.29.21", "\x0A\x01\x07"), "7 is no reason of a revocation that is known");
  EXPECT_EQ(with("2.5.29.21", "\x0A\x01\x08"), "8 is no reason of a revocation that is known");
  EXPECT_EQ(with("2.5.29.21", "\x05\x00"sv), "the reason of a CRL's entry is malformed");
  EXPECT_EQ(with("2.5.29.29", "\x30\x00"sv),
            "an entry of a CRL names an issuer of its own: an indirect CRL is not taken");
  EXPECT_EQ(with("1.2.3.4", "\x05\x00"sv),
            "an entry of a CRL has the critical extension 1.2.3.4, which is not understood");
}

TEST(Crl, IsForTheCertificatesItNames) {
  const auto status = [](const std::string& point, const Certificate& of) {
    return verified(
               site().authority.crl("-crldays 1",
                                    "issuingDistributionPoint=critical,@point\n[point]\n" + point),
               site().authority)
        .status_of(of, now());
  };
  const Certificate& good = site().good.certificate;
  EXPECT_TRUE(status("onlyuser=TRUE", good).is_good());
  EXPECT_EQ(status("onlyCA=TRUE", good).why, "the CRL is for certificates of authorities alone");
  EXPECT_EQ(status("onlyAA=TRUE", good).why, "the CRL is for attribute certificates alone");
  EXPECT_EQ(status("onlyuser=TRUE", site().authority.certificate()).why,
            "the CRL is not for certificates of authorities");
  const IssuedForTest named =
      site().authority.issue("named", "crlDistributionPoints=URI:http://pki/one.crl");
  EXPECT_TRUE(status("fullname=URI:http://pki/one.crl", named.certificate).is_good());
  EXPECT_EQ(status("fullname=URI:http://pki/two.crl", named.certificate).why,
            "the CRL is of another distribution point than the certificate names");
  EXPECT_FALSE(status("fullname=URI:http://pki/one.crl", good).is_good());  // which names none
}

TEST(Crl, WhatIsNoCrlIsRefused) {
  const std::string der = site().authority.crl();
  EXPECT_EQ(refusal(""), "a CRL is not X.509 in DER");
  EXPECT_EQ(refusal(der.substr(0, der.size() - 1)), "a CRL is not X.509 in DER");
  EXPECT_EQ(refusal(der + "x"), "something follows a CRL");
  EXPECT_EQ(refusal(site().good.certificate.der()), "a CRL is not X.509 in DER");
  EXPECT_NE(refusal(std::string(Crl::kMaxBytes + 1, 'x')).find("at most"), std::string::npos);
  std::string first_version = der;
  const std::size_t version = der.find(std::string_view("\x02\x01\x01"));
  ASSERT_NE(version, std::string::npos);
  first_version[version + 2] = '\0';
  EXPECT_EQ(refusal(first_version), "a CRL has not version 2");
  std::string changed = der;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_EQ(refusal(changed), "the CRL's signature is not its issuer's");
}

TEST(Crl, NamesOneAlgorithm) {
  // ecdsa-with-SHA256 ends 04 03 02; outside of what is signed it becomes ecdsa-with-SHA384.
  std::string der = site().authority.crl();
  const std::size_t outer = der.rfind("\x2A\x86\x48\xCE\x3D\x04\x03\x02");
  ASSERT_NE(outer, std::string::npos);
  der[outer + 7] = '\x03';
  EXPECT_EQ(refusal(der), "a CRL names two algorithms of its signature");
}

}  // namespace
}  // namespace wardlock::x509
