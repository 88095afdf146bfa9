#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "authn/federation/provider_settings.h"
#include "base/error.h"
#include "jose/jwt.h"

namespace wardlock::authn {

/// What an ID token is held against, beside its provider's settings.
struct IdTokenExpectations {
  std::string_view nonce;  ///< that was sent
  std::chrono::sys_seconds now;
  /// Its owner must have signed in there since then; nothing: as the provider's `max_age` has it.
  std::optional<std::chrono::sys_seconds> not_before = {};
};

/// Who a provider says that somebody is, and how surely.
struct ForeignIdentity {
  std::string issuer;
  std::string subject;  ///< with the issuer it names an account for ever; nothing else does
  Assurance assurance;  ///< the level by the provider's table; without proofs of our own
};

/// Reads an ID token (OpenID Connect Core 1.0, 3.1.3.7) whose signature, issuer, audience and times
/// `verify_jwt` checks. Errors, kUnauthenticated, say which check failed, and nothing of the token.
/// E-mail addresses and names in it are not looked at: they are no proof of an account.
Result<ForeignIdentity> read_id_token(const jose::UnverifiedJws& token, const jose::KeySet& keys,
                                      const ProviderSettings& provider,
                                      const IdTokenExpectations& expected);

}  // namespace wardlock::authn
