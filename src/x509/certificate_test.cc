#include "x509/certificate.h"

#include <gtest/gtest.h>

#include "x509/certificate_for_test.h"

namespace wardlock::x509 {
namespace {

using crypto::KeyType;
using crypto::PrivateKey;

constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

const IssuerForTest& issuer() {
  static const IssuerForTest issuer("a maker");
  return issuer;
}
const PrivateKey& key() {
  static const PrivateKey key = PrivateKey::generate(KeyType::kP256);
  return key;
}
Certificate issued(const CertificateForTest& says = {}) {
  return issuer().issue(says, key().public_key());
}

TEST(Certificate, SaysWhatItSays) {
  CertificateForTest says;
  says.subject = {{"C", "AA"}, {"O", "Maker"}, {"OU", "one"}, {"OU", "two"}, {"CN", "M\u00E9d"}};
  says.extended_key_usage = "2.23.133.8.3";
  says.alternative_name = {{"2.23.133.2.1", "id:00000000"}};
  says.extensions = {{.oid = "1.2.3.4", .value = "\x05", .is_critical = true}};
  const Certificate certificate = issued(says);
  EXPECT_EQ(certificate.version(), 3);
  EXPECT_EQ(certificate.subject(NameAttribute::kCountry), "AA");
  EXPECT_EQ(certificate.subject(NameAttribute::kOrganization), "Maker");
  EXPECT_EQ(certificate.subject(NameAttribute::kCommonName), "M\u00E9d");
  EXPECT_FALSE(certificate.subject(NameAttribute::kOrganizationalUnit));  // which of the two?
  EXPECT_TRUE(certificate.is_marked_end_entity());
  EXPECT_TRUE(certificate.has_extended_key_usage("2.23.133.8.3"));
  EXPECT_FALSE(certificate.has_extended_key_usage("2.23.133.8.1"));
  EXPECT_EQ(certificate.alternative_name_attribute("2.23.133.2.1"), "id:00000000");
  EXPECT_FALSE(certificate.alternative_name_attribute("2.23.133.2.2"));
  const auto extension = certificate.extension("1.2.3.4");
  ASSERT_TRUE(extension);
  EXPECT_EQ(extension->value, "\x05");
  EXPECT_TRUE(extension->is_critical);
  EXPECT_FALSE(certificate.extension("1.2.3.5"));
  EXPECT_EQ(*certificate.public_key(), key().public_key());
}

TEST(Certificate, AnExtensionThatIsThereTwiceIsNotThere) {
  CertificateForTest says;
  says.extensions = {{.oid = "1.2.3.4", .value = "a"}, {.oid = "1.2.3.4", .value = "b"}};
  EXPECT_FALSE(issued(says).extension("1.2.3.4"));
}

TEST(Certificate, IsNoEndEntityWithoutSayingSo) {
  CertificateForTest says;
  says.has_constraints = false;
  EXPECT_FALSE(issued(says).is_marked_end_entity());
  EXPECT_FALSE(issuer().certificate().is_marked_end_entity());
}

TEST(Certificate, IsReadWholeOrNot) {
  const std::string der = issued().der();
  EXPECT_TRUE(Certificate::from_der(der));
  EXPECT_FALSE(Certificate::from_der(der + '\0'));
  for (std::size_t size = 0; size < der.size(); size += 5) {
    EXPECT_FALSE(Certificate::from_der(der.substr(0, size))) << size;
  }
  EXPECT_FALSE(Certificate::from_der(std::string((16 << 10) + 1, '0')));
}

TEST(Certificate, ItsVersionIsOneThatThereIs) {
  std::string der = issued().der();
  const std::size_t at = der.find(std::string("\xa0\x03\x02\x01\x02", 5));
  ASSERT_NE(at, std::string::npos);
  for (const char version : {'\x03', '\x7f', '\xff'}) {
    der[at + 4] = version;
    EXPECT_FALSE(Certificate::from_der(der)) << static_cast<int>(version);
  }
}

TEST(Certificate, ItsNamesAreTexts) {
  CertificateForTest says;
  says.subject = {{"CN", "M\u00E9d"}};
  std::string der = issued(says).der();
  const std::size_t at = der.find("M\u00E9d");
  ASSERT_NE(at, std::string::npos);
  constexpr char kUniversalString = 0x1c;  // whose one character would be U+4DC3A964
  der[at - 2] = kUniversalString;
  EXPECT_FALSE(Certificate::from_der(der)) << "or nobody could say whose it is";
  der = issued(says).der();
  der[der.find("M\u00E9d") + 1] = '\xff';
  EXPECT_FALSE(Certificate::from_der(der));
}

}  // namespace
}  // namespace wardlock::x509
