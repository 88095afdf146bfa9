// The specification's own test vectors (Web Authentication Level 3, 16).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "codec/json.h"
#include "webauthn/authenticator_for_test.h"

namespace wardlock::webauthn {
namespace {

using codec::Json;

const Json& vectors() {
  static const Json json = [] {
    std::ifstream file(WARDLOCK_SOURCE_DIR "/src/webauthn/testdata/level3_vectors.json");
    std::stringstream text;
    text << file.rdbuf();
    return codec::parse_json(text.str()).value();
  }();
  return json;
}

std::string bytes(const Json& vector, std::string_view name) {
  return from_hex(vector.at(name).as_string());
}
std::string name_of(const Json& vector) { return std::string(vector.at("name").as_string()); }

constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

RelyingParty party() {
  return {.id = "example.org",
          .origins = {"https://example.org"},
          .top_origins = {"https://example.com"}};
}

AuthenticatorRules rules() {
  AuthenticatorRules rules;
  rules.demands_user_verification = false;
  rules.algorithms.push_back(SignatureAlgorithm::kEs512);
  rules.anchors = {x509::Certificate::from_der(bytes(vectors(), "anchor")).value()};
  return rules;
}

Outcome<Credential> registered(const Json& vector, const AuthenticatorRules& which,
                               const RelyingParty& whose = party()) {
  const std::string id = bytes(vector, "credentialId");
  const std::string client_data = bytes(vector, "clientDataJSON");
  const std::string object = bytes(vector, "attestationObject");
  const std::string challenge = bytes(vector, "challenge");
  return verify_registration(
      {.credential_id = id, .client_data_json = client_data, .attestation_object = object},
      {.party = whose, .challenge = challenge, .rules = which, .now = kNow});
}

TEST(Level3Vectors, AreRegistered) {
  for (const Json& vector : vectors().at("registrations").as_array()) {
    const std::string name = name_of(vector);
    const auto credential = registered(vector, rules());
    if (name == "AndroidKeyES256") {
      // Its lists of authorizations are empty, where 8.4 demands an origin and a purpose.
      ASSERT_FALSE(credential);
      EXPECT_EQ(credential.error().message,
                "the key was not made in the phone's keystore for signing");
      continue;
    }
    ASSERT_TRUE(credential) << name << ": " << credential.error().message;
    const bool has_certificate = !name.starts_with("None") && name != "PackedSelfES256";
    EXPECT_EQ(credential->attestation == AttestationType::kCertificate, has_certificate) << name;
    EXPECT_EQ(credential->is_attestation_trusted, has_certificate) << name;
  }
}

TEST(Level3Vectors, U2fNamesNoModel) {
  for (const Json& vector : vectors().at("registrations").as_array()) {
    const std::string name = name_of(vector);
    if (name != "FIDOU2FES256" && name != "PackedES256") continue;
    const auto credential = registered(vector, rules());
    ASSERT_TRUE(credential);
    EXPECT_EQ(credential->aaguid == Aaguid{}, name == "FIDOU2FES256");
    // The model that the authenticator's data name, unsigned, is not believed.
    AuthenticatorRules one_model = rules();
    const std::string object = bytes(vector, "attestationObject");
    const std::size_t data = object.find("authData") + 10;
    std::ranges::copy(object.substr(data + 37, 16), one_model.aaguids.emplace_back().begin());
    const auto judged = registered(vector, one_model);
    EXPECT_EQ(judged.has_value(), name == "PackedES256");
    if (!judged) {
      EXPECT_EQ(judged.error().step, Step::kAaguid);
    }
  }
}

TEST(Level3Vectors, AreNotTrustedWithoutTheirAnchor) {
  AuthenticatorRules strict = rules();
  strict.demands_trust = true;
  strict.anchors.clear();
  for (const Json& vector : vectors().at("registrations").as_array()) {
    if (name_of(vector) == "AndroidKeyES256") continue;
    const auto credential = registered(vector, strict);
    ASSERT_FALSE(credential) << name_of(vector);
    EXPECT_EQ(credential.error().step, Step::kTrust) << name_of(vector);
  }
}

TEST(Level3Vectors, FramesAreRefusedUnlessAllowed) {
  RelyingParty whose = party();
  whose.top_origins.clear();
  for (const Json& vector : vectors().at("registrations").as_array()) {
    const std::string name = name_of(vector);
    const bool is_framed = name.contains("CrossOrigin") || name.contains("TopOrigin");
    const auto credential = registered(vector, rules(), whose);
    if (is_framed) {
      EXPECT_EQ(credential.error().step, Step::kCrossOrigin) << name;
    }
  }
}

TEST(Level3Vectors, ABitThatIsTurnedIsNoticed) {
  AuthenticatorRules strict = rules();
  strict.demands_trust = true;
  for (const Json& vector : vectors().at("registrations").as_array()) {
    const std::string name = name_of(vector);
    // U2F signs neither flags nor counter nor model.
    if (name.starts_with("None") || name == "PackedSelfES256" || name == "AndroidKeyES256" ||
        name == "FIDOU2FES256") {
      continue;
    }
    const std::string id = bytes(vector, "credentialId");
    const std::string client_data = bytes(vector, "clientDataJSON");
    const std::string challenge = bytes(vector, "challenge");
    std::string object = bytes(vector, "attestationObject");
    const RelyingParty whose = party();
    for (std::size_t place = 0; place < object.size(); place += 7) {
      object[place] ^= 1;
      EXPECT_FALSE(verify_registration(
          {.credential_id = id, .client_data_json = client_data, .attestation_object = object},
          {.party = whose, .challenge = challenge, .rules = strict, .now = kNow}))
          << name << ' ' << place;
      object[place] ^= 1;
    }
  }
}

TEST(Level3Vectors, SignIn) {
  std::map<std::string, Credential> known;
  for (const Json& vector : vectors().at("registrations").as_array()) {
    if (auto credential = registered(vector, rules())) known[name_of(vector)] = *credential;
  }
  const RelyingParty whose = party();
  for (const Json& vector : vectors().at("assertions").as_array()) {
    const std::string name = name_of(vector);
    if (name == "AndroidKeyES256") continue;
    const Credential& credential = known.at(name);
    EXPECT_EQ(credential.public_key, bytes(vector, "publicKey"));
    const std::string id = bytes(vector, "credentialId");
    const std::string client_data = bytes(vector, "clientDataJSON");
    const std::string data = bytes(vector, "authenticatorData");
    std::string signature = bytes(vector, "signature");
    const std::string challenge = bytes(vector, "challenge");
    const auto verify = [&] {
      return verify_assertion({.credential_id = id,
                               .client_data_json = client_data,
                               .authenticator_data = data,
                               .signature = signature,
                               .user_handle = std::nullopt},
                              credential,
                              {.party = whose,
                               .challenge = challenge,
                               .user_handle = "",
                               .is_user_known = true,
                               .demands_user_verification = false});
    };
    const auto assertion = verify();
    EXPECT_TRUE(assertion) << name << ": " << assertion.error().message;
    signature.back() ^= 1;
    EXPECT_EQ(verify().error().step, Step::kSignature) << name;
  }
}

}  // namespace
}  // namespace wardlock::webauthn
