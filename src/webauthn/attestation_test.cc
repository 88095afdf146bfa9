// Each demand of the attestation formats, with a statement that is right but for it.
#include <gtest/gtest.h>

#include <functional>

#include "codec/cbor.h"
#include "crypto/digest.h"
#include "webauthn/attestation.h"
#include "webauthn/authenticator_for_test.h"
#include "x509/certificate_for_test.h"

namespace wardlock::webauthn {
namespace {

using crypto::KeyType;
using crypto::PrivateKey;
using x509::CertificateForTest;

std::string der(std::uint8_t tag, std::string_view contents) {
  std::string out(1, static_cast<char>(tag));
  if (contents.size() >= 0x80) out += '\x81';
  return out.append(1, static_cast<char>(contents.size())).append(contents);
}

const x509::IssuerForTest& maker() {
  static const x509::IssuerForTest maker("a maker");
  return maker;
}

/// An attestation by certificate, whose parts a test may change before it is verified.
struct Statement {
  TestAuthenticator authenticator;
  PrivateKey attestation_key = PrivateKey::generate(KeyType::kP256);
  std::string client_data_hash = std::string(32, 'h');
  CertificateForTest says;
  /// The certificate is for the credential's own key.
  bool is_for_credential = false;
  std::vector<std::pair<std::string, std::string>> members;
  std::string format;

  std::string data() const { return authenticator.authenticator_data(true); }
  const PrivateKey& certified() const {
    return is_for_credential ? authenticator.key() : attestation_key;
  }
  std::string sign(std::string_view text) const {
    return certified().sign(SignatureAlgorithm::kEs256, text);
  }
  void set(std::string_view name, std::string value) {
    std::erase_if(members, [&](const auto& member) { return member.first == cbor_text(name); });
    members.emplace_back(cbor_text(name), std::move(value));
  }
  void add_chain(int copies = 1) {
    const x509::Certificate certificate = maker().issue(says, certified().public_key());
    std::string list(1, static_cast<char>(0x80 | copies));
    for (int i = 0; i < copies; ++i) list += cbor_bytes(certificate.der());
    set("x5c", list);
  }

