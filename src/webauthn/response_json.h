#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "webauthn/assertion.h"
#include "webauthn/registration.h"
#include "webauthn/verdict.h"

namespace wardlock::webauthn {

/// A browser's answers, read from what `PublicKeyCredential.toJSON()` gave (Level 3, 5.1.7). They
/// own their bytes; `response` borrows from them.
struct ReadRegistration {
  std::string credential_id;
  std::string client_data_json;
  std::string attestation_object;

  RegistrationResponse response() const {
    return {.credential_id = credential_id,
            .client_data_json = client_data_json,
            .attestation_object = attestation_object};
  }
};
struct ReadAssertion {
  std::string credential_id;
  std::string client_data_json;
  std::string authenticator_data;
  std::string signature;
  std::optional<std::string> user_handle;

  AssertionResponse response() const {
    return {.credential_id = credential_id,
            .client_data_json = client_data_json,
            .authenticator_data = authenticator_data,
            .signature = signature,
            .user_handle = user_handle};
  }
};

/// `RegistrationResponseJSON`; at most 64 KiB. Members that are not needed are passed over. Fails
/// in the step `form`.
Outcome<ReadRegistration> read_registration_json(std::string_view json);
/// `AuthenticationResponseJSON`.
Outcome<ReadAssertion> read_assertion_json(std::string_view json);

}  // namespace wardlock::webauthn
