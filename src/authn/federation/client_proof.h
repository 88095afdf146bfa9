#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "authn/federation/provider_settings.h"
#include "base/secret.h"

namespace wardlock::authn {

// How we prove to a provider that we are its client. Private to this room.

inline constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct ClientProof {
  Secret authorization;   ///< a header's value (RFC 6749, 2.3.1), or empty
  std::string assertion;  ///< a token of ours (RFC 7523, 2.2), or empty
};

/// One of the two; the assertion is for the issuer, good for a minute, and once by its `id`.
ClientProof prove_client(const ProviderSettings& settings, std::string_view id,
                         std::chrono::sys_seconds now);

}  // namespace wardlock::authn
