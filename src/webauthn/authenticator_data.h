#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::webauthn {

/// Names an authenticator's model; all zeros: it does not tell.
using Aaguid = std::array<std::uint8_t, 16>;

/// `01020304-0506-…`, lowercase.
std::string to_string(const Aaguid& aaguid);

/// A credential's id has at most so many bytes (Level 3, 4).
inline constexpr std::size_t kMaxCredentialIdBytes = 1023;

/// What an authenticator says of a credential it made. Borrows.
struct AttestedCredential {
  Aaguid aaguid = {};
  std::string_view id;
  std::string_view public_key;  ///< COSE_Key
};

/// What an authenticator says of itself and of who uses it (Level 3, 6.1). Borrows.
struct AuthenticatorData {
  std::string_view rp_id_hash;
  bool user_present = false;
  bool user_verified = false;
  bool backup_eligible = false;
  bool backed_up = false;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> credential;
};

/// Reads it whole; extensions are read and not kept. What is returned borrows from `bytes`.
Result<AuthenticatorData> read_authenticator_data(std::string_view bytes);

}  // namespace wardlock::webauthn
