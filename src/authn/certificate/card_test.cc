#include "authn/certificate/card.h"

#include <gtest/gtest.h>

#include "authn/certificate/site_for_test.h"

namespace wardlock::authn {
namespace {

using x509::AuthorityForTest;
using x509::IssuedForTest;

AuthorityForTest& authority() {
  static AuthorityForTest authority("Card CA");
  return authority;
}
CertificateRules rules(CertificateName name = CertificateName::kPrincipal) {
  return {.anchors = {authority().certificate()}, .name = name};
}
x509::Certificate issue(const std::string& extensions, const std::string& subject = "/CN=grey") {
  return authority().issue_to(subject, extensions).certificate;
}
/// The place, or why there is none.
std::string place(const x509::Certificate& certificate, const CertificateRules& by) {
  const auto card = read_card(shown(certificate), by, now_for_test());
  if (card) return card->place();
  EXPECT_EQ(card.error().code, ErrorCode::kUnauthenticated);
  return card.error().message;
}
std::string named(const std::string& names, CertificateName name) {
  return place(issue("extendedKeyUsage=clientAuth\nsubjectAltName=@names\n[names]\n" + names),
               rules(name));
}

constexpr char kUuid[] = "00112233-4455-6677-8899-aabbccddeeff";
constexpr char kFascN[] = "d4e739da739ced39ce739da1685a1082108ce73984119257fc";
constexpr char kPrincipalOid[] = "1.3.6.1.4.1.311.20.2.3;UTF8:";

TEST(Card, SaysWhoseItIsAndThatItHasAPin) {
  const auto card =
      read_card(shown(issue(card_extensions("Grey@St-Mary.example"))), rules(), now_for_test());
  ASSERT_TRUE(card) << card.error().message;
  EXPECT_EQ(card->place(), "upn:grey@st-mary.example");
  EXPECT_EQ(card->value(), "grey@st-mary.example");
  EXPECT_EQ(card->proof(), Proof::kSmartcard);
  ASSERT_EQ(card->path().size(), 2);
  EXPECT_EQ(card->path()[1].der(), authority().certificate().der());
}

TEST(Card, WithoutAPolicyOfCardsItIsOneFactor) {
  const auto proof = [](const std::string& extensions, const CertificateRules& by) {
    return read_card(shown(issue("extendedKeyUsage=clientAuth\nsubjectAltName=email:a@b.example\n" +
                                 extensions)),
                     by, now_for_test())
        ->proof();
  };
  CertificateRules by = rules(CertificateName::kEmail);
  EXPECT_EQ(proof("", by), Proof::kCertificate);
  EXPECT_EQ(proof("certificatePolicies=2.16.840.1.101.3.2.1.3.17", by), Proof::kCertificate);
  EXPECT_EQ(proof("certificatePolicies=2.16.840.1.101.3.2.1.3.13", by), Proof::kSmartcard);
  EXPECT_EQ(proof("certificatePolicies=1.2.3.4", by), Proof::kCertificate);
  by.card_policies = {"1.2.3.4"};
  EXPECT_EQ(proof("certificatePolicies=1.2.3.4", by), Proof::kSmartcard);
  EXPECT_EQ(proof("certificatePolicies=2.16.840.1.101.3.2.1.3.13", by), Proof::kCertificate);
}

TEST(Card, IsReadByEachOfItsNames) {
  EXPECT_EQ(named("email=Grey@B.example", CertificateName::kEmail), "email:grey@b.example");
  EXPECT_EQ(named(std::string("URI.1=https://b.example/\nURI.2=urn:uuid:") + kUuid,
                  CertificateName::kUuid),
            std::string("uuid:") + kUuid);
  EXPECT_EQ(named(std::string("otherName=2.16.840.1.101.3.6.6;FORMAT:HEX,OCTETSTRING:") + kFascN,
                  CertificateName::kFascN),
            std::string("fasc-n:") + kFascN);
  const auto subject = issue("extendedKeyUsage=clientAuth", "/CN=grey/serialNumber=4711/UID=g1");
  EXPECT_EQ(place(subject, rules(CertificateName::kSerialNumber)), "serial-number:4711");
  EXPECT_EQ(place(subject, rules(CertificateName::kUserId)), "uid:g1");
  EXPECT_TRUE(place(subject, rules(CertificateName::kIssuerAndSerial))
                  .starts_with("issuer-serial:CN=Card CA#"));
}

TEST(Card, ThatNamesNobodyOrTwoIsRefused) {
  const auto bare = issue("extendedKeyUsage=clientAuth");
  EXPECT_EQ(place(bare, rules()), "the certificate has no principal name");
  EXPECT_EQ(place(bare, rules(CertificateName::kEmail)), "the certificate has no e-mail address");
  EXPECT_EQ(place(bare, rules(CertificateName::kUuid)), "the certificate has no UUID");
  EXPECT_EQ(place(bare, rules(CertificateName::kFascN)), "the certificate has no FASC-N");
  EXPECT_EQ(place(bare, rules(CertificateName::kSerialNumber)),
            "the certificate's subject has no serial number, or more than one");
  EXPECT_EQ(place(bare, rules(CertificateName::kUserId)),
            "the certificate's subject has no user id, or more than one");
  const std::string principal = std::string("otherName.1=") + kPrincipalOid;
  EXPECT_EQ(
      named(principal + "grey\notherName.2=" + kPrincipalOid + "lee", CertificateName::kPrincipal),
      "the certificate has more than one principal name");
  EXPECT_EQ(named("email.1=a@b.example\nemail.2=c@b.example", CertificateName::kEmail),
            "the certificate has more than one e-mail address");
  EXPECT_EQ(named(std::string("URI.1=urn:uuid:") + kUuid + "\nURI.2=urn:uuid:" + kUuid,
                  CertificateName::kUuid),
            "the certificate has more than one UUID");
  EXPECT_EQ(place(issue("extendedKeyUsage=clientAuth", "/CN=a/serialNumber=1/serialNumber=2"),
                  rules(CertificateName::kSerialNumber)),
            "the certificate's subject has no serial number, or more than one");
}

TEST(Card, ARealmIsLeftOutAndDemanded) {
  CertificateRules by = rules();
  by.realm = "@St-Mary.example";
  EXPECT_EQ(place(issue(card_extensions("grey@st-mary.EXAMPLE")), by), "upn:grey");
  for (const char* other : {"grey@elsewhere.example", "grey", "@st-mary.example"}) {
    EXPECT_EQ(place(issue(card_extensions(other)), by),
              "the certificate's name is of another realm");
  }
}

TEST(Card, IsForSigningIn) {
  const auto with = [](const std::string& extensions) {
    return place(issue("subjectAltName=email:a@b.example\n" + extensions),
                 rules(CertificateName::kEmail));
  };
  EXPECT_EQ(with(""), "the certificate is not one for signing in");
  EXPECT_EQ(with("extendedKeyUsage=serverAuth"), "the certificate is not one for signing in");
  EXPECT_EQ(with("extendedKeyUsage=anyExtendedKeyUsage"),
            "the certificate is not one for signing in");
  EXPECT_EQ(with("extendedKeyUsage=clientAuth\nkeyUsage=keyEncipherment"),
            "the certificate's key is not for signatures");
  EXPECT_EQ(with("extendedKeyUsage=clientAuth\nbasicConstraints=critical,CA:TRUE\n"
                 "keyUsage=digitalSignature,keyCertSign"),
            "the certificate is one of an authority");
  EXPECT_EQ(with("extendedKeyUsage=1.3.6.1.4.1.311.20.2.2"), "email:a@b.example");
}

TEST(Card, LeadsToAnAnchor) {
  AuthorityForTest other("Card CA");  // of the same name
  const auto foreign = other.issue("grey", card_extensions("grey"));
  EXPECT_NE(place(foreign.certificate, rules()).find("no anchor"), std::string::npos);
  // What it brings along is believed in nothing.
  const auto brought =
      read_card(shown(foreign.certificate, {other.certificate()}), rules(), now_for_test());
  EXPECT_FALSE(brought);
  const auto card = issue(card_extensions("grey"));
  EXPECT_FALSE(read_card(shown(card), {.anchors = {}}, now_for_test()));
  EXPECT_FALSE(read_card(shown(card), rules(), now_for_test() + std::chrono::days(31)));
  EXPECT_FALSE(read_card(shown(card), rules(), now_for_test() - std::chrono::days(1)));
  CertificateRules itself = rules();
  itself.anchors = {card};
  EXPECT_EQ(place(card, itself), "the certificate is an anchor itself");
}

TEST(Card, WhatIsNoCertificateIsRefused) {
  net::PeerCertificate peer;
  EXPECT_FALSE(read_card(peer, rules(), now_for_test()));
  peer = shown(issue(card_extensions("grey")));
  peer.others = {"junk"};
  EXPECT_FALSE(read_card(peer, rules(), now_for_test()));
  peer.others.assign(9, authority().certificate().der());
  EXPECT_EQ(read_card(peer, rules(), now_for_test()).error().message,
            "too many certificates came with the client's");
}

TEST(Uuid, IsReadInItsFormAlone) {
  EXPECT_EQ(uuid_of_urn("URN:UUID:00112233-4455-6677-8899-AABBCCDDEEFF"), kUuid);
  for (const char* text : {"", "urn:uuid:", "00112233-4455-6677-8899-aabbccddeeff",
                           "urn:uuid:00112233-4455-6677-8899-aabbccddeef",
                           "urn:uuid:00112233-4455-6677-8899-aabbccddeeff0",
                           "urn:uuid:0011223304455-6677-8899-aabbccddeeff",
                           "urn:uuid:g0112233-4455-6677-8899-aabbccddeeff"}) {
    EXPECT_FALSE(uuid_of_urn(text)) << text;
  }
}

TEST(CertificateNames, AreFoundByTheirTexts) {
  for (const char* text :
       {"upn", "email", "uuid", "fasc-n", "serial-number", "uid", "issuer-serial"}) {
    ASSERT_TRUE(find_certificate_name(text)) << text;
    EXPECT_EQ(to_string(*find_certificate_name(text)), text);
  }
  EXPECT_FALSE(find_certificate_name("cn"));
}

}  // namespace
}  // namespace wardlock::authn
