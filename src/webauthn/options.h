#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "webauthn/registration.h"

namespace wardlock::webauthn {

/// For whom a credential is to be made.
struct NewCredentialUser {
  std::string_view handle;        ///< 1 to 64 bytes that say nothing of the person (14.6.1)
  std::string_view name;          ///< `grey`
  std::string_view display_name;  ///< `Dr. Ada Grey`
};

/// What a browser is asked for a new credential.
struct CreationOptions {
  const RelyingParty& party;
  std::string_view party_name;
  NewCredentialUser user;
  std::string_view challenge;  ///< bytes
  const AuthenticatorRules& rules;
  std::span<const std::string> known_ids;  ///< credentials that they have: no second one beside
  std::chrono::milliseconds timeout = std::chrono::minutes(5);
};

/// `PublicKeyCredentialCreationOptionsJSON` (Level 3, 5.1.8): discoverable, and with attestation
/// where the rules look at it.
std::string creation_options_json(const CreationOptions& options);

/// What a browser is asked for the use of a credential.
struct RequestOptions {
  const RelyingParty& party;
  std::string_view challenge;
  std::span<const std::string> ids;  ///< empty: any of the person's own that is discoverable
  bool demands_user_verification = true;
  std::chrono::milliseconds timeout = std::chrono::minutes(5);
};

/// `PublicKeyCredentialRequestOptionsJSON` (Level 3, 5.1.9).
std::string request_options_json(const RequestOptions& options);

}  // namespace wardlock::webauthn
