#pragma once

#include <cstdint>
#include <string_view>

#include "webauthn/relying_party.h"
#include "webauthn/verdict.h"

namespace wardlock::webauthn {

enum class Ceremony : std::uint8_t { kRegistration, kAssertion };

/// Checks what the browser says of the page (Level 3, 5.8.1): type, challenge, origin, frames. What
/// it does not know it passes over, as the browsers of tomorrow expect.
Outcome<void> check_client_data(std::string_view json, Ceremony ceremony,
                                std::string_view challenge, const RelyingParty& party);

}  // namespace wardlock::webauthn
