#pragma once

#include <string_view>

#include "authn/oauth/refusal.h"

namespace wardlock::oauth {

// Proof Key for Code Exchange (RFC 7636), S256 alone: who redeems a code is who asked for it.

/// What `plain` would allow is not taken, nor a request without a challenge (OAuth 2.1, 4.1.1).
Answer<void> check_challenge(std::string_view challenge, std::string_view method);

/// Whether the verifier is the challenge's: refused where it is missing, malformed, or another.
Answer<void> check_verifier(std::string_view verifier, std::string_view challenge);

}  // namespace wardlock::oauth