  /// Why it is refused; "" where it is not.
  std::string refusal() const {
    const std::string bytes = data();
    const AuthenticatorData parsed = read_authenticator_data(bytes).value();
    const std::string cose = authenticator.cose_key();
    const CredentialKey key = read_cose_key(codec::parse_cbor(cose).value()).value();
    const std::string map = cbor_map(members);
    const codec::Cbor statement = codec::parse_cbor(map).value();
    const auto verified = verify_attestation({.format = format,
                                              .statement = statement,
                                              .authenticator_data = bytes,
                                              .parsed = parsed,
                                              .key = key,
                                              .client_data_hash = client_data_hash});
    if (!verified) return verified.error().message;
    EXPECT_EQ(verified->type, AttestationType::kCertificate);
    EXPECT_FALSE(verified->chain.empty());
    return "";
  }
};

constexpr std::string_view kAaguidExtension = "1.3.6.1.4.1.45724.1.1.4";

Statement packed(const std::function<void(CertificateForTest&)>& change = [](auto&) {}) {
  Statement statement;
  statement.format = "packed";
  statement.says.subject = {
      {"C", "AA"}, {"O", "Maker"}, {"OU", "Authenticator Attestation"}, {"CN", "Model"}};
  change(statement.says);
  statement.add_chain();
  statement.set("alg", cbor_integer(-7));
  statement.set("sig", cbor_bytes(statement.sign(statement.data() + statement.client_data_hash)));
  return statement;
}

TEST(PackedAttestation, IsTaken) {
  EXPECT_EQ(packed().refusal(), "");
  EXPECT_EQ(packed([](auto& says) {
              says.extensions = {
                  {.oid = std::string(kAaguidExtension), .value = der(0x04, "a model's name!!")}};
            }).refusal(),
            "");
}

TEST(PackedAttestation, DemandsACertificateAsTheStandardHasIt) {
  using Change = std::function<void(CertificateForTest&)>;
  const std::pair<std::string_view, Change> changes[] = {
      {"lacks C, O or CN", [](auto& says) { says.subject.erase(says.subject.begin()); }},
      {"lacks C, O or CN", [](auto& says) { says.subject[0].second = "aa"; }},
      {"lacks C, O or CN", [](auto& says) { says.subject.erase(says.subject.begin() + 1); }},
      {"lacks C, O or CN", [](auto& says) { says.subject.pop_back(); }},
      {"unit is not", [](auto& says) { says.subject[2].second = "Authenticator attestation"; }},
      {"may sign", [](auto& says) { says.is_ca = true; }},
      {"may sign", [](auto& says) { says.has_constraints = false; }},
      {"another model",
       [](auto& says) {
         says.extensions = {
             {.oid = std::string(kAaguidExtension), .value = der(0x04, "another's name!!")}};
       }},
      {"is critical",
       [](auto& says) {
         says.extensions = {{.oid = std::string(kAaguidExtension),
                             .value = der(0x04, "a model's name!!"),
                             .is_critical = true}};
       }},
      {"not of version 3",
       [](auto& says) {
         says.version = 1;
         says.has_constraints = false;
       }},
  };
  for (const auto& [why, change] : changes) {
    EXPECT_TRUE(packed(change).refusal().contains(why)) << why << ": " << packed(change).refusal();
  }
}

TEST(PackedAttestation, DemandsItsParts) {
  Statement statement = packed();
  statement.client_data_hash = std::string(32, 'x');
  EXPECT_TRUE(statement.refusal().contains("not signed with its certificate's key"));
  statement = packed();
  statement.set("alg", cbor_integer(-65535));  // RS1
  EXPECT_TRUE(statement.refusal().contains("no `alg` that is taken"));
  statement = packed();
  statement.set("sig", cbor_text("text"));
  EXPECT_TRUE(statement.refusal().contains("no bytes `sig`"));
  statement = packed();
  statement.set("x5c", "\x80");
  EXPECT_TRUE(statement.refusal().contains("1 to 8 certificates"));
  statement.add_chain(9);
  EXPECT_TRUE(statement.refusal().contains("1 to 8 certificates"));
  statement.set("x5c", std::string("\x81") + cbor_bytes("damaged"));
  EXPECT_TRUE(statement.refusal().contains("not X.509"));
}

Statement u2f() {
  Statement statement;
  statement.format = "fido-u2f";
  const auto point = statement.authenticator.key().public_key().point();
  const std::string data = statement.data();
  statement.add_chain();
  statement.set("sig", cbor_bytes(statement.sign(
                           std::string(1, '\0') + data.substr(0, 32) + statement.client_data_hash +
                           statement.authenticator.credential_id + '\x04' + point.x + point.y)));
  return statement;
}

TEST(U2fAttestation, IsTakenAndRefused) {
  EXPECT_EQ(u2f().refusal(), "");
  Statement statement = u2f();
  statement.add_chain(2);
  EXPECT_TRUE(statement.refusal().contains("one certificate"));
  statement = u2f();
  statement.authenticator.credential_id = "another's own id.";
  EXPECT_TRUE(statement.refusal().contains("not signed"));
  statement = u2f();
  statement.authenticator = TestAuthenticator(KeyType::kEd25519, SignatureAlgorithm::kEdDsa);
  EXPECT_TRUE(statement.refusal().contains("not on P-256"));
}

Statement apple(std::string_view nonce = "") {
  Statement statement;
  statement.format = "apple";
  statement.is_for_credential = true;
  const std::string made =
      crypto::digest(crypto::HashAlgorithm::kSha256, statement.data() + statement.client_data_hash);
  statement.says.extensions = {
      {.oid = "1.2.840.113635.100.8.2",
       .value = der(0x30, der(0xA1, der(0x04, nonce.empty() ? made : nonce)))}};
  statement.add_chain();
  return statement;
}

TEST(AppleAttestation, IsTakenAndRefused) {
  EXPECT_EQ(apple().refusal(), "");
  EXPECT_TRUE(apple("another").refusal().contains("another ceremony"));
  Statement statement = apple();
  statement.says.extensions.clear();
  statement.add_chain();
  EXPECT_TRUE(statement.refusal().contains("no nonce"));
  statement = apple();
  statement.is_for_credential = false;
  statement.add_chain();
  EXPECT_TRUE(statement.refusal().contains("not for the credential's key"));
}

/// Authorizations of Android: purposes [1], all applications [600], origin [702].
struct Authorizations {
  std::string purpose = "\xA1\x05\x31\x03\x02\x01\x02";
  std::string all_applications = {};
  std::string origin = std::string("\xBF\x85\x3E\x03\x02\x01\x00", 7);
};

Statement android(const Authorizations& list = {}, std::string_view challenge = "") {
  Statement statement;
  statement.format = "android-key";
  statement.is_for_credential = true;
  const std::string number = der(0x02, "\x03");
  const std::string level = der(0x0A, "\x01");
  statement.says.extensions = {
      {.oid = "1.3.6.1.4.1.11129.2.1.17",
       .value =
           der(0x30, number + level + number + level +
                         der(0x04, challenge.empty() ? statement.client_data_hash : challenge) +
                         der(0x04, "") + der(0x30, "") +
                         der(0x30, list.purpose + list.all_applications + list.origin))}};
  statement.add_chain();
  statement.set("alg", cbor_integer(-7));
  statement.set("sig", cbor_bytes(statement.sign(statement.data() + statement.client_data_hash)));
  return statement;
}

TEST(AndroidKeyAttestation, IsTakenAndRefused) {
  EXPECT_EQ(android().refusal(), "");
  EXPECT_TRUE(android({}, "another").refusal().contains("another ceremony"));
  EXPECT_TRUE(android({.all_applications = std::string("\xBF\x84\x58\x02\x05\x00", 6)})
                  .refusal()
                  .contains("every application"));
  EXPECT_TRUE(android({.origin = "\xBF\x85\x3E\x03\x02\x01\x02"})  // imported
                  .refusal()
                  .contains("not made in the phone's keystore"));
  EXPECT_TRUE(android({.purpose = "\xA1\x05\x31\x03\x02\x01\x03"})  // to verify
                  .refusal()
                  .contains("not made in the phone's keystore"));
  Statement statement = android();
  statement.set("sig", cbor_bytes("x"));
  EXPECT_TRUE(statement.refusal().contains("not signed"));
  statement = android();
  statement.says.extensions.clear();
  statement.add_chain();
  EXPECT_TRUE(statement.refusal().contains("no description"));
  statement = android();
  statement.is_for_credential = false;
  statement.add_chain();
  statement.set("sig", cbor_bytes(statement.sign(statement.data() + statement.client_data_hash)));
  EXPECT_TRUE(statement.refusal().contains("not for the credential's key"));
}

std::string sized(std::string_view bytes) {
  return std::string{static_cast<char>(bytes.size() >> 8), static_cast<char>(bytes.size() & 0xFF)}
      .append(bytes);
}

/// What a TPM says; a test changes one part of it.
struct Tpm {
  std::string version = "2.0";
  std::string magic = "\xFFTCG";
  std::string type = "\x80\x17";
  std::string symmetric = std::string("\x00\x10", 2);
  std::string extra = {};       ///< instead of the right one
  std::string name = {};        ///< instead of the right one
  std::string after_info = {};  ///< behind `certInfo`
  bool is_other_key = false;    ///< the TPM's key is not the credential's
  std::function<void(CertificateForTest&)> change = [](auto&) {};

