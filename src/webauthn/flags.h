#pragma once

#include "webauthn/authenticator_data.h"
#include "webauthn/relying_party.h"
#include "webauthn/verdict.h"

namespace wardlock::webauthn {

/// What both ceremonies check of the authenticator's data: for whom, who was there, what may be
/// backed up. Private to the room.
Outcome<void> check_flags(const AuthenticatorData& data, const RelyingParty& party,
                          bool demands_user_verification);

}  // namespace wardlock::webauthn
