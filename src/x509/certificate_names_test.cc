#include "x509/certificate_names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "x509/authority_for_test.h"

namespace wardlock::x509 {
namespace {

using Texts = std::vector<std::string>;

AuthorityForTest& authority() {
  static AuthorityForTest authority("Hospital, CA");
  return authority;
}
Certificate saying(const std::string& extensions) {
  return authority().issue("card", extensions).certificate;
}
std::string refusal(const std::string& extensions) {
  const auto names = alternative_names(saying(extensions));
  return names ? "" : names.error().message;
}

constexpr char kFascN[] = "d4e739da739ced39ce739da1685a1082108ce73984119257fc";

TEST(AlternativeNames, AreReadByTheirKinds) {
  const auto names = alternative_names(
      saying("subjectAltName=@names\n[names]\nemail.1=a@b.example\nemail.2=c@b.example\n"
             "URI.1=urn:uuid:00000000-0000-4000-8000-000000000001\n"
             "otherName.1=1.3.6.1.4.1.311.20.2.3;UTF8:grey@st-mary\nDNS.1=x.example\n"
             "otherName.2=2.16.840.1.101.3.6.6;FORMAT:HEX,OCTETSTRING:" +
             std::string(kFascN) + "\notherName.3=1.2.3.4;UTF8:else"));
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_EQ(names->emails, (Texts{"a@b.example", "c@b.example"}));
  EXPECT_EQ(names->uris, Texts{"urn:uuid:00000000-0000-4000-8000-000000000001"});
  EXPECT_EQ(names->principals, Texts{"grey@st-mary"});
  EXPECT_EQ(names->fasc_ns, Texts{kFascN});
  EXPECT_TRUE(alternative_names(saying(""))->emails.empty());
}

TEST(AlternativeNames, ThatDeceiveAreRefused) {
  // In DER by hand: OpenSSL's configuration would not write what is wrong.
  const auto principal = [](const std::string& hex) {
    const std::size_t size = hex.size() / 2;
    return refusal(
        fmt::format("2.5.29.17=DER:30{:02x}a0{:02x}060a2b060104018237140203a0{:02x}0c{:02x}{}",
                    size + 18, size + 16, size + 2, size, hex));
  };
  EXPECT_EQ(principal("67"), "");
  for (const char* hex : {"6700", "670a", "6720", "67e280ae", "67ff", "677f"}) {
    EXPECT_NE(principal(hex), "") << hex;
  }
  EXPECT_EQ(refusal("subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;IA5:grey"),
            "a certificate's principal name is not UTF-8");
  EXPECT_EQ(refusal("subjectAltName=@names\n[names]\n"
                    "otherName=2.16.840.1.101.3.6.6;FORMAT:HEX,OCTETSTRING:d4e7"),
            "a certificate's FASC-N is malformed");
  EXPECT_EQ(refusal("subjectAltName=email:a b@c.example"),
            "a certificate's alternative name has characters that it may not have");
  EXPECT_EQ(refusal("2.5.29.17=DER:0500"),
            "a certificate's alternative names are malformed, or there twice");
}

TEST(IssuerAndSerial, NameOneCertificate) {
  const Certificate one = saying("");
  const Certificate other = saying("");
  EXPECT_TRUE(issuer_and_serial(one).starts_with("CN=Hospital\\, CA#10")) << issuer_and_serial(one);
  EXPECT_NE(issuer_and_serial(one), issuer_and_serial(other));
}

TEST(Addresses, AreThoseOfTheCertificate) {
  const Certificate certificate = saying(
      "crlDistributionPoints=URI:http://pki.example/a.crl,URI:ldap://pki.example/a\n"
      "authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://pki.example/ca.crt,"
      "OCSP;URI:file:///etc/passwd");
  EXPECT_EQ(crl_addresses(certificate), Texts{"http://pki.example/a.crl"});
  EXPECT_EQ(ocsp_addresses(certificate), Texts{"http://ocsp.example/"});
  EXPECT_TRUE(crl_addresses(saying("")).empty());
  EXPECT_TRUE(ocsp_addresses(saying("")).empty());
  // For some reasons alone, and of somebody else.
  EXPECT_TRUE(crl_addresses(saying("crlDistributionPoints=one\n[one]\nfullname=URI:http://pki/a\n"
                                   "reasons=keyCompromise"))
                  .empty());
  EXPECT_TRUE(crl_addresses(saying("crlDistributionPoints=one\n[one]\nfullname=URI:http://pki/a\n"
                                   "CRLissuer=dirName:else\n[else]\nCN=somebody else"))
                  .empty());
}

}  // namespace
}  // namespace wardlock::x509
