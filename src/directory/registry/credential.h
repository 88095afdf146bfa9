#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "directory/model/kind.h"

namespace wardlock::directory {

/// What a credential is.
enum class CredentialForm : std::uint8_t {
  kToken,        ///< a secret text that only its holder has; kept as its hash
  kCertificate,  ///< of a client; kept as its fingerprint
};
/// Its name, e.g. `token`.
std::string_view to_string(CredentialForm form);
std::optional<CredentialForm> find_credential_form(std::string_view name);

/// Who may have credentials.
inline constexpr Kinds kCredentialHolders = {Kind::kPerson, Kind::kService, Kind::kAgent,
                                             Kind::kDevice};

/// How long a credential is good where neither its holder nor who issues it says so, and at most.
inline constexpr std::int64_t kUsualCredentialDays = 90;
inline constexpr std::int64_t kMostCredentialDays = 3650;
/// That a holder may have at the same time.
inline constexpr std::size_t kMostCredentials = 20;

/// A credential to be issued. Times are milliseconds since the epoch.
struct NewCredential {
  std::string thing;  ///< whose
  CredentialForm form = CredentialForm::kToken;
  /// `sha256:` and 64 lowercase hex digits: of a token's text, or a certificate's fingerprint.
  std::string hash;
  std::string label = {};                       ///< for people: which of them it is
  std::optional<std::int64_t> expires_ms = {};  ///< nothing: as its holder's `credentialDays` say
};

/// A credential, as it was at one moment. Of a token nothing but its hash is kept anywhere.
struct Credential {
  std::string id;
  std::string tenant;
  std::string thing;
  CredentialForm form = CredentialForm::kToken;
  std::string hash;
  std::string label;
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;
  std::optional<std::int64_t> revoked_ms;
  std::optional<std::int64_t> last_used_ms;  ///< roughly
  std::string issued_by_type;
  std::string issued_by_id;
  std::string reason;

  /// Whether it may be used then, as far as that is its own matter: its holder is to be in force.
  bool is_good_at(std::int64_t time_ms) const { return !revoked_ms && time_ms < expires_ms; }
};

}  // namespace wardlock::directory
