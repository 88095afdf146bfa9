#pragma once

#include "api/account/visit.h"

namespace wardlock::account {

// Signing in with a smart card or another certificate, which the browser shows when it connects.

/// GET /sign-in/card
void show_card(Visit& visit);
/// POST /sign-in/card: a card that is seen for the first time is entered among its owner's
/// authenticators.
void take_card(Visit& visit);

}  // namespace wardlock::account
