#pragma once

#include <cstdint>
#include <string>

#include "webauthn/attestation.h"
#include "webauthn/authenticator_data.h"

namespace wardlock::webauthn {

/// What is kept of a credential (Level 3, 4: credential record).
struct Credential {
  std::string id;
  std::string public_key;  ///< COSE_Key
  std::uint32_t sign_count = 0;
  bool was_user_verified = false;   ///< once at least
  bool is_backup_eligible = false;  ///< may be on several devices: not for AAL3 (SP 800-63B-4)
  bool is_backed_up = false;
  Aaguid aaguid = {};
  AttestationType attestation = AttestationType::kNone;
  bool is_attestation_trusted = false;  ///< without it, the AAGUID is the client's bare word

  bool operator==(const Credential&) const = default;
};

}  // namespace wardlock::webauthn
