#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "webauthn/credential.h"
#include "webauthn/relying_party.h"
#include "webauthn/verdict.h"

namespace wardlock::webauthn {

/// What the browser sent, decoded. Borrows.
struct AssertionResponse {
  std::string_view credential_id;  ///< `rawId`
  std::string_view client_data_json;
  std::string_view authenticator_data;
  std::string_view signature;
  std::optional<std::string_view> user_handle;
};

/// What to do where a counter of signatures did not go up: the credential may have been copied.
enum class CounterRule : std::uint8_t { kRefuse, kReport };

struct AssertionExpectations {
  const RelyingParty& party;
  std::string_view challenge;  ///< the bytes that we drew; to be used once
  /// Whose credential it must be: its owner's handle. Where nobody has said yet who signs in, the
  /// response must bring it.
  std::string_view user_handle;
  bool is_user_known = false;
  bool demands_user_verification = true;
  CounterRule counter_rule = CounterRule::kRefuse;
};

/// What is now known, and to be kept with the credential.
struct Assertion {
  bool user_verified = false;
  bool is_backed_up = false;
  std::uint32_t sign_count = 0;
  bool did_counter_stall = false;  ///< a sign of a copy; to be put on record

  /// The credential as it is to be kept from now on.
  Credential applied_to(Credential credential) const;
};

/// Verifies the use of a credential (Level 3, 7.2). The caller has found the credential by its id.
/// Thread-safe.
Outcome<Assertion> verify_assertion(const AssertionResponse& response, const Credential& credential,
                                    const AssertionExpectations& expectations);

}  // namespace wardlock::webauthn
