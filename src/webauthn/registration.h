#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "webauthn/credential.h"
#include "webauthn/relying_party.h"
#include "webauthn/verdict.h"

namespace wardlock::webauthn {

/// Which authenticators may be registered.
struct AuthenticatorRules {
  std::vector<SignatureAlgorithm> algorithms = {
      SignatureAlgorithm::kEs256, SignatureAlgorithm::kEdDsa, SignatureAlgorithm::kEs384,
      SignatureAlgorithm::kRs256};
  bool demands_user_verification = true;
  /// The attestation's certificates must lead to one of the anchors.
  bool demands_trust = false;
  std::vector<x509::Certificate> anchors;
  /// Models that are taken; empty: all. As a model is believed on trusted attestation alone, a list
  /// demands trust as well.
  std::vector<Aaguid> aaguids;
};

/// What the browser sent, decoded. Borrows.
struct RegistrationResponse {
  std::string_view credential_id;  ///< `rawId`
  std::string_view client_data_json;
  std::string_view attestation_object;
};

struct RegistrationExpectations {
  const RelyingParty& party;
  std::string_view challenge;  ///< the bytes that we drew; to be used once
  const AuthenticatorRules& rules;
  std::chrono::sys_seconds now;
};

/// Verifies the making of a credential (Level 3, 7.1). That no other account has its id is for the
/// caller to see to. Thread-safe.
Outcome<Credential> verify_registration(const RegistrationResponse& response,
                                        const RegistrationExpectations& expectations);

}  // namespace wardlock::webauthn