  std::string refusal() const {
    Statement statement;
    statement.format = "tpm";
    statement.says.subject.clear();
    statement.says.extended_key_usage = "2.23.133.8.3";
    statement.says.alternative_name = {
        {"2.23.133.2.1", "id:FFFFF1D0"}, {"2.23.133.2.2", "model"}, {"2.23.133.2.3", "id:13"}};
    change(statement.says);
    statement.add_chain();
    const PrivateKey& key =
        is_other_key ? statement.attestation_key : statement.authenticator.key();
    const auto point = key.public_key().point();
    const std::string area = std::string("\x00\x23\x00\x0B\x00\x06\x04\x72", 8) + sized("") +
                             symmetric + std::string("\x00\x10\x00\x03\x00\x10", 6) +
                             sized(point.x) + sized(point.y);
    const std::string right_name =
        std::string("\x00\x0B", 2) + crypto::digest(crypto::HashAlgorithm::kSha256, area);
    const std::string right_extra = crypto::digest(crypto::HashAlgorithm::kSha256,
                                                   statement.data() + statement.client_data_hash);
    const std::string info = magic + type + sized("signer") +
                             sized(extra.empty() ? right_extra : extra) + std::string(25, '\0') +
                             sized(name.empty() ? right_name : name) + sized("qualified") +
                             after_info;
    statement.set("ver", cbor_text(version));
    statement.set("alg", cbor_integer(-7));
    statement.set("pubArea", cbor_bytes(area));
    statement.set("certInfo", cbor_bytes(info));
    statement.set("sig", cbor_bytes(statement.sign(info)));
    return statement.refusal();
  }
};

TEST(TpmAttestation, IsTaken) { EXPECT_EQ(Tpm().refusal(), ""); }

TEST(TpmAttestation, DemandsWhatTheTpmCertifies) {
  const auto refusal = [](const std::function<void(Tpm&)>& change) {
    Tpm tpm;
    change(tpm);
    return tpm.refusal();
  };
  EXPECT_TRUE(refusal([](auto& t) { t.version = "1.2"; }).contains("not 2.0"));
  EXPECT_TRUE(refusal([](auto& t) { t.magic = "\xFFTCX"; }).contains("not what a TPM certified"));
  EXPECT_TRUE(refusal([](auto& t) { t.type = "\x80\x18"; }).contains("not what a TPM certified"));
  EXPECT_TRUE(refusal([](auto& t) { t.extra = "another"; }).contains("another ceremony"));
  EXPECT_TRUE(refusal([](auto& t) { t.name = "another"; }).contains("another key"));
  EXPECT_TRUE(refusal([](auto& t) { t.after_info = "x"; }).contains("`certInfo`"));
  EXPECT_TRUE(refusal([](auto& t) { t.is_other_key = true; }).contains("not the credential's"));
  EXPECT_TRUE(refusal([](auto& t) {
                t.symmetric = std::string("\x00\x06", 2);
              }).contains("not one for signing"));
}

TEST(TpmAttestation, DemandsACertificateAsTheStandardHasIt) {
  const auto refusal = [](const std::function<void(CertificateForTest&)>& change) {
    return Tpm{.change = change}.refusal();
  };
  EXPECT_TRUE(refusal([](auto& c) { c.subject = {{"CN", "x"}}; }).contains("has a subject"));
  EXPECT_TRUE(refusal([](auto& c) { c.alternative_name.pop_back(); }).contains("name the TPM"));
  EXPECT_TRUE(refusal([](auto& c) {
                c.extended_key_usage = "2.23.133.8.1";
              }).contains("not for an attestation key"));
  EXPECT_TRUE(refusal([](auto& c) { c.is_ca = true; }).contains("may sign"));
}

}  // namespace
}  // namespace wardlock::webauthn
