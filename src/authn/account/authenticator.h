#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "authn/failure_count.h"

namespace wardlock::authn {

/// What a person proves with who they are.
enum class AuthenticatorKind : std::uint8_t {
  kPassword,
  kTotp,           ///< an app that makes codes of the time
  kHotp,           ///< a token that makes codes of a counter
  kRecoveryCodes,  ///< a sheet of codes, each good once
  kPasskey,        ///< WebAuthn: passkeys and security keys
  kCertificate,    ///< a certificate that is mapped to the person
  kPin,            ///< unlocks sessions that are locked
  kBadge,          ///< the same
  kDevice,         ///< a registered device to which one-time codes are sent
  kLinkedAccount,  ///< an account at another identity provider
};
inline constexpr std::size_t kAuthenticatorKinds = 10;
/// Its name in rows and events, e.g. `recovery_codes`.
std::string_view to_string(AuthenticatorKind kind);
std::optional<AuthenticatorKind> find_authenticator_kind(std::string_view name);

enum class AuthenticatorState : std::uint8_t {
  kPending,  ///< shown to its owner, who has not shown yet that it works
  kActive,
  kLost,     ///< its owner says so: it counts no more
  kRevoked,  ///< taken away, or replaced
  kExpired,
};
std::string_view to_string(AuthenticatorState state);
std::optional<AuthenticatorState> find_authenticator_state(std::string_view name);

/// An authenticator, as it was at one moment; nothing by which it could be used. Times are
/// milliseconds since the epoch.
struct Authenticator {
  std::string id;  ///< a UUID of version 7
  std::string tenant;
  std::string person;
  AuthenticatorKind kind = AuthenticatorKind::kPassword;
  std::string label;  ///< for its owner: `my phone`
  AuthenticatorState state = AuthenticatorState::kPending;
  std::int64_t made_ms = 0;
  std::optional<std::int64_t> used_ms;
  std::optional<std::int64_t> expires_ms;
  std::optional<std::int64_t> ended_ms;  ///< when it was lost, revoked or expired
  FailureCount failures;                 ///< in a row
  std::uint32_t codes_left = 0;          ///< of recovery codes

  /// Whether it counts then.
  bool is_good_at(std::int64_t time_ms) const {
    return state == AuthenticatorState::kActive && (!expires_ms || time_ms < *expires_ms);
  }
};

/// As the change feed and audit events have it.
std::string to_feed_text(const Authenticator& authenticator);
/// What the feed calls an authenticator.
inline constexpr std::string_view kAuthenticatorEntry = "authenticator";

}  // namespace wardlock::authn
