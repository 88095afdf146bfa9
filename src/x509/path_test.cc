#include "x509/path.h"

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

/// Why a chain leads nowhere; "" where it leads to the issuer.
std::string refusal(const std::vector<Certificate>& chain, std::chrono::sys_seconds now = kNow) {
  const std::vector<Certificate> anchors = {issuer().certificate()};
  const auto verified = verify_chain(chain, anchors, now);
  return verified ? "" : verified.error().message;
}

TEST(VerifyChain, LeadsToAnAnchor) {
  EXPECT_EQ(refusal({issued()}), "");
  EXPECT_EQ(refusal({issuer().certificate()}), "");
  EXPECT_NE(refusal({IssuerForTest("a maker").issue({}, key().public_key())}), "");
  const std::vector<Certificate> chain = {issued()};
  EXPECT_FALSE(verify_chain(chain, {}, kNow));
  EXPECT_TRUE(verify_chain(chain, chain, kNow));  // itself is trusted
}

TEST(VerifyChain, OnlyACaSigns) {
  // What an end entity of ours signs.
  CertificateForTest leaf;
  leaf.subject = {{"CN", "leaf"}};
  const IssuerForTest middle("middle");
  for (const bool is_ca : {true, false}) {
    CertificateForTest says;
    says.subject = {{"CN", "middle"}};
    says.is_ca = is_ca;
    const Certificate below = middle.issue(leaf, key().public_key());
    const Certificate above = issuer().issue(says, middle.certificate().public_key().value());
    EXPECT_EQ(refusal({below, above}).empty(), is_ca);
    EXPECT_NE(refusal({below}), "");
  }
}

TEST(VerifyChain, HoldsInItsTimeOnly) {
  EXPECT_NE(refusal({issued()}, std::chrono::sys_days(std::chrono::year(2025) / 12 / 31)), "");
  EXPECT_NE(refusal({issued()}, std::chrono::sys_days(std::chrono::year(2027) / 1 / 2)), "");
}

TEST(VerifyChain, RefusesWeakSignaturesAndUnknownCriticalExtensions) {
  CertificateForTest says;
  says.uses_sha1 = true;
  EXPECT_NE(refusal({issued(says)}), "");
  CertificateForTest strange;
  strange.extensions = {{.oid = "1.2.3.4", .value = "\x05", .is_critical = true}};
  EXPECT_NE(refusal({issued(strange)}), "");
}

TEST(VerifiedPath, GoesFromTheCertificateToTheAnchor) {
  CertificateForTest authority;
  authority.subject = {{"CN", "middle"}};
  authority.is_ca = true;
  const IssuerForTest middle("middle");
  const Certificate above = issuer().issue(authority, middle.certificate().public_key().value());
  const Certificate below = middle.issue({}, key().public_key());
  const std::vector<Certificate> chain = {below, issued(), above};  // one that is not on the path
  const std::vector<Certificate> anchors = {issuer().certificate()};
  const auto path = verified_path(chain, anchors, kNow);
  ASSERT_TRUE(path);
  ASSERT_EQ(path->size(), 3);
  EXPECT_EQ((*path)[0].der(), below.der());
  EXPECT_EQ((*path)[1].der(), above.der());
  EXPECT_EQ((*path)[2].der(), anchors[0].der());
  EXPECT_FALSE(verified_path({&below, 1}, anchors, kNow));
}

TEST(ValidForPolicy, EachAuthorityMustAllowIt) {
  // certificatePolicies with 1.2.3.4, with 1.2.3.5, and with anyPolicy.
  const std::string four = "\x30\x07\x30\x05\x06\x03\x2A\x03\x04";
  const std::string five = "\x30\x07\x30\x05\x06\x03\x2A\x03\x05";
  const std::string any("\x30\x08\x30\x06\x06\x04\x55\x1D\x20\x00", 10);
  const auto with = [](const std::string& policies, bool is_ca, const std::string& name) {
    CertificateForTest says;
    says.subject = {{"CN", name}};
    says.is_ca = is_ca;
    if (!policies.empty()) says.extensions = {{.oid = "2.5.29.32", .value = policies}};
    return says;
  };
  const std::vector<Certificate> anchors = {issuer().certificate()};
  const IssuerForTest middle("middle");
  const auto is_valid = [&](const std::string& above, const std::string& below) {
    const std::vector<Certificate> chain = {
        middle.issue(with(below, false, "card"), key().public_key()),
        issuer().issue(with(above, true, "middle"), middle.certificate().public_key().value())};
    EXPECT_TRUE(verify_chain(chain, anchors, kNow));
    return is_valid_for_policy(chain, anchors, kNow, "1.2.3.4");
  };
  EXPECT_TRUE(is_valid(four, four));
  EXPECT_TRUE(is_valid(any, four));
  EXPECT_FALSE(is_valid(five, four));
  EXPECT_FALSE(is_valid("", four));
  EXPECT_FALSE(is_valid(four, five));
  EXPECT_FALSE(is_valid(four, ""));
  const std::vector<Certificate> direct = {issued(with(four, false, "card"))};
  EXPECT_TRUE(is_valid_for_policy(direct, anchors, kNow, "1.2.3.4"));
  EXPECT_FALSE(is_valid_for_policy(direct, anchors, kNow, "1.2.3.5"));
  EXPECT_FALSE(is_valid_for_policy(direct, anchors, kNow, "no policy"));
  EXPECT_FALSE(is_valid_for_policy(direct, {}, kNow, "1.2.3.4"));
}

}  // namespace
}  // namespace wardlock::x509
