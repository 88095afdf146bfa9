#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wardlock::oauth {

/// Why a request is refused, in the words of the protocols. Closed: RFC 6749, 4.1.2.1 and 5.2;
/// RFC 6750, 3.1; RFC 7591, 3.2.2; RFC 8628, 3.5; RFC 8693, 2.2.2; RFC 8707, 2; RFC 9449, 5 and 8;
/// OpenID Connect Core, 3.1.2.6.
enum class Fault : std::uint8_t {
  kInvalidRequest,
  kInvalidClient,
  kInvalidGrant,
  kUnauthorizedClient,
  kUnsupportedGrantType,
  kUnsupportedResponseType,
  kInvalidScope,
  kInvalidTarget,
  kAccessDenied,
  kLoginRequired,
  kInteractionRequired,
  kConsentRequired,
  kUnmetAuthenticationRequirements,
  kAuthorizationPending,
  kSlowDown,
  kExpiredToken,
  kInvalidToken,
  kInsufficientScope,
  kInvalidDpopProof,
  kUseDpopNonce,
  kRequestNotSupported,
  kRequestUriNotSupported,
  kInvalidRequestUri,
  kRegistrationNotSupported,
  kInvalidRedirectUri,
  kInvalidClientMetadata,
  kInvalidSoftwareStatement,
  kUnapprovedSoftwareStatement,
  kServerError,
  kTemporarilyUnavailable,
};

/// Its name, e.g. `invalid_grant`.
std::string_view to_string(Fault fault);

/// A refusal, as whoever asked is told of it.
struct Refusal {
  Refusal(Fault what, std::string_view why);
  /// What kept us from answering. Nothing of a fault of ours is told but that there is one.
  Refusal(const Error& error);  // NOLINT(google-explicit-constructor): TRY makes answers of results

  Fault fault;
  /// Printable ASCII without quotes and backslashes (RFC 6749, 5.2); repeats no secret.
  std::string description;
};

template <typename T>
using Answer = std::expected<T, Refusal>;

std::unexpected<Refusal> refuse(Fault fault, std::string_view why);

/// The text as a description may hold it: what else is in it becomes `?`, quotes become `'`.
std::string descriptive(std::string_view text);

}  // namespace wardlock::oauth
