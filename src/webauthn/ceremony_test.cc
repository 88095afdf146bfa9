// Each step of both ceremonies, with an answer that is right but for that step.
#include <gtest/gtest.h>

#include <functional>

#include "codec/cbor.h"
#include "crypto/digest.h"
#include "webauthn/authenticator_for_test.h"

namespace wardlock::webauthn {
namespace {

constexpr std::string_view kChallenge = "a challenge of ours, 32 bytes ok";
constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

const RelyingParty& party() {
  static const RelyingParty party = {
      .id = "example.org",
      .origins = {"https://example.org", "https://login.example.org"},
      .top_origins = {}};
  return party;
}

/// A registration, whose parts a test may change before it is verified.
struct Registration {
  TestAuthenticator authenticator;
  RelyingParty relying_party = party();
  AuthenticatorRules rules;
  std::string client_data = webauthn::client_data("webauthn.create", kChallenge);
  std::string format = "none";
  std::string statement = cbor_map({});
  std::string id = authenticator.credential_id;

  std::string attestation_object() const {
    return cbor_map({{cbor_text("fmt"), cbor_text(format)},
                     {cbor_text("attStmt"), statement},
                     {cbor_text("authData"),
                      cbor_bytes(authenticator.authenticator_data(/*with_credential=*/true))}});
  }
  /// Self attestation, over what the authenticator says now.
  void attest_itself(SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256) {
    const std::string text = authenticator.authenticator_data(true) +
                             crypto::digest(crypto::HashAlgorithm::kSha256, client_data);
    format = "packed";
    statement = cbor_map({{cbor_text("alg"), cbor_integer(cose_number(algorithm))},
                          {cbor_text("sig"), cbor_bytes(authenticator.sign(text))}});
  }
  Outcome<Credential> verify(const std::string& object) const {
    return verify_registration(
        {.credential_id = id, .client_data_json = client_data, .attestation_object = object},
        {.party = relying_party, .challenge = kChallenge, .rules = rules, .now = kNow});
  }
  Outcome<Credential> verify() const { return verify(attestation_object()); }
};

/// The step at which a registration fails that was changed so; "" where it succeeds.
std::string failing(const std::function<void(Registration&)>& change) {
  Registration registration;
  change(registration);
  const auto outcome = registration.verify();
  return outcome ? "" : std::string(to_string(outcome.error().step));
}

TEST(Registration, GivesTheCredential) {
  Registration registration;
  registration.authenticator.flags = 0x1D;
  const auto credential = registration.verify();
  ASSERT_TRUE(credential) << credential.error().message;
  EXPECT_EQ(credential->id, "a credential's id");
  EXPECT_EQ(credential->public_key, registration.authenticator.cose_key());
  EXPECT_EQ(credential->sign_count, 7U);
  EXPECT_TRUE(credential->was_user_verified && credential->is_backup_eligible &&
              credential->is_backed_up);
  EXPECT_EQ(to_string(credential->aaguid), "61206d6f-6465-6c27-7320-6e616d652121");
  EXPECT_EQ(credential->attestation, AttestationType::kNone);
  EXPECT_FALSE(credential->is_attestation_trusted);
}

TEST(Registration, ChecksTheClientData) {
  EXPECT_EQ(failing([](auto& r) { r.client_data = client_data("webauthn.get", kChallenge); }),
            "type");
  EXPECT_EQ(failing([](auto& r) { r.client_data = client_data("webauthn.create", "another"); }),
            "challenge");
  EXPECT_EQ(failing([](auto& r) { r.client_data = client_data("webauthn.create", ""); }),
            "challenge");
  for (const char* origin : {"https://example.org.evil.example", "http://example.org",
                             "https://example.org:8443", "https://EXAMPLE.org", "null", ""}) {
    EXPECT_EQ(failing([&](auto& r) {
                r.client_data = client_data("webauthn.create", kChallenge, origin);
              }),
              "origin");
  }
  EXPECT_EQ(failing([](auto& r) {
              r.client_data =
                  client_data("webauthn.create", kChallenge, "https://login.example.org");
            }),
            "");
  EXPECT_EQ(failing([](auto& r) { r.client_data = "[]"; }), "form");
  EXPECT_EQ(failing([](auto& r) { r.client_data += " x"; }), "form");
  EXPECT_EQ(failing([](auto& r) {
              r.client_data = client_data("webauthn.create", kChallenge, "https://example.org",
                                          R"(,"origin":"https://evil.example")");
            }),
            "form");
}

TEST(Registration, ChecksFrames) {
  const auto with = [](std::string_view more, std::vector<std::string> tops) {
    return failing([&](auto& r) {
      r.client_data = client_data("webauthn.create", kChallenge, "https://example.org", more);
      r.relying_party.top_origins = std::move(tops);
    });
  };
  constexpr std::string_view kFramed = R"(,"crossOrigin":true,"topOrigin":"https://ward.example")";
  EXPECT_EQ(with(R"(,"crossOrigin":false)", {}), "");
  EXPECT_EQ(with(R"(,"crossOrigin":true)", {}), "cross_origin");
  EXPECT_EQ(with(kFramed, {}), "cross_origin");
  EXPECT_EQ(with(kFramed, {"https://other.example"}), "top_origin");
  EXPECT_EQ(with(kFramed, {"https://ward.example"}), "");
  EXPECT_EQ(with(R"(,"topOrigin":"https://ward.example")", {"https://ward.example"}), "top_origin");
  EXPECT_EQ(with(R"(,"crossOrigin":"true")", {}), "form");
  EXPECT_EQ(with(R"(,"crossOrigin":true,"topOrigin":1)", {"https://ward.example"}), "form");
}

TEST(Registration, ChecksTheAuthenticatorsData) {
  EXPECT_EQ(failing([](auto& r) { r.authenticator.rp_id = "evil.example"; }), "rp_id_hash");
  EXPECT_EQ(failing([](auto& r) { r.authenticator.flags = 0x04; }), "user_present");
  EXPECT_EQ(failing([](auto& r) { r.authenticator.flags = 0x01; }), "user_verified");
  EXPECT_EQ(failing([](auto& r) {
              r.authenticator.flags = 0x01;
              r.rules.demands_user_verification = false;
            }),
            "");
  EXPECT_EQ(failing([](auto& r) { r.authenticator.flags = 0x15; }), "backup_flags");
  EXPECT_EQ(failing([](auto& r) { r.authenticator.flags = 0x0D; }), "");
  EXPECT_EQ(failing([](auto& r) { r.id = "another id"; }), "credential_id");
  EXPECT_EQ(failing([](auto& r) {
              r.authenticator.credential_id = std::string(kMaxCredentialIdBytes + 1, 'x');
              r.id = r.authenticator.credential_id;
            }),
            "form");
  EXPECT_EQ(failing([](auto& r) { r.authenticator.after = "x"; }), "form");
  // Extensions are read; their flag and they go together.
  EXPECT_EQ(failing([](auto& r) {
              r.authenticator.flags = 0x85;
              r.authenticator.after = cbor_map({{cbor_text("credProtect"), cbor_integer(2)}});
            }),
            "");
  EXPECT_EQ(failing([](auto& r) { r.authenticator.flags = 0x85; }), "form");
  EXPECT_EQ(failing([](auto& r) {
              r.authenticator.flags = 0x85;
              r.authenticator.after = cbor_integer(1);
            }),
            "form");
}

TEST(Registration, TakesTheAlgorithmsItIsTold) {
  const auto outcome = [](crypto::KeyType type, SignatureAlgorithm algorithm) {
    Registration registration;
    registration.authenticator = TestAuthenticator(type, algorithm);
    const auto verified = registration.verify();
    return verified ? "" : std::string(to_string(verified.error().step));
  };
  EXPECT_EQ(outcome(crypto::KeyType::kP384, SignatureAlgorithm::kEs384), "");
  EXPECT_EQ(outcome(crypto::KeyType::kRsa, SignatureAlgorithm::kRs256), "");
  EXPECT_EQ(outcome(crypto::KeyType::kEd25519, SignatureAlgorithm::kEdDsa), "");
  EXPECT_EQ(outcome(crypto::KeyType::kP521, SignatureAlgorithm::kEs512), "algorithm");
  // A key of another curve than its algorithm's.
  EXPECT_EQ(outcome(crypto::KeyType::kP384, SignatureAlgorithm::kEs256), "algorithm");
}

TEST(Registration, ChecksTheAttestation) {
  EXPECT_EQ(failing([](auto& r) { r.format = "android-safetynet"; }), "attestation_format");
  EXPECT_EQ(failing([](auto& r) { r.statement = cbor_map({{cbor_text("x"), cbor_integer(1)}}); }),
            "attestation");
  EXPECT_EQ(failing([](auto& r) { r.attest_itself(); }), "");
  EXPECT_EQ(failing([](auto& r) {
              r.attest_itself();
              r.authenticator.sign_count = 8;
            }),
            "attestation");
  EXPECT_EQ(failing([](auto& r) { r.attest_itself(SignatureAlgorithm::kEs384); }), "attestation");
  EXPECT_EQ(failing([](auto& r) {
              r.attest_itself();
              r.rules.demands_trust = true;
            }),
            "trust");
  EXPECT_EQ(failing([](auto& r) { r.rules.demands_trust = true; }), "trust");
  EXPECT_EQ(failing([](auto& r) { r.rules.aaguids = {Aaguid{1}}; }), "aaguid");
  // A model is believed on trusted attestation alone.
  Aaguid aaguid;
  std::ranges::copy(std::string_view("a model's name!!"), aaguid.begin());
  EXPECT_EQ(failing([&](auto& r) { r.rules.aaguids = {aaguid}; }), "trust");
}

TEST(Registration, ReadsAWholeAttestationObjectOnly) {
  const Registration registration;
  const std::string whole = registration.attestation_object();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(registration.verify(whole.substr(0, size)).error().step, Step::kForm) << size;
  }
  EXPECT_EQ(registration.verify(whole + 'x').error().step, Step::kForm);
  EXPECT_EQ(registration.verify(cbor_map({})).error().step, Step::kForm);
  const std::string assertion_data = registration.authenticator.authenticator_data(false);
  EXPECT_EQ(registration
                .verify(cbor_map({{cbor_text("fmt"), cbor_text("none")},
                                  {cbor_text("attStmt"), cbor_map({})},
                                  {cbor_text("authData"), cbor_bytes(assertion_data)}}))
                .error()
                .step,
            Step::kForm);
}

TEST(CoseKey, HasItsOwnParametersOnly) {
  TestAuthenticator authenticator;
  const auto verdict = [](const std::string& bytes) {
    const auto key = codec::parse_cbor(bytes);
    return key && read_cose_key(*key);
  };
  const std::string key = authenticator.cose_key();
  EXPECT_TRUE(verdict(key));
  // One member more: a private part.
  EXPECT_FALSE(verdict("\xA6" + key.substr(1) + cbor_integer(-4) + cbor_bytes("secret")));
  EXPECT_FALSE(verdict(cbor_map({})));
  EXPECT_FALSE(verdict(cbor_text("key")));
  // A compressed point: y is a sign.
  const auto point = authenticator.key().public_key().point();
  EXPECT_FALSE(verdict(cbor_map({{cbor_integer(1), cbor_integer(2)},
                                 {cbor_integer(3), cbor_integer(-7)},
                                 {cbor_integer(-1), cbor_integer(1)},
                                 {cbor_integer(-2), cbor_bytes(point.x)},
                                 {cbor_integer(-3), "\xF5"}})));
}

/// An assertion, whose parts a test may change before it is verified.
struct Login {
  TestAuthenticator authenticator;
  RelyingParty relying_party = party();
  Credential credential = {
      .id = authenticator.credential_id, .public_key = authenticator.cose_key(), .sign_count = 6};
  std::string client_data = webauthn::client_data("webauthn.get", kChallenge);
  std::string id = authenticator.credential_id;
  std::optional<std::string_view> user_handle = "user 1";
  std::string user = "user 1";
  bool is_user_known = false;
  bool demands_user_verification = true;
  CounterRule counter_rule = CounterRule::kRefuse;
  std::optional<std::string> signature;

  Outcome<Assertion> verify() const {
    const std::string data = authenticator.authenticator_data(/*with_credential=*/false);
    const std::string signed_text =
        data + crypto::digest(crypto::HashAlgorithm::kSha256, client_data);
    const std::string made = signature ? *signature : authenticator.sign(signed_text);
    return verify_assertion({.credential_id = id,
                             .client_data_json = client_data,
                             .authenticator_data = data,
                             .signature = made,
                             .user_handle = user_handle},
                            credential,
                            {.party = relying_party,
                             .challenge = kChallenge,
                             .user_handle = user,
                             .is_user_known = is_user_known,
                             .demands_user_verification = demands_user_verification,
                             .counter_rule = counter_rule});
  }
};

std::string failing_login(const std::function<void(Login&)>& change) {
  Login login;
  change(login);
  const auto outcome = login.verify();
  return outcome ? "" : std::string(to_string(outcome.error().step));
}

TEST(Login, TellsWhatIsToBeKept) {
  Login login;
  login.authenticator.flags = 0x1D;
  login.credential.is_backup_eligible = true;
  const auto assertion = login.verify();
  ASSERT_TRUE(assertion) << assertion.error().message;
  EXPECT_TRUE(assertion->user_verified && assertion->is_backed_up);
  EXPECT_FALSE(assertion->did_counter_stall);
  const Credential kept = assertion->applied_to(login.credential);
  EXPECT_EQ(kept.sign_count, 7U);
  EXPECT_TRUE(kept.is_backed_up && kept.was_user_verified);
}

TEST(Login, ChecksWhoseCredentialItIs) {
  EXPECT_EQ(failing_login([](auto& l) { l.id = "another"; }), "credential_id");
  EXPECT_EQ(failing_login([](auto& l) { l.user_handle = "user 2"; }), "user_handle");
  EXPECT_EQ(failing_login([](auto& l) { l.user_handle = std::nullopt; }), "user_handle");
  EXPECT_EQ(failing_login([](auto& l) {
              l.user_handle = std::nullopt;
              l.is_user_known = true;
            }),
            "");
  EXPECT_EQ(failing_login([](auto& l) {
              l.user_handle = "user 2";
              l.is_user_known = true;
            }),
            "user_handle");
}

TEST(Login, ChecksTheClientData) {
  EXPECT_EQ(
      failing_login([](auto& l) { l.client_data = client_data("webauthn.create", kChallenge); }),
      "type");
  EXPECT_EQ(failing_login([](auto& l) { l.client_data = client_data("webauthn.get", "old"); }),
            "challenge");
  EXPECT_EQ(failing_login([](auto& l) {
              l.client_data = client_data("webauthn.get", kChallenge, "https://evil.example");
            }),
            "origin");
  EXPECT_EQ(failing_login([](auto& l) {
              l.client_data = client_data("webauthn.get", kChallenge, "https://example.org",
                                          R"(,"crossOrigin":true)");
            }),
            "cross_origin");
}

TEST(Login, ChecksTheAuthenticatorsData) {
  EXPECT_EQ(failing_login([](auto& l) { l.authenticator.rp_id = "evil.example"; }), "rp_id_hash");
  EXPECT_EQ(failing_login([](auto& l) { l.authenticator.flags = 0x04; }), "user_present");
  EXPECT_EQ(failing_login([](auto& l) { l.authenticator.flags = 0x01; }), "user_verified");
  EXPECT_EQ(failing_login([](auto& l) {
              l.authenticator.flags = 0x01;
              l.demands_user_verification = false;
            }),
            "");
  EXPECT_EQ(failing_login([](auto& l) { l.authenticator.flags = 0x15; }), "backup_flags");
  EXPECT_EQ(failing_login([](auto& l) { l.authenticator.flags = 0x0D; }), "backup_eligibility");
  EXPECT_EQ(failing_login([](auto& l) { l.credential.is_backup_eligible = true; }),
            "backup_eligibility");
  EXPECT_EQ(failing_login([](auto& l) { l.authenticator.after = "x"; }), "form");
}

TEST(Login, ChecksTheSignature) {
  EXPECT_EQ(failing_login([](auto& l) { l.signature = ""; }), "signature");
  EXPECT_EQ(failing_login([](auto& l) { l.signature = l.authenticator.sign("another text"); }),
            "signature");
  EXPECT_EQ(
      failing_login([](auto& l) { l.credential.public_key = TestAuthenticator().cose_key(); }),
      "signature");
  EXPECT_EQ(failing_login([](auto& l) { l.credential.public_key = "damaged"; }), "signature");
}

TEST(Login, ChecksTheCounter) {
  const auto with = [](std::uint32_t kept, std::uint32_t sent) {
    return failing_login([&](auto& l) {
      l.credential.sign_count = kept;
      l.authenticator.sign_count = sent;
    });
  };
  EXPECT_EQ(with(0, 0), "");  // it does not count
  EXPECT_EQ(with(0, 1), "");
  EXPECT_EQ(with(7, 8), "");
  EXPECT_EQ(with(7, 7), "counter");
  EXPECT_EQ(with(7, 6), "counter");
  EXPECT_EQ(with(7, 0), "counter");
  Login login;
  login.credential.sign_count = 9;
  login.counter_rule = CounterRule::kReport;
  const auto assertion = login.verify();
  ASSERT_TRUE(assertion);
  EXPECT_TRUE(assertion->did_counter_stall);
  EXPECT_EQ(assertion->applied_to(login.credential).sign_count, 9U);
}

}  // namespace
}  // namespace wardlock::webauthn
